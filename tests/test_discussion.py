"""A board session in Chromium: an instructor's window, the projector, two phones; the tab; keyboard only; injection; axe."""

import csv
import io
import json
import re
import urllib.request

import pytest
from playwright.sync_api import expect

PHONE, DESK = (390, 844), (1440, 900)
HOSTILE = "<img src=x onerror=\"document.title='hit'\"><script>document.title='hit'</script>${document.title='hit'}{{1}}"
SERIOUS = ("serious", "critical")
EXPECTED = re.compile("status of 4|INTERNET_DISCONNECTED")   # a refused code, and the tunnel that a test drives through


@pytest.fixture
def window(server, windows):
    """window(path, size=PHONE) -> a page of its own visitor; fails at the end on errors and calls beyond this machine."""
    pages, errors = [], []
    origin = server.local_url.rstrip("/")
    heard = {"pageerror": lambda error: errors.append(str(error)),
             "console": lambda said: errors.append(said.text) if said.type == "error" and not EXPECTED.search(said.text) else None,
             "request": lambda asked: None if asked.url.startswith((origin, "data:", "blob:", "about:")) else errors.append(asked.url)}

    def open_window(path, size=PHONE, dark=False):
        page = windows.opened(origin, *size, dark)
        page.set_default_timeout(20_000)
        pages.append(page)
        for event, hear in heard.items():
            page.on(event, hear)
        page.goto(origin + path)
        return page

    yield open_window
    for page in pages:
        windows.left(page)
        for event, hear in heard.items():
            page.remove_listener(event, hear)
    assert not errors, errors


class Class:
    """Simulated students beside the real windows, over the same HTTP."""

    def __init__(self, server):
        self.base = server.local_url.rstrip("/") + "/discuss/api/"
        keys = self.send("open", {})
        self.code, self.secret = keys["code"], keys["secret"]

    def send(self, path, what, secret=""):
        asked = urllib.request.Request(self.base + path, json.dumps(what).encode(), {
            "Content-Type": "application/json", "Authorization": f"Bearer {secret}"})
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return json.loads(answer.read())

    def steer(self, **what):
        return self.send("steer", what, self.secret)

    def vote(self, item, round, dots, why=""):
        for n, (intent, impact) in enumerate(dots):
            self.send("vote", {"code": self.code, "token": f"simulated-student-{n:08d}", "ballots": [
                {"item": item, "round": round, "intent": intent, "impact": impact, "why": why}]})


@pytest.fixture
def lesson(server):
    return Class(server)


def dots(page):
    return page.locator("svg.board .board-dot")


