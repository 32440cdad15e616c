"""The checklist in Chromium: fill, take home, open again, change; by keyboard alone; on a phone; and nothing typed ever runs."""

import csv
import io
import json

import pytest
from playwright.sync_api import expect

from policy import checklist_file, frameworks
from policy.checklist import Answer, blank, data_of, sheet_of, standing

HOSTILE = "<img src=x onerror=window.ran=1><script>window.ran=1</script>${window.ran=1}{{7*7}}`--></textarea>"
SHORT = "<img src=x onerror=window.ran=1>"  # for what is kept to 40 characters
LINK = "/?tab=checklist&profile=course"
SERIOUS = ("serious", "critical")


@pytest.fixture
def desk(new_page):
    def open_(link=LINK, **settings):
        page = new_page(link, **settings)
        page.locator("#ck-verdict").wait_for()
        return page

    return open_


def answer(page, id, value, note=""):
    page.locator(f"#ck-{id} input[value={value}]").click()
    if note:
        page.locator(f"#ck-{id}-note").fill(note)


def taken(page, kind):
    with page.expect_download() as download:
        page.click(f"#ck-{kind}")
    return download.value.suggested_filename, download.value.path().read_bytes().decode()


def give(page, text, name="checklist.md"):
    page.locator("#ck-file").set_input_files({"name": name, "mimeType": "text/markdown", "buffer": text.encode()})


def counted(page):
    """What the page says of each stage, as numbers: {title: "1 of 4 shown, 1 set aside"}."""
    rows = page.locator(".ck-stages li").all()
    return {row.locator("button").inner_text(): row.locator(".ck-small").inner_text() for row in rows}


def test_fill_take_home_open_again_change(desk):
    page = desk()
    expect(page.locator("#ck-verdict")).to_have_text("Not ready: 3 of 3 gates are open (S04, P05, U09).")
    page.fill("#ck-project", "Study bot")
    answer(page, "S04", "yes", "docs/laws.md")
    answer(page, "S02", "yes")
    answer(page, "S05", "na", "no marks")
    answer(page, "U09", "no")
    expect(page.locator("#ck-S02-state")).to_contain_text("needs its evidence")
    name, text = taken(page, "markdown")
    assert name == "checklist-study-bot.md"
    sheet = checklist_file.read(text).sheet
    assert sheet.project == "Study bot" and sheet.answers == {
        "S02": Answer("yes"), "S04": Answer("yes", "docs/laws.md"), "S05": Answer("na", "no marks"), "U09": Answer("no")}
    now, said = standing(sheet), counted(page)
    expect(page.locator("#ck-verdict")).to_have_text(checklist_file.verdict(sheet, now))
    for stage in now.stages:
        words = said[frameworks.atlas().stages[stage.stage].title]
        assert words.startswith(f"{stage.shown} of {stage.due} shown") and (f"{stage.aside} set aside" in words) == bool(stage.aside)
    name, table = taken(page, "csv")
    assert name == "checklist-study-bot.csv" and len(list(csv.DictReader(io.StringIO(table, newline="")))) == len(now.gaps) + 2

    page.click("#ck-clear")
    expect(page.locator("#ck-project")).to_have_value("")
    give(page, text.replace("  - Evidence: docs/laws.md", "  - Evidence: docs/laws.md, twice\n\nOur lawyer <b>agreed</b>."))
    expect(page.locator("#ck-project")).to_have_value("Study bot")
    expect(page.locator("#ck-S04-note")).to_have_value("docs/laws.md, twice")
    expect(page.locator(".ck-taken")).to_contain_text("S04: taken from the text")
    expect(page.locator("#ck-S04 .ck-own pre")).to_have_text("Our lawyer &lt;b>agreed&lt;/b>.")
    answer(page, "U09", "yes", "procedure.md")
    expect(page.locator("#ck-verdict")).to_have_text("Not ready: 1 of 3 gates is open (P05).")
    _, again = taken(page, "markdown")
    found = checklist_file.read(again)
    assert found.sheet.answers["U09"] == Answer("yes", "procedure.md") and found.kept == ("S04",) and not found.taken


