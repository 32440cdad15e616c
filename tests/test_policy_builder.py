"""The policy builder in Chromium: from a preset to a file and back, by keyboard, with hostile text; and its server functions."""

import json
from datetime import date, timedelta

import pytest
from drafts import NASTY, nasty_draft
from playwright.sync_api import expect
from policy import draft, policy_file, vote
from policy.builder import policy
from policy.rulebook import rulebook

PATIENCE_MS = 20_000   # a busy machine
PAPER, WRONG, STATUS, SIDE = "#pb-paper", "#pb-wrong", "#pb-status", "#policy-desk .pb-side"
ANSWERS = {"draft": {"answers": {"audience": "course"}}}


@pytest.fixture(autouse=True)
def patience():
    expect.set_options(timeout=PATIENCE_MS)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture
def desk(new_page):
    """desk(**settings) -> a page with the builder open."""
    def open_desk(**settings):
        page = new_page("/?tab=policy_builder", **settings)
        expect(page.locator(f"{PAPER} h1")).to_be_visible(timeout=30_000)
        return page

    return open_desk


def choose(page, task, value):
    page.locator(f"[data-task={task}] label[data-value={value}]").click()


def opened(page, text, name="policy.md", field="#pb-open"):
    page.locator(field).set_input_files({"name": name, "mimeType": "text/markdown", "buffer": text.encode()})


def saved(page, kind):
    with page.expect_download() as download:
        page.locator(f"[data-save={kind}]").click()
    return download.value.path().read_bytes()


def look(page, view):
    page.locator(f"#pb-views [data-view={view}]").click()


def test_from_a_preset_to_a_file_opened_changed_and_compared_in_25_interactions(desk):
    page, made = desk(), []

    def act(what, *args):
        made.append(what.__name__)
        return what(*args)

    act(page.locator("[data-preset=ai-planning]").click)
    expect(page.locator(PAPER)).to_contain_text("AI may help you prepare")
    act(page.locator("summary", has_text="Name, contact and dates").click)
    act(page.locator("#pb-q-org_name").fill, "Biology 101")
    act(page.locator("#pb-q-effective_date").fill, "2027-02-01")
    act(choose, page, "draft", "conditional")
    expect(page.locator(PAPER)).to_contain_text("Biology 101 · version 1.0 · from 2027-02-01")
    act(look, page, "findings")
    finding = page.locator("[data-lint=C14]")
    expect(finding.locator(".pb-places li")).to_have_count(2)
    expect(finding).to_contain_text("Drafting text you keep: Allowed with conditions")
    act(finding.locator(".pb-fix").first.click)
    expect(page.locator("[data-lint=C14]")).to_have_count(0)
    first = act(saved, page, "md").decode()
    kept = policy_file.read(first).draft
    assert kept.answers["stance"] == "by_task" and kept.answers["org_name"] == "Biology 101"
    assert policy_file.written(kept) == first, "what the page saves is what Python builds"

    act(page.locator("[data-preset=ai-open]").dispatch_event, "click")
    expect(page.locator(STATUS)).to_contain_text("AI open")
    body, mark, record = first.partition("\n\n<!-- genlens")
    act(opened, page, body.replace("## Review", "We voted on **Friday**.\n\n## Review") + mark + record)
    expect(page.locator(STATUS)).to_contain_text("1 lines were written by hand")
    act(look, page, "policy")
    expect(page.locator(".pb-hand")).to_contain_text("We voted on Friday.")
    expect(page.locator("[data-task=draft] [data-value=conditional] input")).to_be_checked()
    act(choose, page, "draft", "prohibited")
    second = act(saved, page, "md").decode()
    assert policy_file.read(second).draft.answers["tasks"]["draft"] == "prohibited" and "We voted on **Friday**." in second
    act(look, page, "compare")
    act(opened, page, first, "first.md", "#pb-other-file")
    expect(page.locator("#pb-summary")).to_contain_text("2 differences in 2 sections (1 task freer)")
    for kind, start in (("html", b"<!doctype html>"), ("docx", b"PK"), ("pdf", b"%PDF-"), ("json", b"{")):
        assert act(saved, page, kind).startswith(start)
    assert len(made) <= 25, made