def test_a_session_with_an_instructor_a_projector_and_two_phones(server, window, lesson):
    steer, wall = window(f"/discuss/steer#{lesson.secret}", DESK), window(f"/discuss/show/{lesson.code}", DESK)
    expect(wall.locator(".code")).to_have_text(f"{lesson.code[:3]} {lesson.code[3:]}")
    expect(wall.get_by_role("img", name="QR picture")).to_be_visible()
    first, second = window("/discuss/"), window(f"/discuss/{lesson.code}")
    first.get_by_label("Code on the screen").fill(f" {lesson.code[:3].lower()} {lesson.code[3:]}")
    first.get_by_role("button", name="Join").click()
    for phone in (first, second):
        expect(phone.get_by_role("heading", name="You are in")).to_be_visible()
    expect(wall.locator(".lobby")).to_contain_text("2 devices are here")

    steer.get_by_label("Case", exact=True).select_option("in-style")
    steer.get_by_role("button", name="Ask the class").click()
    for page in (first, second, wall):
        expect(page.get_by_role("heading", name="In the style of")).to_be_visible()
    first.get_by_role("button", name="Send").click()
    expect(first.locator("#state")).to_contain_text("Place the case first")
    box = first.locator("svg.board").bounding_box()
    first.locator("svg.board").click(position={"x": box["width"] * .3, "y": box["height"] * .7})
    first.get_by_label("Why?").fill("It is her look.")
    first.get_by_role("button", name="Send").click()
    expect(first.locator("#state")).to_contain_text("Sent.")
    second.locator("#at-Intent").focus()      # the other phone has no finger, only keys
    for key in ("ArrowRight",) * 6 + ("Tab",) + ("ArrowUp",) * 8:
        second.keyboard.press(key)
    expect(second.locator("output").first).to_have_text("rather innocent")
    for key in ("Tab", "Tab", "Enter"):
        second.keyboard.press(key)
    expect(second.locator("#state")).to_contain_text("Sent.")
    expect(wall.locator(".count")).to_contain_text("2 of 2 have voted")
    assert dots(wall).count() == 0

    steer.get_by_role("button", name="Close the vote").click()
    steer.get_by_role("button", name="Show the result").click()
    expect(wall.locator(".said")).to_contain_text("The dots stay hidden below 5")
    expect(first.get_by_role("button", name="The vote is closed")).to_be_disabled()
    steer.get_by_role("button", name="Open the vote again").click()
    expect(first.get_by_role("button", name="The vote is closed")).to_have_count(0)
    lesson.vote("case:in-style", 1, [(-.5, -.5), (-.5, -.6), (-.6, -.5)])
    expect(dots(wall)).to_have_count(5)
    expect(wall.locator(".said")).to_contain_text("5 votes. Half of the class lies between")
    steer.get_by_role("button", name="Show the reasons").click()
    expect(wall.locator(".reasons")).to_contain_text("It is her look.")

    steer.get_by_role("button", name="Twist 1: They pay her").click()
    for phone in (first, second):
        expect(phone.locator(".twist")).to_contain_text("They pay her for a licensed model.")
        expect(phone.locator("svg .board-first")).to_be_visible()
    for phone in (first, second):
        phone.locator("#at-Intent").fill("0.8")
        phone.locator("#at-Impact").fill("0.6")
        phone.get_by_role("button", name="Send").click()
        expect(phone.locator("#state")).to_contain_text("Sent.")
    lesson.vote("case:in-style", 2, [(.5, .5), (.5, .4), (-.6, -.5)])
    steer.get_by_role("button", name="Close the vote").click()
    steer.get_by_role("button", name="Show the result").click()
    expect(wall.locator("svg .board-arrow")).to_have_count(4)   # one of the five stayed where it was
    assert wall.locator("svg .board-authors").count() == 0
    steer.get_by_role("button", name="Show the authors’ view").click()
    steer.set_viewport_size({"width": 1024, "height": 800})  # between the panel and the board the words keep their room
    steer.wait_for_function("() => document.querySelector('.words')?.offsetWidth > 300")
    steer.set_viewport_size({"width": 1440, "height": 900})
    expect(wall.locator("svg .board-authors")).to_be_visible()
    expect(second.locator(".said")).to_contain_text("Of 5 who voted twice, 4 moved")

    steer.locator("#part-room summary").click()
    with steer.expect_download() as download:
        steer.get_by_role("button", name="Votes (CSV)").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text(encoding="utf-8"))))
    assert len(rows) == 10 and {row["round"] for row in rows} == {"1", "2"}


def test_a_phone_that_lost_its_connection_or_reloads_goes_on(server, window, lesson):
    lesson.steer(do="ask", case="club-app")
    phone = window(f"/discuss/{lesson.code}")
    phone.locator("#at-Intent").fill("0.5")
    phone.get_by_label("Why?").fill("typed before the tunnel")
    phone.context.set_offline(True)
    phone.get_by_role("button", name="Send").click()
    expect(phone.locator("#state")).to_contain_text("Not sent yet")
    phone.context.set_offline(False)
    expect(phone.locator("#state")).to_contain_text("Sent.")
    phone.reload()
    expect(phone.get_by_label("Why?")).to_have_value("typed before the tunnel")
    expect(phone.locator("#at-Intent")).to_have_value("0.5")
    assert lesson.steer(do="gate", shown=False)["joined"] == 1   # the same device after the reload