def test_what_is_missing_names_what_helps_and_leads_to_the_item(desk):
    page = desk()
    page.get_by_role("button", name="What is missing", exact=True).click()
    gaps = page.locator(".ck-gap")
    expect(gaps).to_have_count(23)
    gate = gaps.filter(has_text="No verdict by score")
    expect(gate).to_contain_text("AI-writing detectors")
    expect(gate).to_contain_text("Sold widely, evidence disputed")
    expect(gate).to_contain_text("Limit: Seven detectors wrongly flagged 61%")
    expect(gate).to_contain_text("TEQSA / two lanes Principle 2")
    gate.get_by_role("button", name="Answer U09").click()
    expect(page.locator("#ck-U09 input").first).to_be_focused()


def test_the_map_shows_references_with_the_dates_that_apply(desk):
    page = desk()
    page.get_by_role("button", name="Frameworks map", exact=True).click()
    expect(page.locator(".ck-asof")).to_contain_text("As of 20 November 2026.")
    page.get_by_role("button", name="EU AI Act, Deployment", exact=False).click()
    shown = page.locator(".ck-shown")
    expect(shown).to_contain_text("EU AI Act Art. 50(1)applies from 2026-08-02")
    expect(shown).to_contain_text("2027-12-02 High-risk duties for Annex III systems")
    expect(shown.get_by_role("link").first).to_have_attribute("rel", "noopener noreferrer")


def test_nothing_typed_is_lost_by_profile_reload_another_tab_or_a_bad_file(desk):
    page = desk()
    answer(page, "S04", "yes", "laws.md")
    answer(page, "U09", "yes", "procedure.md")
    page.select_option("#ck-profile", "agent")
    expect(page.locator("#ck-U09")).to_have_count(0)
    page.select_option("#ck-profile", "course")
    expect(page.locator("#ck-U09-note")).to_have_value("procedure.md")
    for text, said in (("# Another", "not made by GenLens"), ("x" * 1_100_000, "at most 1,000,000"), ("x" * 5_000_000, "too large")):
        give(page, text)
        expect(page.locator(".ck-wrong")).to_contain_text(said)
        expect(page.locator("#ck-S04-note")).to_have_value("laws.md")
    page.locator("#ck-S04-note").fill("laws.md, again")
    page.wait_for_function("sessionStorage.getItem('genlens-checklist').includes('again')")
    page.get_by_role("tab", name="Learn", exact=True).click()
    page.get_by_role("tab", name="Decide", exact=True).click()
    expect(page.locator("#ck-S04-note")).to_have_value("laws.md, again")
    page.reload()
    expect(page.locator("#ck-S04-note")).to_have_value("laws.md, again")
    page.click("#ck-clear")
    expect(page.locator("#ck-S04-note")).to_have_value("")
    page.click("#ck-undo")
    expect(page.locator("#ck-S04-note")).to_have_value("laws.md, again")
    page.locator("#ck-S04-note").fill("x" * 4_001)
    page.click("#ck-markdown")
    expect(page.locator(".ck-wrong")).to_contain_text("note on S04 has 4,001 characters")
    assert len(page.locator("#ck-S04-note").input_value()) == 4_001


def test_no_script_runs_and_no_markup_leaks_from_any_field_or_file(desk):
    page = desk()
    page.locator("summary").get_by_text("Description, version and date").click()
    for field, typed in (("project", HOSTILE), ("about", HOSTILE), ("version", SHORT), ("date", SHORT), ("notes", HOSTILE)):
        page.fill(f"#ck-{field}", typed)
    answer(page, "S04", "yes", HOSTILE)
    _, text = taken(page, "markdown")
    found = checklist_file.read(text)
    assert not found.taken and found.sheet.project == found.sheet.about == found.sheet.answers["S04"].note == HOSTILE
    assert found.sheet.version == found.sheet.date == SHORT
    record = json.loads(text[text.rindex("<!-- genlens:checklist 1\n") + 25:text.rindex("-->")])
    stages = [stage.id for stage in frameworks.atlas().stages.values()]
    record["data"]["own"] = dict.fromkeys(["title", "missing", "S02", "M07", HOSTILE[:30], *stages], HOSTILE)
    whole = sheet_of(record["data"])
    give(page, checklist_file.markdown(whole), HOSTILE + ".md")
    expect(page.locator(".ck-own").first).to_be_visible()
    give(page, "<!-- genlens:checklist 1\n{\"data\": {\"profile\": \"<img src=x onerror=window.ran=1>\"}, \"marks\": {}}\n-->")
    expect(page.locator(".ck-wrong")).to_contain_text("There is no profile '<img")
    for view in ("missing", "map", "list"):
        page.click(f"[data-go={view}]")
    assert page.evaluate("window.ran") is None and page.locator("#checklist-desk img, #checklist-desk script").count() == 0
    _, table = taken(page, "csv")
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(table, newline=""))}
    assert rows["S04"]["evidence_or_reason"] == HOSTILE


