"""What the house shares, without a browser: finding tabs, the store of visits, the line for heavy work."""

import threading
from dataclasses import dataclass

import pytest

from demos import BrokenTab, find_tabs
from demos._line import Line
from demos._session import MOST_MEMORIES, Store
from genai_core.errors import BadInput

GOOD = "from demos import Tab\ndef build(place): pass\nTAB = Tab({group!r}, {order}, {title!r}, build)\n"


# -- finding tabs -----------------------------------------------------------------------------------------------------

@pytest.fixture
def package(tmp_path, monkeypatch):
    """package(name=source, ...) -> the name of an importable package with these modules."""
    monkeypatch.syspath_prepend(tmp_path)

    def make(label, **modules):
        folder = tmp_path / label
        folder.mkdir()
        (folder / "__init__.py").write_text("")
        for name, source in modules.items():
            (folder / f"{name}.py").write_text(source)
        return label

    return make


def test_tabs_come_by_group_and_order_with_their_module_as_key(package):
    found = find_tabs(package("shelf", zebra=GOOD.format(group="Make", order=1, title="Z"),
                              apple=GOOD.format(group="Learn", order=2, title="A"),
                              berry=GOOD.format(group="Learn", order=1, title="B"), _shared="raise SystemExit"))
    assert [(tab.group, tab.key) for tab in found] == [("Make", "zebra"), ("Learn", "berry"), ("Learn", "apple")]


@pytest.mark.parametrize(("label", "source", "says"), [
    ("no_tab", "x = 1", "has no TAB"),
    ("not_a_tab", "TAB = 'Learn'", "has no TAB"),
    ("broken", "import a_module_that_is_not_there", "cannot be imported: ModuleNotFoundError"),
    ("wrong_group", GOOD.format(group="Play", order=1, title="A"), "Make, Learn, Impact, Decide, got 'Play'"),
    ("long_title", GOOD.format(group="Make", order=1, title="A" * 25), "1 to 24 characters"),
])
def test_a_module_that_is_no_tab_fails_at_start_and_is_named(package, label, source, says):
    with pytest.raises(BrokenTab, match=says) as error:
        find_tabs(package(f"with_{label}", odd=source))
    assert "odd.py" in str(error.value)


@pytest.mark.parametrize(("label", "second"), [("order", ("Learn", 1, "Other")), ("title", ("Learn", 2, "tHe same"))])
def test_two_tabs_with_one_place_fail_at_start_and_both_are_named(package, label, second):
    group, order, title = second
    name = package(f"clash_{label}", one=GOOD.format(group="Learn", order=1, title="The same"),
                   two=GOOD.format(group=group, order=order, title=title))
    with pytest.raises(BrokenTab, match=r"one\.py and .*two\.py"):
        find_tabs(name)


# -- the store --------------------------------------------------------------------------------------------------------

@dataclass
class Clock:
    now: float = 0.0

    def __call__(self):
        return self.now


def test_keys_are_made_here_and_differ():
    store = Store()
    visits = [store.open("same page") for _ in range(50)]
    assert len({v.key for v in visits}) == 50 and all(len(v.key) >= 20 for v in visits)
    assert store.get("guess") is None and store.get(None) is None


def test_the_store_is_bounded_and_the_least_used_visit_goes_first():
    store = Store(most=3)
    first, second, third = (store.open() for _ in range(3))
    store.get(first.key)
    store.open()
    assert len(store) == 3
    assert store.get(second.key) is None and store.get(first.key) is first and store.get(third.key) is third


def test_a_visit_is_forgotten_after_its_last_use():
    clock = Clock()
    store = Store(idle_s=100, clock=clock)
    used, idle = store.open(), store.open()
    clock.now = 80
    store.get(used.key)
    clock.now = 150
    assert store.get(idle.key) is None and store.get(used.key) is used