def test_a_wrong_code_and_an_ended_room_are_told_and_nothing_typed_is_lost(window, lesson):
    phone = window("/discuss/")
    phone.get_by_label("Code on the screen").fill("ABCDEF")
    phone.get_by_role("button", name="Join").click()
    expect(phone.locator(".line")).to_contain_text("There is no room ABCDEF.")
    expect(phone.get_by_label("Code on the screen")).to_have_value("ABCDEF")
    phone.get_by_label("Code on the screen").fill(lesson.code)
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("heading", name="You are in")).to_be_visible()
    lesson.send("end", {}, lesson.secret)
    expect(phone.locator(".line")).to_contain_text("has ended")
    expect(window("/discuss/steer#wrong", DESK).locator("#panel")).to_contain_text("This is no instructor link")


def test_no_script_of_a_visitor_runs_anywhere(server, window, lesson):
    steer, wall = window(f"/discuss/steer#{lesson.secret}", DESK), window(f"/discuss/show/{lesson.code}", DESK)
    phone = window(f"/discuss/{lesson.code}")
    lesson.steer(do="case", title=HOSTILE[:80], text=HOSTILE, twist=HOSTILE)
    lesson.steer(do="ask", case="own-1")
    lesson.vote("case:own-1", 1, [(0, 0)] * 6, why=HOSTILE[:140])
    lesson.steer(do="gate", shown=True, reasons=True)
    expect(wall.locator(".reasons")).to_contain_text("<img src=x")
    lesson.steer(do="twist", case="own-1", number=2, text=HOSTILE)
    for page in (wall, phone, steer):
        expect(page.locator(".twist").first).to_contain_text("<script>")
    lesson.steer(do="whispers", game=1, first=HOSTILE, chains=1)
    expect(phone.locator("blockquote")).to_contain_text("<script>")
    phone.locator("#whisper").fill(HOSTILE)
    phone.get_by_role("button", name="Pass it on").click()
    expect(phone.locator("#main")).to_contain_text("Passed on.")
    lesson.steer(do="gate", open=False, shown=True)
    expect(wall.locator(".chain")).to_contain_text("{{1}}")
    for page in (wall, phone, steer):
        assert page.title() != "hit" and page.locator("img[src=x]").count() == 0


def test_whispers_are_drawn_also_with_keys_and_a_policy_vote_fills_bars(window, lesson):
    wall, phone = window(f"/discuss/show/{lesson.code}", DESK), window(f"/discuss/{lesson.code}")
    lesson.steer(do="whispers", game=1, form="drawing", first="a house", chains=1)
    sheet = phone.get_by_role("application", name="Sheet to draw on")
    sheet.focus()
    for key in (" ", *["ArrowRight"] * 5, *["ArrowDown"] * 5, " "):
        phone.keyboard.press(key)
    phone.get_by_role("button", name="Pass it on").click()
    expect(phone.locator("#main")).to_contain_text("Passed on.")
    lesson.steer(do="gate", open=False, shown=True)
    expect(wall.get_by_role("img", name="A drawing")).to_be_visible()
    lesson.steer(do="tasks", tasks=["exam", "grammar"])
    phone.get_by_role("group", name="During tests and exams").get_by_label("not allowed").check()
    phone.get_by_role("button", name="Send").click()
    expect(phone.locator("#state")).to_contain_text("Sent.")
    lesson.steer(do="gate", shown=True)
    expect(wall.get_by_role("img", name="0 allowed, 0 with conditions, 1 not allowed")).to_be_visible()


def test_a_guided_session_has_a_timer_and_notes_for_the_instructor_only(window, lesson):
    steer, wall = window(f"/discuss/steer#{lesson.secret}", DESK), window(f"/discuss/show/{lesson.code}", DESK)
    phone = window(f"/discuss/{lesson.code}")
    steer.locator("#part-guide > summary").click()
    steer.get_by_label("Lesson plan").select_option("one-case-20")
    steer.locator("#lesson summary").click()
    steer.get_by_role("button", name=re.compile("Place the case alone and write one line why")).click()
    for page in (wall, phone):
        expect(page.get_by_text("Place the case alone and write one line why.")).to_be_visible()
        expect(page.locator(".timer")).to_have_text(re.compile(r"1:[0-5]\d|2:00"))
    expect(steer.get_by_label("Notes for you only")).to_contain_text("Hold back your own view")
    for page in (wall, phone):
        assert "Hold back your own view" not in page.content()
    steer.get_by_role("button", name="Pause").click()
    expect(steer.get_by_role("button", name="Go on")).to_be_visible()