def tab_to(page, selector, reach=80):
    for _ in range(reach):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"{selector} is not reached with {reach} presses of Tab")


def test_by_keyboard_alone(desk):
    page = desk("/?tab=checklist&profile=personal")
    tab_to(page, "#ck-project")
    page.keyboard.type("Mine")
    tab_to(page, ".ck-gate-go, #ck-T03 input")
    tab_to(page, "#ck-T07 input")
    page.keyboard.press("Space")
    expect(page.locator("#ck-T07 input").first).to_be_checked()
    assert page.evaluate("getComputedStyle(document.activeElement.nextSibling).outlineStyle") == "solid"
    page.keyboard.press("ArrowRight")
    expect(page.locator("#ck-T07 input[value=partly]")).to_be_checked()
    page.keyboard.press("ArrowLeft")
    tab_to(page, "#ck-T07-note")
    page.keyboard.type("sandbox.md")
    expect(page.locator("#ck-verdict")).to_have_text("The gate that applies is passed (T07).")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # why, what helps
    expect(page.locator("#ck-T07 .ck-measures")).to_be_visible()
    for _ in range(80):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.id") == "ck-markdown":
            break
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    sheet = checklist_file.read(download.value.path().read_text(encoding="utf-8")).sheet
    assert sheet.project == "Mine" and standing(sheet).ready


def test_a_phone_never_scrolls_sideways(desk):
    page = desk(width=390, height=844)
    page.locator("#ck-U09 summary").first.click()
    answer(page, "U09", "yes", "x" * 300)
    page.fill("#ck-project", "y" * 190)
    for view in ("missing", "map", "list"):
        page.click(f"[data-go={view}]")
        assert page.evaluate("[document.scrollingElement.scrollWidth, innerWidth]") == [390, 390], view
    for pill in page.locator("#ck-U09 .ck-pills label").all():
        assert pill.bounding_box()["height"] >= 24


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_serious(desk, dark):
    from axe_playwright_python.sync_playwright import Axe

    page = desk(dark=dark)
    answer(page, "S02", "yes")
    answer(page, "S04", "yes", "laws.md")
    page.locator("#ck-applies summary").click()
    page.locator("#ck-U09 summary").first.click()
    give(page, "# none")
    expect(page.locator(".ck-wrong")).to_be_visible()
    for view in ("list", "missing", "map"):
        page.click(f"[data-go={view}]")
        rules = {"runOnly": ["color-contrast"]} if dark else {}  # nothing but colours is another in the dark
        found = Axe().run(page, {"include": [["#checklist-desk"]]}, {"resultTypes": ["violations"], **rules}).response["violations"]
        assert not [(view, rule["id"], node["target"], node["failureSummary"][:160]) for rule in found if rule["impact"] in SERIOUS
                    for node in rule["nodes"]]


def test_a_link_with_a_profile_that_does_not_exist_says_so_and_the_list_opens(new_page):
    page = new_page("/?tab=checklist&profile=<b>x")
    expect(page.locator("#notice")).to_contain_text("<b>x")
    expect(page.locator("#ck-verdict")).to_be_visible()


def test_the_server_answers_nonsense_with_a_sentence():
    from demos._checklist_desk import FUNCTIONS, checklist_open, checklist_start, checklist_take

    for function in FUNCTIONS[1:]:
        for given in (None, [], "x", {}, {"text": 5}, {"kind": "exe"}, {"kind": "csv", "sheet": {"profile": "x"}}, {"text": "\0"}):
            assert set(function(given)) == {"error"}
    assert checklist_take({"kind": "markdown", "sheet": data_of(blank("agent", "../../x"))})["name"] == "checklist-x.md"
    assert checklist_open({"text": checklist_file.markdown(blank("agent"))})["sheet"]["profile"] == "agent"
    told = checklist_start({})
    assert all(source["url"] or "memory" in source["title"] for f in told["frameworks"] for source in f["sources"])
    assert all(f["sources"] and f["dates"] for f in told["frameworks"]) and all(m["sources"] for m in told["mitigations"].values())
