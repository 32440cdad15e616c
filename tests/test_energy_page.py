"""The tab "What it costs" in Chromium: three widths, light and dark, keyboard only, bad input, links, a file of one's own."""

import re

import pytest
from playwright.sync_api import expect

SIZES = [(1440, False), (1024, True), (390, True)]
REACH = 40  # presses of Tab within which a visitor without a mouse comes to what is looked for


@pytest.fixture
def open_tab(new_page):
    def open_(query="", **settings):
        page = new_page("/?tab=energy" + query, **settings)
        expect(page.locator("#energy-answer .gl-words")).to_be_visible(timeout=30_000)
        return page

    return open_


def words(page):
    return page.locator("#energy-answer .gl-words")


def tab_to(page, selector):
    for _ in range(REACH):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"{selector} is not reached with {REACH} presses of Tab")


@pytest.mark.parametrize(("width", "dark"), SIZES)
def test_all_four_views_fit_every_width(open_tab, width, dark):
    page = open_tab(width=width, dark=dark)
    for view, part in (("A session", "Row by row"), ("Training", "Table 4"), ("Check a claim", "do not add up"), ("A request", "like")):
        page.get_by_role("button", name=view, exact=True).click()
        expect(page.locator("#energy-more")).to_contain_text(part)
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width
        assert page.locator("main.contain").bounding_box()["width"] <= width  # what is cut off does not scroll


def test_a_dot_and_a_number_open_their_source_in_one_click(open_tab):
    page = open_tab("&region=CA-AB")
    dot = page.locator("#energy-dots a.dot[data-id=gemini_median]")
    assert dot.get_attribute("href") == "https://arxiv.org/abs/2508.15734" and dot.get_attribute("target") == "_blank"
    dot.hover()
    expect(page.locator("#energy-dots .src-card")).to_contain_text("Elsworth et al.")
    page.locator("#energy-answer .gl-tiles dd > .gl-number").nth(1).click()   # carbon; the ranges beside are numbers too
    card = page.locator("#energy-answer .src-card").locator("visible=true")
    expect(card).to_contain_text("Electricity Maps")
    expect(card.locator("a[href^=https]").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)


def test_numbers_in_sentences_ranges_notes_and_folded_parts_open_their_source(open_tab):
    page = open_tab("&view=session")
    card = page.locator("#energy-answer .src-card").locator("visible=true")
    words(page).get_by_role("button", name="150 Wh").click()
    expect(card).to_contain_text("given by the user")
    page.locator("#energy-answer .gl-tiles dd > span .gl-number").first.click()   # the range beside the energy
    expect(card).to_have_count(1)
    expect(card.locator("a[href^=https]").first).to_be_visible()
    times = page.locator("#energy-bars .fig-read .gl-number")                     # the flat figure over the sum of the rows
    times.click()
    expect(page.locator("#energy-bars .src-card")).to_contain_text("flat over bottom-up")
    expect(times).to_have_attribute("aria-expanded", "true")
    times.click()
    expect(page.locator("#energy-bars .src-card")).to_be_hidden()
    page.get_by_role("button", name="Check a claim", exact=True).click()
    page.get_by_role("button", name="GPT-3 in the BLOOM paper").click()
    page.locator("#energy-answer tbody tr").first.locator("td").last.get_by_role("button").click()
    expect(card).to_contain_text("Nearest reading")
    page.locator("#energy-more summary").click()
    page.locator("#energy-more details .gl-number").first.click()
    expect(page.locator("#energy-more details .src-card")).to_contain_text("Our own rule")


def test_the_tab_works_without_a_mouse(open_tab):
    page = open_tab()
    tab_to(page, ".gl-views button")
    tab_to(page, "#energy-form input[type=radio]")
    page.keyboard.press("Space")
    expect(page.locator("#energy-answer .gl-guess")).to_contain_text("The video, over 30 times")
    tab_to(page, "#energy-kind")
    page.keyboard.type("one gen")
    expect(words(page)).to_contain_text("generated image")
    tab_to(page, "#energy-answer .gl-number")
    page.keyboard.press("Enter")
    expect(page.locator("#energy-answer .src-card").locator("visible=true")).to_be_visible()
    tab_to(page, "#energy-dots a.dot")
    before = page.evaluate("document.activeElement.dataset.id")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.dataset.id") != before
    tab_to(page, "#energy-regions g.bar")
    page.keyboard.press("Enter")
    expect(page.locator("#energy-regions .src-card")).to_be_visible()


def test_bad_input_is_answered_and_what_was_typed_stays(open_tab):
    page = open_tab("&view=session")
    expect(words(page)).to_contain_text("150 Wh")
    page.fill("#energy-days", "2,5")
    expect(page.locator("#energy-line")).to_contain_text("Not worked out. Days: '2,5' has a comma")
    expect(words(page)).to_contain_text("150 Wh")
    expect(page.locator("#energy-days")).to_have_value("2,5")
    page.fill("#energy-days", "2")
    expect(words(page)).to_contain_text("300 Wh")
    page.fill("#energy-rows", "activity\tcount\n<img src=x onerror=alert(1)>${6*7}\t3")
    expect(page.locator("#energy-line")).to_contain_text("no kind of request '<img src=x")
    expect(words(page)).to_contain_text("300 Wh")


def test_a_csv_of_ones_own_and_the_numbers_taken_home(open_tab):
    page = open_tab("&view=session")
    rows = "activity;count;wh\nvideo;3;\n<b>mine</b>;10;0.5\n"
    page.set_input_files("#energy-form input[type=file]", {"name": "own.csv", "mimeType": "text/csv", "buffer": rows.encode()})
    table = page.locator("#energy-more table").first
    expect(table).to_contain_text("<b>mine</b>")
    with page.expect_download() as download:
        page.click("#energy-home [data-take=take_csv]")
    assert "<b>mine</b>,10" in download.value.path().read_text(encoding="utf-8")
    link = page.locator("#energy-home input").input_value()
    assert "mine" in link and "view=session" in link


def test_a_link_a_claim_of_the_gallery_and_a_kept_answer(open_tab):
    page = open_tab("&view=claim&c_mwh=433&c_grid=57&c_tonnes=25")
    expect(words(page)).to_contain_text("agrees with itself")
    page.get_by_role("button", name="GPT-3 in the BLOOM paper").click()
    expect(page.locator("#energy-c_tonnes")).to_have_value("502")
    expect(words(page)).to_have_class(re.compile("state-bad"))
    expect(page.locator("#energy-answer")).to_contain_text("As printed: GPT-3 in the BLOOM paper")
    page.get_by_role("button", name="Keep this answer").click()
    expect(page.locator("#energy-ledger")).to_contain_text("Kept.")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_serious(open_tab, dark):
    from axe_playwright_python.sync_playwright import Axe

    page = open_tab("&kind=model&region=CA-AB", dark=dark)
    page.locator("#energy-answer .gl-number").first.click()
    found = Axe().run(page, context="#tab-energy, #energy-form, #energy-answer, #energy-dots, #energy-regions, #energy-more").response
    serious = [rule for rule in found["violations"] if rule["impact"] in ("serious", "critical")]
    assert not [(rule["id"], node["target"], node["failureSummary"][:160]) for rule in serious for node in rule["nodes"]]