def test_nothing_that_is_typed_or_opened_runs_or_leaves_the_page(desk):
    page = desk()
    title, texts = page.title(), "\n".join(NASTY).replace("\0", "")
    opened(page, policy_file.answers_json(nasty_draft(texts[:290])), "nasty.json")
    expect(page.locator(STATUS)).to_contain_text("Opened.")
    page.locator("summary", has_text="Name, contact and dates").click()
    page.locator("#pb-q-owner_name").fill(NASTY[1])
    expect(page.locator(PAPER)).to_contain_text(NASTY[1])
    page.locator("#pb-q-why_text").fill(texts)
    for view in ("findings", "open", "syllabus", "slide", "disclosure", "seen", "policy"):
        look(page, view)
        expect(page.locator(f"#pb-views [data-view={view}]")).to_have_attribute("aria-pressed", "true")
    body, mark, record = policy_file.written(draft.from_preset("ai-open")).partition("\n\n<!-- genlens")
    opened(page, f"{body}\n\n{texts}{mark}{record}")
    expect(page.locator(".pb-hand").first).to_be_visible()
    look(page, "compare")
    opened(page, policy_file.written(nasty_draft(NASTY[0])), "other.md", "#pb-other-file")
    expect(page.locator(".pb-differences")).to_contain_text("<script>")
    look(page, "policy")
    expect(page.locator(PAPER)).to_contain_text("<script>")
    assert page.locator("#policy-desk script, #policy-desk img, #policy-desk iframe").count() == 0
    links = page.locator(f"{PAPER} a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    assert not [link for link in links if not link.startswith(("http", "?"))]
    web = saved(page, "html").decode()
    assert page.title() == title
    other = page.context.new_page()
    other.set_content(web)
    assert other.locator("script, img").count() == 0 and "hit" != other.title()


def test_by_keyboard_alone(desk):
    page = desk()
    page.locator("#pb-audience input:checked").focus()
    for _ in range(80):
        if page.evaluate("document.activeElement.name") == "pb-task-draft":
            break
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "pb-task-draft"
    page.keyboard.press("ArrowRight")                      # from conditions to not allowed
    expect(page.locator("[data-task=draft] [data-value=prohibited] input")).to_be_checked()
    expect(page.locator(PAPER).locator("tr", has_text="Not allowed")).to_contain_text("Drafting text you keep")
    page.locator("#pb-q-stance input[value=no_ai]").focus()
    page.keyboard.press("Space")
    expect(page.locator("#pb-views [data-view=findings]")).to_have_text("Findings (1)")
    page.locator("#pb-views [data-view=findings]").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".pb-fix")).to_be_visible()
    for _ in range(9):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.className") == "pb-link":
            break
    page.keyboard.press("Enter")                           # "Go to the question"
    assert page.evaluate("document.activeElement.closest('.pb-section') !== null")
    page.locator(".pb-fix").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".pb-finding")).to_have_count(0)
    assert page.evaluate("document.activeElement.dataset.view") == "findings", "the focus is not lost"
    page.locator("[data-save=json]").focus()
    with page.expect_download():
        page.keyboard.press("Enter")
    page.locator("#pb-undo").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".pb-finding")).to_have_count(1)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_serious(desk, dark):
    from axe_playwright_python.sync_playwright import Axe

    page = desk(dark=dark, **({"width": 390, "height": 844} if dark else {}))
    for choice in ("stance input[value=no_ai]", "proctoring input[value=emotion]"):
        page.locator(f"#pb-q-{choice}").evaluate("one => one.click()")
    page.evaluate("document.querySelectorAll('.pb-section, .pb-about').forEach(one => { one.open = true; })")
    for view, within in (("findings", "#policy-desk"), ("compare", SIDE)) if dark else (("policy", "#policy-desk"), ("findings", SIDE)):
        look(page, view)  # the second view changes nothing but the side
        if view == "findings":
            expect(page.locator(".pb-finding")).to_have_count(2)
            expect(page.locator("[data-lint=R06] .pb-refs")).to_contain_text("EU AI Act Art. 5(1)(f) applies from 2025-02-02")
        if view == "compare":
            page.select_option("#pb-other", "ai-open")
            expect(page.locator("#pb-summary")).to_be_visible()
        found = Axe().run(page, context=within).response["violations"]
        serious = {one["id"]: [node["target"] for node in one["nodes"]][:3] for one in found if one["impact"] in ("serious", "critical")}
        assert not serious, (view, serious)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_bad_files_and_long_answers_get_a_sentence_and_nothing_is_lost(desk):
    page = desk()
    page.locator("summary", has_text="Name, contact and dates").click()
    page.locator("#pb-q-org_name").fill("Chemistry")
    expect(page.locator(PAPER)).to_contain_text("Chemistry")  # its answer is in, and takes away no later sentence
    for text, said in (("# Ours\n\nNo AI.", "was not made by GenLens"), ("x" * 10_000_000, "10.0 MB"), ("", "is empty"),
                       (policy_file.written(draft.from_preset("ai-open")).replace("policy 1\n", "policy 7\n"), "newer GenLens")):
        opened(page, text)
        expect(page.locator(WRONG)).to_contain_text(said)
    expect(page.locator("#pb-q-org_name")).to_have_value("Chemistry")
    page.locator("#pb-q-org_name").fill("y" * 350)
    expect(page.locator(WRONG)).to_contain_text("350 characters; at most 300 are kept")
    expect(page.locator("#pb-q-org_name")).to_have_value("y" * 350)
    page.locator("#pb-q-org_name").fill("Chemistry")
    expect(page.locator(WRONG)).to_be_hidden()
    expect(page.locator(PAPER)).to_contain_text("Chemistry")
    opened(page, vote.votes_json({"draft": {"not_allowed": 9}}), "votes.json")
    expect(page.locator(STATUS)).to_contain_text("Drafting text you keep: Not allowed (0 allowed, 0 with conditions, 9 not allowed)")
    expect(page.locator("#pb-q-org_name")).to_have_value("Chemistry")


