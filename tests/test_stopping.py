"""Stop, a closed tab, a closed socket end the server's work within a second; a frozen browser is ended by the cap.

A small lab is added to a copy of the house, as anybody would add one. It writes down when it works and when it ends,
so the tests see the server's work itself and not only what the page says about it.
"""

import re
import time

import pytest
import serving
from visitors import Visitor

pytestmark = pytest.mark.alone

CAP_S = 3.0
WITHIN_S = 1.0
PULSE = f'''"""Works in small pieces and writes down when."""

import os
import time

from demos._controls import Range, Seed
from demos._lab import Lab, Moment, View
from demos._page import lab_tab
from demos._session import Quantity


def run(*, beats, seed):
    """One beat is a few milliseconds of work."""
    with open(os.environ["PULSE_LOG"], "a", buffering=1) as log:
        try:
            for beat in range(1, beats + 1):
                total = sum(range(100_000))
                log.write(f"{{seed}} beat {{time.monotonic()}}\\n")
                view = View({{}}, f"Beat {{beat}} of seed {{seed}}. " + "x" * 2000, {{"total": Quantity.exact(total)}})
                yield Moment(beat, beats, lambda view=view: view)
        finally:
            log.write(f"{{seed}} ended {{time.monotonic()}}\\n")


LAB = Lab({{"beats": Range("Beats", 1, 1000000, 1000000), "seed": Seed()}}, run, {{}}, unit="beat", max_seconds={CAP_S})
TAB = lab_tab("Learn", 980, "Pulse", LAB)
'''
PULSE_WORDS = """## Question
When does work end?

## Idea
When nobody wants it any more.

## Controls
- beats: how many
- seed: which
"""


class Pulse:
    """The served copy, and what its lab wrote down."""

    def __init__(self, app, log):
        self.app, self.log = app, log

    def times(self, seed, kind):
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [float(line.split()[2]) for line in lines if line.startswith(f"{seed} {kind} ") and line.count(".")]

    def beating(self, seed):
        serving.until(lambda: len(self.times(seed, "beat")) > 5, 15, f"beats of {seed}")

    def ended(self, seed, within_s=15):
        """When the lab's own generator ended; and that no beat came after."""
        at = serving.until(lambda: self.times(seed, "ended"), within_s, f"the end of {seed}")[0]
        assert max(self.times(seed, "beat")) <= at
        return at


@pytest.fixture(scope="module")
def pulse(tmp_path_factory):
    place = tmp_path_factory.mktemp("pulse")
    tree, log = serving.copy_tree(place), place / "beats.txt"
    (tree / "demos" / "pulse.py").write_text(PULSE)
    (tree / "assets" / "copy" / "pulse.md").write_text(PULSE_WORDS)
    with serving.served(place, tree, PULSE_LOG=str(log)) as app:
        yield Pulse(app, log)
        assert app.refused() == []


@pytest.fixture
def opened(pulse, windows):
    """opened(seed): a page of the lab in a visit of its own, running."""
    pages = []

    def start(seed):
        page = windows.opened(pulse.app.url.rstrip("/"), 1440, 900, dark=False)
        pages.append(page)
        page.goto(f"{pulse.app.url}?tab=pulse&seed={seed}")
        page.wait_for_function(f"document.querySelector('#pulse-seed input')?.value === '{seed}'")
        page.locator("#pulse-run").click()
        pulse.beating(seed)
        return page

    yield start
    for page in pages:
        windows.left(page)


@pytest.mark.parametrize("seed, leave", [
    (1, lambda page: page.locator("#pulse-stop").click()),
    (2, lambda page: page.locator("#pulse-reset").click()),
    (3, lambda page: page.close()),
    (4, lambda page: page.context.close()),
    (5, lambda page: page.reload(wait_until="commit")),
    (6, lambda page: page.goto("about:blank")),
], ids=["Stop", "Reset", "closed tab", "closed browser", "reload", "another page"])
def test_leaving_ends_the_work_within_a_second(pulse, opened, seed, leave):
    page = opened(seed)
    before = time.monotonic()
    leave(page)
    assert pulse.ended(seed) - before < WITHIN_S


def test_after_stop_the_page_says_where_and_runs_again(pulse, opened):
    page = opened(7)
    page.locator("#pulse-stop").click()
    page.locator("#pulse-line").get_by_text(re.compile(r"Stopped at beat [\d,]+ of")).wait_for()
    so_far = len(pulse.times(7, "beat"))
    page.locator("#pulse-run").click()
    serving.until(lambda: len(pulse.times(7, "beat")) > so_far, 10, "beats of the second run")
    page.locator("#pulse-stop").click()
    serving.until(lambda: len(pulse.times(7, "ended")) == 2, 10, "the end of the second run")


def test_a_closed_socket_ends_the_work_within_a_second(pulse):
    visitor = Visitor(pulse.app.url)
    visitor.settings["pulse-seed"] = 8
    stream = visitor.begin(visitor.handler("pulse-run"))
    pulse.beating(8)
    before = time.monotonic()
    stream.close()
    assert pulse.ended(8) - before < WITHIN_S


def test_a_frozen_browser_is_ended_by_the_cap(pulse):
    """The socket stays open and nobody reads it: only the run's own cap can end the work."""
    visitor = Visitor(pulse.app.url)
    visitor.settings["pulse-seed"] = 9
    stream = visitor.begin(visitor.handler("pulse-run"))
    ended = pulse.ended(9, within_s=CAP_S + 10)
    lasted = ended - min(pulse.times(9, "beat"))
    assert CAP_S - 0.5 < lasted < CAP_S + WITHIN_S
    assert stream.socket.fileno() > 0
    stream.close()


def test_no_lab_may_run_longer_than_a_minute():
    from demos._lab import MAX_SECONDS

    assert MAX_SECONDS <= 60


def test_whoever_leaves_the_queue_gives_the_place_back(pulse):
    """Two run, a third waits and leaves, a fourth is then first in the queue and starts when one ends."""
    first = Visitor(pulse.app.url)
    visitors = [first, *(first.another() for _ in range(3))]
    for seed, visitor in enumerate(visitors, 11):
        visitor.settings["pulse-seed"] = seed
    streams = []
    for seed in (11, 12):
        streams.append(visitors[seed - 11].begin(visitors[0].handler("pulse-run")))
        pulse.beating(seed)
    third = visitors[2].begin(visitors[0].handler("pulse-run"))
    assert place_in_queue(third) == 1
    fourth = visitors[3].begin(visitors[0].handler("pulse-run"))
    assert place_in_queue(fourth) == 2
    third.close()
    serving.until(lambda: place_in_queue(fourth) == 1, 10, "the fourth moves up")
    streams[0].close()
    pulse.beating(14)
    assert not pulse.times(13, "beat")
    for stream in (streams[1], fourth):
        stream.close()
    pulse.ended(12), pulse.ended(14)


def place_in_queue(stream, within_s=10) -> int:
    """The place that the lab's own status line names next; words that stay are not sent again."""
    end = time.monotonic() + within_s
    for said in stream:
        if found := re.search(r"Place (\d+) in the queue", str(said.get("pulse-line"))):
            return int(found[1])
        if time.monotonic() > end:
            break
    raise AssertionError(f"no new place in the queue within {within_s} s")
