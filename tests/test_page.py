"""The page around a lab, in Chromium: links, bad input, what is taken home, colours, widths."""

import csv
import io
import json
import re

import pytest
from gradio_client import Client
from playwright.sync_api import expect

RUN, LINE, READOUT, HOME, STEPS = "#plane-run", "#plane-line", "#plane-readout", "#plane-home", "#plane-steps input[type=number]"


def holding(part):
    """A pattern for a value that contains this part."""
    return re.compile(re.escape(part))


def run_to_the_end(page):
    page.click(RUN)
    expect(page.locator(LINE)).to_contain_text("Finished", timeout=60_000)


def take(page, what):
    with page.expect_download() as download:
        page.click(f"{HOME} [data-take={what}]")
    return download.value.suggested_filename, download.value.path().read_text(encoding="utf-8")


def test_a_link_opens_its_tab_with_its_settings(new_page):
    page = new_page("/?tab=plane&steps=700&seed=5&model=vae")
    expect(page.locator(STEPS)).to_have_value("700")
    expect(page.locator("#plane-seed input")).to_have_value("5")
    expect(page.locator("#plane-model").get_by_label("VAE", exact=True)).to_be_checked()
    expect(page.locator(f"{HOME} input")).to_have_value(holding("steps=700"))
    expect(page.locator("#notice")).to_be_hidden()


def test_a_wrong_link_says_what_is_wrong_and_restores_the_rest(new_page):
    page = new_page("/?tab=plane&steps=700&seed=-1&wings=2")
    expect(page.locator(STEPS)).to_have_value("700")
    expect(page.get_by_role("alert")).to_contain_text("Seed: '-1' cannot be used; give a whole number from 0")
    expect(page.get_by_role("alert")).to_contain_text("'wings', which this tab does not have")


def test_an_unknown_tab_is_named_and_markup_in_a_link_stays_text(new_page):
    page = new_page("/?tab=%3Cimg%20src=x%20onerror=alert(1)%3E")
    expect(page.get_by_role("alert")).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.locator("#notice img").count() == 0


def test_a_bad_value_is_answered_next_to_the_run_and_nothing_typed_is_lost(new_page):
    page = new_page("/?tab=plane&steps=200&model=vae")
    expect(page.locator(STEPS)).to_have_value("200")
    page.locator("#plane-seed input").fill("-5")
    page.click(RUN)
    expect(page.locator(LINE)).to_contain_text("Not run. Seed: '-5' cannot be used", timeout=30_000)
    expect(page.locator(f"{LINE} .gl-badge")).to_have_text("recorded run")   # what the picture still is
    expect(page.locator("#plane-seed input")).to_have_value("-5")
    expect(page.locator(STEPS)).to_have_value("200")
    page.locator("#plane-seed input").fill("5")
    run_to_the_end(page)


def test_a_run_leaves_a_verdict_a_cost_a_total_and_things_to_take_home(new_page):
    page = new_page("/?tab=plane&steps=200&model=vae&seed=4")
    expect(page.locator(STEPS)).to_have_value("200")
    expect(page.locator(LINE)).to_contain_text("recorded run")
    page.locator("#plane-predict").get_by_label("All 8").check()
    run_to_the_end(page)
    readout = page.locator(READOUT)
    for part in ("Your guess: All 8", "The run showed:", "measured", "modelled", " Wh", " gCO2e", "This visit: 1 run, "):
        expect(readout).to_contain_text(part)
    expect(page.locator(f"{LINE} .gl-badge")).to_have_text("live")

    name, text = take(page, "take_csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert name == "genlens-plane.csv" and rows[-1]["update"] == "200"
    name, text = take(page, "take_notebook")
    assert name == "genlens-plane.ipynb" and json.loads(text)["nbformat"] == 4
    page.click(f"{HOME} [data-take=take_link]")
    expect(page.locator(f"{HOME} input")).to_have_value(holding("?tab=plane&model=vae&data=ring&steps=200"))


def test_the_code_that_runs_is_shown_beside_its_formula(new_page):
    page = new_page("/?tab=plane")
    page.locator("#plane-hood button").first.click()
    expect(page.locator("#plane-code")).to_contain_text("def turns")
    expect(page.locator("#plane-code .katex").first).to_be_visible()


def test_reset_brings_back_defaults_and_the_recorded_run(new_page):
    page = new_page("/?tab=plane&steps=200&model=vae")
    expect(page.locator(STEPS)).to_have_value("200")
    run_to_the_end(page)
    page.click("#plane-reset")
    expect(page.locator(STEPS)).to_have_value("3000")
    expect(page.locator(f"{LINE} .gl-badge")).to_have_text("recorded run")


def test_everything_may_be_clicked_twice(new_page):
    page = new_page("/?tab=plane&steps=4000&model=vae")
    expect(page.locator(STEPS)).to_have_value("4000")
    for button in (RUN, RUN):
        page.click(button)
    expect(page.locator(RUN)).to_have_class(re.compile("gl-under-way"))  # it looks as if it could not be pressed now
    for button in ("#plane-stop", "#plane-stop", "#plane-reset", "#plane-reset", "#plane-stop"):
        page.click(button)
    expect(page.locator(f"{LINE} .gl-badge")).to_have_text("recorded run")
    page.locator(STEPS).fill("200")
    page.locator(STEPS).press("Tab")
    run_to_the_end(page)
    expect(page.locator(RUN)).not_to_have_class(re.compile("gl-under-way"))


@pytest.mark.parametrize(("settings", "says"), [
    (dict(steps=10**9), "Updates: '1000000000' is out of range; it goes from "),
    (dict(steps="many"), "Updates: 'many' is no number"),
    (dict(model="bert"), "Model: 'bert' is not there; choose one of both, vae, gan."),
    (dict(guess="a lot"), "Predict: 'a lot' is not there; choose one of All 8, 5 to 7, 4 or fewer, or none."),
    (dict(more={"balance": 99}), "Discriminator's rate, times the generator's: '99' is out of range; it goes from 0.25 to 4."),
    (dict(more="a lot"), "More: 'a lot' is no form"),
    (dict(zone="Atlantis"), "no grid zone 'Atlantis'")])
def test_a_value_out_of_range_through_the_api_is_answered_with_a_sentence(server, settings, says):
    client = Client(server.local_url, verbose=False, ssl_verify=False)
    given = dict(zone="world", guess=None, model="vae", data="ring", steps=200, rate=0.001, earlier="", seed=0, more={})
    assert says in json.dumps(client.predict(*(given | settings).values(), api_name="/plane_run"))


def test_the_colours_chosen_last_are_kept(new_page):
    page = new_page("/?tab=plane")
    page.get_by_role("button", name="Use dark colours").click()
    expect(page.locator("body")).to_have_class(holding("dark"))
    page.reload()
    expect(page.locator("body")).to_have_class(holding("dark"))
    page.get_by_role("button", name="Use light colours").click()
    expect(page.locator("body")).not_to_have_class(holding("dark"))


@pytest.mark.parametrize("width", [390, 1024, 1440])
def test_nothing_is_wider_than_the_screen(new_page, width):
    page = new_page("/?tab=plane", width=width)
    expect(page.locator(RUN)).to_be_visible()
    page.locator("#plane-hood button").first.click()
    expect(page.locator("#plane-code")).to_contain_text("def turns")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