def test_a_closed_page_is_forgotten_and_its_run_is_told_to_stop():
    store = Store()
    gone, stays = store.open("page 1"), store.open("page 2")
    run = gone.begin("plane")
    store.leave("page 1")
    store.leave("page 1")
    store.leave("never seen")
    assert run.stop.is_set() and store.get(gone.key) is None and store.get(stays.key) is stays


def test_a_visit_dropped_for_room_stops_its_run():
    store = Store(most=1)
    run = store.open().begin("plane")
    store.open()
    assert run.stop.is_set()


def test_one_run_per_lab_and_visit_and_stopping_it_leaves_others_alone():
    store = Store()
    here, there = store.open(), store.open()
    run, other_lab, other_visit = here.begin("plane"), here.begin("gan"), there.begin("plane")
    with pytest.raises(BadInput, match="already running"):
        here.begin("plane")
    assert here.stop("plane") is run and run.stop.is_set()
    assert not other_lab.stop.is_set() and not other_visit.stop.is_set()
    here.end("plane", run)
    assert run.ended.is_set() and here.stop("plane") is None
    assert here.begin("plane") is not run


def test_an_ended_run_cannot_end_the_next_one():
    visit = Store().open()
    old = visit.begin("plane")
    visit.end("plane", old)
    new = visit.begin("plane")
    visit.end("plane", old)
    assert visit.stop("plane") is new


def test_memories_and_tables_are_bounded():
    visit = Store().open()
    for step in range(MOST_MEMORIES + 10):
        visit.memory("plane")[step] = object()
    assert list(visit.memory("plane")) == list(range(10, MOST_MEMORIES + 10))
    for tab in "abcdefgh":
        visit.keep_table(tab, ({"step": 1},))
    assert list(visit.tables) == list("efgh")


def test_many_threads_may_open_and_leave_at_once():
    store = Store(most=20)

    def come_and_go(name):
        for n in range(100):
            visit = store.open(f"{name} {n}")
            visit.memory("plane")["x"] = n
            store.get(visit.key)
            store.leave(f"{name} {n}")

    threads = [threading.Thread(target=come_and_go, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store) == 0


# -- the line ---------------------------------------------------------------------------------------------------------

def places(*tickets):
    return [ticket.place()[0] for ticket in tickets]


def test_the_line_runs_two_and_keeps_the_order_of_the_rest():
    line = Line(slots=2, most=10)
    a, b, c, d, e = (line.join() for _ in range(5))
    assert places(a, b, c, d, e) == [0, 0, 1, 2, 3]
    assert a.wait(0) and b.wait(0) and not c.wait(0)
    b.leave()
    assert places(c, d, e) == [0, 1, 2] and c.wait(0)


def test_who_leaves_while_waiting_moves_the_others_up_and_never_runs():
    line = Line(slots=1, most=10)
    a, b, c = (line.join() for _ in range(3))
    b.leave()
    b.leave()
    assert places(c) == [1]
    a.leave()
    assert c.wait(0) and b.started is None


def test_a_full_line_refuses_with_a_sentence_and_keeps_its_places():
    line = Line(slots=1, most=2)
    _, b, c = (line.join() for _ in range(3))
    with pytest.raises(BadInput, match="2 runs wait already.*Try again in about"):
        line.join()
    assert places(b, c) == [1, 2]


def test_waiting_ends_as_soon_as_the_turn_comes():
    line = Line(slots=1)
    first, second = line.join(), line.join()
    came = []
    waiting = threading.Thread(target=lambda: came.append(second.wait(30)))
    waiting.start()
    first.leave()
    waiting.join(5)
    assert came == [True]


def test_the_estimate_follows_the_running_ones_pace():
    line = Line(slots=1)
    running, waiting, last = line.join(), line.join(), line.join()
    running.started -= 20   # it has worked for 20 s
    running.part = 0.5
    assert waiting.place()[1] == 21 or waiting.place()[1] == 20
    assert last.place()[1] > waiting.place()[1]
    running.part = 0.9
    assert waiting.place()[1] <= 4
    running.part = 0.1      # 180 s more at this pace, but no run may take more than 60 s in all
    assert 39 <= waiting.place()[1] <= 41
