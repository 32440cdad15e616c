"""The app in Chromium: every size and colour scheme, keyboard only, axe-core, links good and bad, Run and Stop.

Every page here also fails on a script error and on any request beyond this machine (see conftest.new_page).
"""

import re

import pytest
from playwright.sync_api import expect
from serving import until

from demos import find_tabs

TABS = [tab.key for tab in find_tabs() if tab.lab]  # tabs of another kind are tested where they are
SIZES = {"desk": (1440, 900), "tablet": (1024, 768), "phone": (390, 844)}
SERIOUS = ("serious", "critical")
GRADIOS_OWN = {"color-contrast": ('class="token ',)}  # rule: what is in the node; the colours of Gradio's code blocks
FADED = """async () => {  // no colour is between two any more; one that ends may start another
    for (let turn = 0; turn < 20; turn++) {
        const fading = document.getAnimations().filter(one => one instanceof CSSTransition && one.playState !== 'finished');
        if (!fading.length) return;
        fading.forEach(one => one.finish());
        await new Promise(soon => setTimeout(soon, 20));
    }
}"""
REACH = 60  # presses of Tab within which a visitor without a mouse comes to Run


def line(page, tab):
    return page.locator(f"#{tab}-line")


@pytest.fixture
def open_tab(new_page):
    def open_(tab, query="", **settings):
        page = new_page(f"/?tab={tab}{query}", **settings)
        page.locator(f"#{tab}-run").wait_for()
        return page

    return open_


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_the_first_page_opens_at_every_size(new_page, size, dark):
    width, height = SIZES[size]
    page = new_page("/", width, height, dark)
    expect(page.get_by_text("GenLens").first).to_be_visible()
    expect(page.get_by_role("button", name="Run", exact=True).locator("visible=true").first).to_be_enabled()
    shade = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/[\\d.]+/g).slice(0, 3).map(Number)")
    assert (max(shade) < 100) if dark else (min(shade) > 150)


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_every_tab_is_reached_from_the_first_page_and_fits(new_page, size):
    page, (screen, _) = new_page("/", *SIZES[size]), SIZES[size]
    for tab in find_tabs():
        page.get_by_role("tab", name=tab.group, exact=True).click()
        page.get_by_role("tab", name=tab.title, exact=True).click()
        expect(page.locator(f"#{tab.key}-run" if tab.lab else f"#tab-{tab.key} h2").first).to_be_visible()
        widths = page.evaluate("[document.scrollingElement.scrollWidth, innerWidth]")
        assert widths[0] <= widths[1] == screen, f"{tab.key} scrolls sideways"
        for button in ("run", "stop", "reset") if tab.lab else ():
            box = page.locator(f"#{tab.key}-{button}").bounding_box()
            assert 0 <= box["x"] and box["x"] + box["width"] <= screen and box["height"] >= 24, (tab.key, button)


@pytest.mark.parametrize("tab", TABS)
def test_run_and_stop_without_a_mouse(open_tab, tab):
    page = open_tab(tab)
    tab_to(page, f"{tab}-run")
    assert page.evaluate("e => { const s = getComputedStyle(document.activeElement);"
                         "return s.outlineStyle !== 'none' || s.boxShadow !== 'none' }"), "the focus cannot be seen"
    page.keyboard.press("Enter")
    expect(line(page, tab)).to_contain_text(re.compile("Running|Finished"), timeout=30_000)  # the first run imports PyTorch
    tab_to(page, f"{tab}-stop")
    page.keyboard.press("Enter")
    expect(line(page, tab)).to_contain_text(re.compile("Stopped|Finished"))


def tab_to(page, elem_id):
    for _ in range(REACH):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('[id]')?.id") == elem_id:
            return
    raise AssertionError(f"#{elem_id} is not reached with {REACH} presses of Tab")