def test_words_by_hand_questions_that_appear_and_a_cited_run(desk, server):
    from demos._session import Quantity, Result

    before = set(server.house.store.keys())
    page = desk()
    visit, = set(server.house.store.keys()) - before
    server.house.store.get(visit).note(Result("plane", "?tab=plane&seed=4", 4, {"clumps": Quantity.exact(5)}, None, "live"))
    look(page, "seen")
    page.get_by_role("button", name="Cite it").click()
    look(page, "policy")
    lab = server.house.places["plane"].tab.label
    expect(page.locator(PAPER)).to_contain_text(f"What we saw: in “{lab}” (live run, seed 4): clumps 5. Repeat the run")
    page.locator("#pb-edit").click()
    area = page.locator("#pb-own")
    area.fill(area.input_value().replace("Your judgement is what we mark.", "We mark *your* judgement."))
    page.get_by_role("button", name="Keep my words").click()
    expect(page.locator(".pb-hand")).to_contain_text("We mark your judgement.")
    page.get_by_role("button", name="Use the builder’s words").click()
    expect(page.locator(".pb-hand")).to_have_count(0)
    page.locator("summary", has_text="Privacy and data").click()
    expect(page.locator("#pb-q-who_pays")).to_be_hidden()
    page.locator("#pb-q-tools_required label", has_text="Yes").click()
    expect(page.locator("#pb-q-who_pays")).to_be_visible()
    page.locator("#groups").get_by_role("tab", name="Learn", exact=True).click()
    expect(page.locator(PAPER)).to_be_hidden()
    page.locator("#groups").get_by_role("tab", name="Decide", exact=True).click()
    expect(page.locator("#pb-q-tools_required input[value=yes]")).to_be_checked()


