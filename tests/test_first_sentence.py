"""A typed sentence becomes a picture in Chromium, step by step, with every call beyond this machine refused."""

import re

import pytest
from playwright.sync_api import expect

SENTENCE = "a red circle above a blue square on gray"
TAB = "text_to_image"
WATCH = f"""() => {{
  window.seen = [];
  const note = () => {{
    const box = document.querySelector('#{TAB}-picture [role=img]'), shown = box?.querySelector('img, canvas');
    if (shown) seen.push([box.getAttribute('aria-label'), shown.src ?? shown.toDataURL()]);
  }};
  new MutationObserver(note).observe(document.querySelector('#{TAB}-picture'),
    {{subtree: true, childList: true, attributes: true}});
}}"""


@pytest.fixture
def opened(new_page):
    def open_(steps, settings=""):
        page = new_page(f"/?tab={TAB}&steps={steps}{settings}")
        page.locator(f"#{TAB}-run").wait_for()
        expect(page.locator(f"#{TAB}-steps input[type=number]")).to_have_value(str(steps))  # the link has been read
        return page

    return open_


def write(page, text):
    page.locator(f"#{TAB}-prompt textarea, #{TAB}-prompt input").first.fill(text)


def run(page):
    page.evaluate(WATCH)
    page.locator(f"#{TAB}-run").click()


def test_a_sentence_becomes_a_picture_step_by_step(opened):
    page = opened(50)
    write(page, SENTENCE)
    run(page)
    expect(page.locator(f"#{TAB}-line")).to_contain_text("Finished: 50 steps", timeout=90_000)
    seen = page.evaluate("seen")
    steps = [int(found[1]) for label, _ in seen if (found := re.match(r"Step (\d+) of 50", label or ""))]
    assert steps == sorted(steps) and len(set(steps)) >= 3, "the picture appears at once, or out of order"
    assert len({picture for _, picture in seen}) >= 3
    assert "A check of the pixels finds" in seen[-1][0]
    expect(page.locator(f"#{TAB}-strip input[type=range]")).to_have_attribute("max", "49")


def test_stop_ends_a_drawing_and_the_next_one_works(opened):
    page = opened(100, "&n=4")
    write(page, SENTENCE)
    run(page)
    page.wait_for_function("seen.some(([label]) => /^Step/.test(label))", timeout=60_000)
    page.locator(f"#{TAB}-stop").click()
    expect(page.locator(f"#{TAB}-line")).to_contain_text(re.compile(r"Stopped at step \d+ of 100"))
    expect(page.locator(f"#{TAB}-prompt textarea, #{TAB}-prompt input").first).to_have_value(SENTENCE)
    page.locator(f"#{TAB}-steps input[type=number]").fill("5")
    page.locator(f"#{TAB}-steps input[type=number]").press("Tab")
    run(page)
    expect(page.locator(f"#{TAB}-line")).to_contain_text("Finished: 5 steps", timeout=60_000)


def test_words_it_never_read_are_named_before_anything_runs(opened):
    page = opened(20)
    write(page, "a red cirlce and a walrus")
    expect(page.locator(f"#{TAB}-hint")).to_contain_text("“cirlce” (did you mean “circle”?)")
    expect(page.locator(f"#{TAB}-hint")).to_contain_text("walrus")


@pytest.mark.parametrize("text, says", [("", "empty"), ("x" * 10_000, "10,000 characters")])
def test_a_sentence_that_cannot_be_drawn_is_answered_and_kept(opened, text, says):
    page = opened(20)
    write(page, text)
    page.locator(f"#{TAB}-run").click()
    expect(page.locator(f"#{TAB}-line")).to_contain_text(says)
    expect(page.locator(f"#{TAB}-prompt textarea, #{TAB}-prompt input").first).to_have_value(text)


@pytest.mark.parametrize("text", ["ein roter Kreis", "红色的圆", "<b>a red</b> <script>alert(1)</script>"])
def test_any_script_and_markup_are_only_words(opened, text):
    page = opened(3)
    write(page, text)
    expect(page.locator(f"#{TAB}-hint")).to_contain_text("Not in the training captions")
    run(page)
    expect(page.locator(f"#{TAB}-line")).to_contain_text("Finished: 3 steps", timeout=60_000)
    assert page.locator(f"#{TAB}-hint b, #{TAB}-hint script").count() == 0
