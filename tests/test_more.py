"""What stands under "More" is one form: it takes links and examples, keeps what was typed, and runs like any other control."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from demos._controls import Range, Switch, Text
from demos._lab import Lab
from genai_core.errors import BadInput

MORE, LINK = "#plane-more", "#plane-home input"
NUMBER = f"{MORE} input[type=number]"


def test_the_forms_values_are_checked_like_the_others():
    controls = {"a": Range("A", 1, 5, 2), "b": Range("B", 0, 1, 0.5, 0.1), "c": Switch("C"), "d": Text("D", "x")}
    lab = Lab(controls, None, {}, more=("b", "c", "d"))
    assert lab.check({"a": 3, "more": {"b": "0.3", "c": True, "d": "y"}}) == {"a": 3, "b": 0.3, "c": True, "d": "y"}
    assert lab.check({"a": 3}) == lab.check({"a": 3, "more": None}) == lab.defaults() | {"a": 3}
    for more, says in (({"b": "2"}, "B: '2' is out of range"), ({"b": ""}, "B: '' is no number"), ({"c": "yes"}, "C: 'yes' is neither"),
                       ("b", "More: 'b' is no form")):
        with pytest.raises(BadInput, match=says):
            lab.check({"a": 3, "more": more})
    with pytest.raises(ValueError, match="more"):
        Lab({"more": Range("A", 1, 5, 2)}, None, {})
    for where in ({"a": "b=1"}, {"b": "e=1"}):  # not under More; asks for what is not there
        with pytest.raises(ValueError, match="where"):
            Lab(controls, None, {}, more=("b", "c", "d"), where=where)


def test_a_value_under_more_is_set_by_keys_kept_when_wrong_linked_and_reset(new_page):
    page = new_page("/?tab=plane&steps=100&model=gan&balance=0.5")
    page.locator(f"{MORE} summary").focus()
    page.keyboard.press("Enter")
    number = page.get_by_label("Discriminator's rate, times the generator's", exact=True)
    slider = page.get_by_label("range slider for Discriminator")
    expect(number).to_have_value("0.5")
    expect(slider).to_have_value("0.5")
    slider.press("ArrowRight")
    expect(number).to_have_value("0.75")
    number.fill("9")
    page.click("#plane-run")
    line = page.locator("#plane-line")
    expect(line).to_contain_text("times the generator's: '9' is out of range; it goes from 0.25 to 4", timeout=30_000)
    expect(number).to_have_value("9")
    number.fill("3")
    page.click("#plane-run")
    expect(page.locator("#plane-line")).to_contain_text("Finished", timeout=60_000)
    expect(page.locator(LINK)).to_have_value(re.compile("balance=3"))
    page.get_by_role("tab", name="Impact").click()
    page.get_by_role("tab", name="Learn", exact=True).click()
    expect(page.locator(NUMBER)).to_have_value("3")
    found = Axe().run(page, context=MORE).response["violations"]
    assert not [each["id"] for each in found if each["impact"] in ("serious", "critical")], found
    page.click("#plane-reset")
    expect(page.locator(NUMBER)).to_have_value("2")


def test_an_example_sets_the_controls_in_view_and_the_form(new_page):
    page = new_page("/?tab=collapse&keep=0.3")
    keep = page.locator("#collapse-keep input[type=number]")
    expect(keep).to_have_value("0.3", timeout=30_000)
    page.locator("#collapse-more summary").click()
    expect(keep).to_be_visible()  # it is for another regime, but it is not at its default
    expect(page.locator("#collapse-bias")).to_be_visible()
    expect(page.locator("#collapse-judge")).to_be_hidden()
    page.get_by_role("group", name="Try").get_by_role("button", name="how far after ten").click()
    expect(page.locator("#collapse-generations input[type=number]")).to_have_value("10", timeout=15_000)
    expect(keep).to_have_value("0.5")
    expect(keep).to_be_hidden()
    page.locator("#collapse-model input").first.click()
    page.get_by_role("option", name="Words").click()
    expect(page.locator("#collapse-zipf")).to_be_visible()
    expect(page.locator("#collapse-bias")).to_be_hidden()
    page.locator("#collapse-home").get_by_role("button", name="Copy link").click()
    expect(page.locator("#collapse-home input")).to_have_value(re.compile("generations=10.*seeds=1000.*keep=0.5"))