def test_steps_back_a_reload_and_what_can_be_copied(desk):
    page = desk()
    expect(page.locator("#pb-from")).to_contain_text("“AI with disclosure” is open")
    choose(page, "draft", "prohibited")
    expect(page.locator("#pb-from")).to_have_text("")
    choose(page, "explain", "prohibited")
    page.locator("summary", has_text="Name, contact and dates").click()
    page.locator("#pb-q-org_name").press_sequentially("Biology")
    expect(page.locator(PAPER)).to_contain_text("Biology")
    page.reload()
    expect(page.locator(STATUS)).to_contain_text("What you wrote before is back")
    expect(page.locator(PAPER)).to_contain_text("Biology")
    expect(page.locator("[data-task=draft] [data-value=prohibited] input")).to_be_checked()
    choose(page, "debug", "prohibited")
    page.locator("#pb-undo").click()     # one step, and not all that was done since the page was opened
    expect(page.locator("[data-task=debug] [data-value=conditional] input")).to_be_checked()
    expect(page.locator("[data-task=explain] [data-value=prohibited] input")).to_be_checked()
    page.locator("#pb-meters").get_by_role("button", name="questions").click()
    expect(page.locator("#pb-views [data-view=open]")).to_be_focused()
    look(page, "slide")
    expect(page.locator("#pb-what")).to_have_text("Save the slide as")
    page.locator("#pb-copy").click()
    expect(page.locator(STATUS)).to_contain_text("Copied")
    page.context.grant_permissions(["clipboard-read"])
    assert "AI use in this course" in page.evaluate("navigator.clipboard.readText()")


def test_server_functions_answer_whatever_they_are_given():
    from demos import _policy_desk

    for function in _policy_desk.FUNCTIONS:
        for given in (None, 3, [], {}, {"draft": None}, {"draft": {"answers": {"stance": ["x"]}}}, ANSWERS | {"text": 5, "step": "x"},
                      ANSWERS | {"preset": "nope", "format": "exe", "view": "x", "audience": "all", "text": "{"}):
            answer = function(given)
            assert isinstance(answer, dict) and answer.get("error") != _policy_desk.OOPS, (function.__name__, given, answer)
    json.dumps(_policy_desk.policy_start({}))


def test_old_facts_are_shown_as_such(monkeypatch):
    from demos import _policy_desk

    assert "more than a year ago" not in _policy_desk.policy_start({})["as_of"]

    class Later(date):
        @classmethod
        def today(cls):
            return rulebook().as_of + timedelta(400)

    monkeypatch.setattr(_policy_desk, "date", Later)
    later = _policy_desk.policy_start({})
    assert "more than a year ago" in later["as_of"] and "more than a year ago" in later["legal"]
    assert all(one["sources"] for one in later["presets"])


def test_a_preset_keeps_the_names_that_were_typed():
    from demos import _policy_desk

    mine = draft.from_preset("ai-open").with_answers(org_name="Physics", owner_name="R. Noor")
    after = _policy_desk.policy_preset({"draft": mine.to_dict(), "preset": "ai-free"})["draft"]["answers"]
    assert (after["org_name"], after["owner_name"], after["stance"]) == ("Physics", "R. Noor", "no_ai")
    fresh = _policy_desk.policy_preset({"draft": draft.from_preset("me-maker").to_dict(), "preset": "ai-free"})["draft"]
    assert fresh == draft.from_preset("ai-free").to_dict()


def test_blocks_of_the_page_are_the_policy():
    from demos import _policy_desk

    built = policy(draft.from_preset("dept-two-lane"))
    pieces = _policy_desk.blocks(built)
    assert sum(piece["html"].count("<li>") for piece in pieces) == sum(line.text.lstrip().startswith("- ") for line in built.lines)
    assert pieces[0]["html"].startswith("<h1>") and not any(piece["edited"] for piece in pieces)
