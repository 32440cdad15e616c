"""The first sentence becomes a picture, in Chromium, with the network off (see conftest: nothing beyond the loopback)."""

import re

import pytest
from playwright.sync_api import expect
from serving import until

TAB = "text_to_image"
PROMPT = "a red circle above a blue square on gray"
SLOW = 90_000  # ms, for a machine that is busy with something else


def part(page, name):
    return page.locator(f"#{TAB}-{name}")


def prompt_of(page):
    return part(page, "prompt").locator("textarea, input").first


@pytest.fixture
def lab(new_page):
    def open_(query="", **settings):
        page = new_page(f"/?tab={TAB}{query}", **settings)
        page.set_default_timeout(SLOW)
        part(page, "run").wait_for()
        if steps := re.search(r"steps=(\d+)", query):  # the link has been read
            expect(page.locator(f"#{TAB}-steps input[type=number]")).to_have_value(steps[1], timeout=SLOW)
        return page

    return open_


def test_a_sentence_becomes_a_picture_step_by_step(lab):
    page = lab("&steps=30")
    expect(part(page, "line")).to_contain_text("recorded run", timeout=SLOW)
    part(page, "picture").locator("img").first.wait_for()
    page.evaluate("""() => {
        window.seen = new Set();
        const note = () => { const image = document.querySelector('#text_to_image-picture img'); if (image) seen.add(image.src); };
        new MutationObserver(note).observe(document.querySelector('#text_to_image-picture'),
                                           {subtree: true, childList: true, attributes: true});
    }""")
    prompt_of(page).fill(PROMPT)
    part(page, "run").click()
    expect(part(page, "line")).to_contain_text(re.compile(r"Running: step \d+ of 30"), timeout=SLOW)
    expect(part(page, "line")).to_contain_text("Finished: 30 steps", timeout=SLOW)
    expect(part(page, "line")).to_contain_text("live")
    assert page.evaluate("seen.size") >= 3, "the picture should be seen to appear"
    expect(part(page, "readout")).to_contain_text("A check of the pixels finds")
    expect(part(page, "readout")).to_contain_text("Wh")
    expect(part(page, "strip").locator(".fig-thumbs img")).to_have_count(30)


def test_any_script_and_markup_are_only_words(lab):
    page = lab("&steps=2")
    for steps, (text, told) in enumerate((("ein roter Kreis", "kreis"), ("红色的圆", "红色的圆"), ("a red circle 🎉", "🎉"),
                                          ("<b>a red</b> <script>alert(1)</script>", "alert")), 2):
        prompt_of(page).fill(text)
        expect(part(page, "hint")).to_contain_text(re.compile(f"Not in the training captions: .*{told}"), timeout=SLOW)
        page.locator(f"#{TAB}-steps input[type=number]").fill(str(steps))  # tells this run from the one before
        page.keyboard.press("Tab")
        part(page, "run").click()
        expect(part(page, "line")).to_contain_text(f"Finished: {steps} steps", timeout=SLOW)
        assert part(page, "hint").locator("b, script").count() == 0
        assert prompt_of(page).input_value() == text


def test_the_film_strip_is_scrubbed_by_keyboard(lab):
    page = lab()
    strip = part(page, "strip")
    strip.locator(".fig-thumbs img").first.wait_for()
    expect(strip.locator("output")).to_contain_text("Step 25 of 25")
    last = strip.locator(".fig-pictures img").last.get_attribute("src")
    strip.locator("input[type=range]").focus()
    page.keyboard.press("Home")
    expect(strip.locator("output")).to_contain_text("Step 1 of 25 (timestep 999")
    assert strip.locator(".fig-pictures img").count() == 2
    assert strip.locator(".fig-pictures img").last.get_attribute("src") != last
    expect(strip.get_by_role("img")).to_have_attribute("aria-label", re.compile("Frame 1 of 25"))


def test_stop_ends_a_drawing_and_the_next_one_works(lab):
    page = lab("&steps=100&n=4")
    part(page, "run").click()
    expect(part(page, "line")).to_contain_text(re.compile(r"Running: step \d+ of 100"), timeout=SLOW)
    part(page, "stop").click()
    expect(part(page, "line")).to_contain_text(re.compile(r"Stopped at step \d+ of 100"), timeout=SLOW)
    expect(part(page, "picture").locator("img")).to_have_count(4)
    page.locator(f"#{TAB}-steps input[type=number]").fill("3")
    page.keyboard.press("Tab")
    part(page, "run").click()
    expect(part(page, "line")).to_contain_text("Finished: 3 steps", timeout=SLOW)


def test_a_closed_tab_ends_the_drawing(lab, server):
    page = lab("&steps=100&n=4")
    part(page, "run").click()
    expect(part(page, "line")).to_contain_text(re.compile(r"Running: step \d+ of 100"), timeout=SLOW)
    assert server.house.line.running() == 1
    page.close()
    until(lambda: server.house.line.running() == 0, 5, "the end of the drawing")


def test_words_it_never_read_are_named_before_anything_runs(lab):
    page = lab()
    prompt_of(page).fill("a bleu zebra on gray")
    hint = part(page, "hint")
    expect(hint).to_contain_text("did you mean “blue”?", timeout=SLOW)
    expect(hint).to_contain_text("“zebra”")
    expect(hint).to_contain_text("lavender")
    prompt_of(page).fill("a blue heart on grey")
    expect(hint).not_to_contain_text("zebra", timeout=SLOW)


def test_a_prompt_that_cannot_be_used_gets_a_sentence_and_stays(lab):
    page = lab("&steps=2")
    for typed, says in (("", "it is empty"), ("red " * 2500, "at most 500"), ("🎉 🎉", "no words in it")):
        prompt_of(page).fill(typed)
        part(page, "run").click()
        expect(part(page, "line")).to_contain_text(says, timeout=SLOW)
        assert prompt_of(page).input_value() == typed
    prompt_of(page).fill("<img src=x onerror=alert(1)> a red circle")
    part(page, "run").click()
    expect(part(page, "line")).to_contain_text("Finished: 2 steps", timeout=SLOW)
    assert page.locator("img[src=x]").count() == 0
