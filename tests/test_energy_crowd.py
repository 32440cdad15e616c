"""Thirty visitors of the tab "What it costs", each of whom changes one thing a second: answered within 100 ms."""

import time

import pytest
import serving
from test_crowd import each_at_once, p95
from visitors import Visitor

pytestmark = pytest.mark.alone

CLASS = 30
SECONDS = 4
WITHIN_S = 0.1          # 95th percentile, after each one's first event
FIRST_WITHIN_S = 1.0
CHANGES = ({"kind": "video"}, {"region": "CA-AB"}, {"kind": "model"}, {"view": "session", "people": "30"},
           {"view": "training"}, {"view": "claim", "c_mwh": "433", "c_grid": "57", "c_tonnes": "25"})


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    with serving.served(tmp_path_factory.mktemp("energy-crowd")) as running:
        yield running
        assert running.refused() == []


def change_one_thing_a_second(visitor, number):
    """-> seconds of each answer, the first one too; every answer is this visitor's own."""
    import threading

    took, asked, pace = [], visitor.handler("energy-form", "change"), threading.Event()
    pace.wait(number / CLASS)  # a class does not press in step
    usual = visitor.settings["energy-form"]
    for turn in range(SECONDS + 1):
        visitor.settings["energy-form"] = usual | CHANGES[(number + turn) % len(CHANGES)] | {"n": str(1000 * (number + 1) + turn)}
        began = time.monotonic()
        said = visitor.ask(asked)
        took.append(time.monotonic() - began)
        assert said["energy-line"]["kind"] == "", said["energy-line"]
        if visitor.settings["energy-form"]["view"] == "request":
            assert f"n={1000 * (number + 1) + turn}" in said["energy-home"]["link"]
        pace.wait(max(0.0, 1.0 - took[-1]))
    return took


def seconds_of_a_class(app):
    first = Visitor(app.url)
    visitors = [first, *(first.another() for _ in range(CLASS - 1))]
    for visitor in visitors:
        visitor.arrive()
    app.until_warm()
    return each_at_once(change_one_thing_a_second, visitors)


def test_a_class_of_thirty_is_answered_at_once(app):
    took = seconds_of_a_class(app)
    if p95([s for one in took for s in one[1:]]) > WITHIN_S:  # something else ran: once more, warm
        took = seconds_of_a_class(app)
    assert p95([one[0] for one in took]) <= FIRST_WITHIN_S, sorted(one[0] for one in took)[-5:]
    later = [seconds for one in took for seconds in one[1:]]
    assert len(later) == CLASS * SECONDS
    assert p95(later) <= WITHIN_S, sorted(later)[-10:]