@pytest.mark.parametrize(("width", "dark"), [(390, True), (1024, False)], ids=["phone-dark", "tablet-light"])
def test_light_pages_fit_and_axe_finds_nothing_serious(window, lesson, width, dark):
    from axe_playwright_python.sync_playwright import Axe

    lesson.steer(do="guide", plan="vibe-45", prompt="vibe", number=1)
    lesson.steer(do="ask", case="clinic-app")
    lesson.vote("case:clinic-app", 1, [(.5, -.5), (.6, -.5), (.5, -.6), (-.5, -.5), (.9, .9), (.5, -.5)], why="a reason")
    lesson.steer(do="gate", shown=True, reasons=True, authors=True)
    for path in ("/discuss/", f"/discuss/{lesson.code}", f"/discuss/show/{lesson.code}", f"/discuss/steer#{lesson.secret}"):
        page = window(path, (width, 800), dark)
        expect(page.get_by_role("heading").first).to_be_visible()
        if "steer" in path:
            for fold in page.locator("#panel > details > summary").all():
                fold.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        found = [(rule["id"], node["target"]) for rule in Axe().run(page).response["violations"] if rule["impact"] in SERIOUS
                 for node in rule["nodes"]]
        assert not found, (path, found)


# -- the tab: one person, no room ---------------------------------------------------------------------------------------------

def test_one_person_places_a_case_with_keys_and_only_then_sees_the_authors_view(new_page):
    page = new_page("/?tab=discuss&case=clinic-app")
    expect(page.get_by_role("heading", name="The clinic booking app")).to_be_visible()
    assert page.locator(".board-authors").count() == 0
    page.get_by_role("button", name="Place it").click()
    expect(page.locator(".gl-place-answer")).to_contain_text("Place the case first")
    page.locator("#discuss-intent").focus()
    for key in ("ArrowRight",) * 14 + ("Tab",) + ("ArrowDown",) * 14 + ("Tab", "Enter"):
        page.keyboard.press(key)
    expect(page.locator(".gl-place-answer")).to_contain_text("Meant well, went badly: clearly innocent, clearly harmful.")
    expect(page.locator(".gl-place-answer")).to_contain_text("As of 20 November 2026")
    expect(page.locator(".board-authors")).to_be_visible()
    page.get_by_role("button", name="Twist: She was told and did nothing.").click()
    expect(page.locator(".board-first")).to_be_visible()
    page.locator("#discuss-intent").fill("-0.5")
    page.get_by_role("button", name="Place it again").click()
    expect(page.locator(".board-arrow")).to_be_visible()


def test_the_tab_opens_a_room_whose_link_steers(new_page):
    page = new_page("/?tab=discuss")
    page.get_by_role("button", name="Open a room").click()
    expect(page.get_by_role("img", name="QR picture")).to_be_visible()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Open the instructor's page").click()
    expect(opened.value.get_by_role("heading", name=re.compile("^Room "))).to_be_visible()


@pytest.mark.parametrize("sent", [None, [], "x", {"sent": {"case": "nope"}}, {"sent": {"case": "fold", "intent": 7, "impact": 0}},
                                  {"sent": {"case": ["a"], "intent": {}, "impact": None, "twist": "x"}}])
def test_a_bad_dot_through_the_api_gets_a_sentence(client, sent):
    answer = client.predict(sent, api_name="/discuss_place")
    value = answer.get("value", answer) if isinstance(answer, dict) else answer
    assert value["answer"]["wrong"].endswith(".") and "authors" not in value["answer"]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_on_the_tab(new_page, dark):
    from axe_playwright_python.sync_playwright import Axe

    page = new_page("/?tab=discuss", dark=dark)
    expect(page.get_by_role("button", name="Open a room")).to_be_visible()
    found = [(rule["id"], node["target"]) for rule in Axe().run(page).response["violations"] if rule["impact"] in SERIOUS
             for node in rule["nodes"]]
    assert not found