@pytest.mark.parametrize("tab", TABS)
def test_axe_finds_nothing_serious_beyond_gradios_own(open_tab, tab):
    from axe_playwright_python.sync_playwright import Axe

    page = open_tab(tab)
    for fold in page.locator("button.label-wrap").locator("visible=true").all():
        fold.click()  # what is folded is judged too
    expect(page.locator(f"#{tab}-code pre").first).to_be_visible(timeout=30_000)  # the first to be shown imports what it shows
    for colours, rules in (("light", {}), ("dark", {"runOnly": ["color-contrast"]})):  # nothing but colours changes
        if colours == "dark":
            page.get_by_role("button", name="Use dark colours").click()
            expect(page.locator("body")).to_have_class(re.compile(r"\bdark\b"))
            page.evaluate(FADED)
        found = Axe().run(page, options={"resultTypes": ["violations"], **rules}).response["violations"]
        left = [(rule["id"], node["target"], node["failureSummary"][:200]) for rule in found if rule["impact"] in SERIOUS
                for node in rule["nodes"]
                if not any(own in node["html"] for own in GRADIOS_OWN.get(rule["id"], ()))]
        assert not left, colours


def test_a_link_restores_its_settings(open_tab):
    page = open_tab("plane", "&steps=700&seed=5&model=gan")
    expect(page.locator("#plane-steps input[type=number]")).to_have_value("700")
    expect(page.locator("#plane-seed input")).to_have_value("5")
    expect(page.locator("#plane-model input[type=radio]:checked")).to_have_value("gan")


@pytest.mark.parametrize("query, says", [
    ("?tab=nonsense", "nonsense"),
    ("?tab=plane&steps=-5", "out of range; it goes from"),
    ("?tab=plane&seed=banana", "banana"),
    ("?tab=plane&flavour=sweet", "flavour"),
    ("?tab=<img src=x onerror=alert(1)>", "<img src=x"),
    ("?tab=${6*7}", "${6*7}"),
    ("?tab=`\\u{6*7}`", "u{6*7}`"),
    ("?" + "&".join(f"a{i}=1" for i in range(99)), "settings"),
], ids=["tab", "range", "number", "name", "markup", "code", "escape", "flood"])
def test_a_bad_link_gets_a_sentence_and_the_page_works(new_page, query, says):
    page = new_page("/" + query)
    expect(page.locator("#notice")).to_contain_text(says)
    assert page.locator("#notice img").count() == 0
    expect(page.get_by_role("button", name="Run", exact=True).locator("visible=true").first).to_be_enabled()


def test_an_example_fills_the_settings_and_says_that_run_comes_next(open_tab):
    page = open_tab("diffusion", "&seed=43")
    page.locator("#diffusion-examples button").first.press("Enter")
    expect(page.locator("#diffusion-line")).to_contain_text("press Run")
    expect(page.locator("#diffusion-line")).to_contain_text("recorded run")                # what is shown is still that
    page.locator("#diffusion-run").press("Enter")
    expect(page.locator("#diffusion-line")).to_contain_text("live")
    page.locator("#diffusion-stop").press("Enter")


def test_a_big_model_that_cannot_be_had_leaves_the_pocket_one_chosen(open_tab):
    page = open_tab("text_to_image", "&model=sd15&negative=stripes")
    page.locator("#text_to_image-more summary").click()
    expect(page.locator("#text_to_image-more input[type=radio]:checked").and_(page.locator("[value=sd15]"))).to_have_count(1)
    page.locator("#text_to_image-prompt textarea").press("Enter")
    expect(page.locator("#text_to_image-line")).to_contain_text("Model is set back to Pocket model.")
    expect(page.locator("#text_to_image-line")).to_contain_text("network is switched off")
    expect(page.locator("#text_to_image-more [value=pocket]")).to_be_checked()
    expect(page.locator("#text_to_image-more [data-field=negative] input")).to_have_value("stripes")


def test_a_closed_page_is_forgotten(server, new_page):
    def visits():
        return set(server.house.store.keys())

    before = visits()
    page = new_page("/?tab=plane&seed=41")
    expect(page.locator("#plane-seed input")).to_have_value("41")  # the answer to the page's arrival, with its visit
    (ours,) = visits() - before  # pages of earlier tests may be forgotten meanwhile
    page.close()
    until(lambda: ours not in visits(), 10, "the visit forgotten")
