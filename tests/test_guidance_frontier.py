"""How hard to steer: the live point is the core's, stands on the recorded curves, and the verdict compares it with the loosest."""

import json

from demos import guidance_frontier as tab
from demos._session import Quantity
from genai_core import recorded
from genai_core.text_to_image import frontier


def test_the_recorded_frontier_has_every_scale_of_every_kind_and_turns():
    rows = recorded.read("guidance_frontier").rows
    assert [(row["kind"], row["scale"]) for row in rows] == [(k, s) for k, scales in frontier.SCALES.items() for s in scales]
    cfg = {row["scale"]: row for row in rows if row["kind"] == "cfg"}
    assert cfg[3.0]["right_share"] > cfg[0.0]["right_share"] and cfg[3.0]["similarity"] > cfg[0.0]["similarity"]
    assert cfg[3.0]["diversity_share"] < cfg[0.0]["diversity_share"]  # what following the words costs
    view = tab.replay(recorded.read("guidance_frontier"))
    drawn = json.loads(view.pictures["frontier"])
    assert [len(panel["lines"]) for panel in drawn["panels"]] == [3, 3] and len(json.loads(view.pictures["strip"])["frames"]) == len(rows)


def test_a_live_point_stands_beside_the_curves_and_is_the_cores():
    lab = tab.LAB
    moments = list(lab.run(**lab.check(lab.defaults() | {"prompts": 1, "scale": 3})))
    assert [moment.step for moment in moments] == list(range(1, frontier.STEPS + 1)) and moments[0].look().numbers == {}
    view = moments[-1].look()
    from genai_core.text_to_image import load

    made = frontier.point(load(), "cfg", 3.0, asked=frontier.asked_for(1))
    assert view.rows == (frontier.row(made),) and view.numbers["right_share"].value == made.right["share"]
    live = json.loads(view.pictures["frontier"])["panels"][0]["lines"][-1]
    assert live["tags"] == ["3"] and live["y"][0] == round(made.similarity, 4)
    assert len(json.loads(view.pictures["strip"])["frames"]) == 1 and f"{made.right['right']} of 4 pictures are right" in view.words


def test_the_verdict_compares_with_the_loosest_point():
    def shown(right, diversity):
        return {name: Quantity.exact(value) for name, value in (
            ("right_share", right), ("right_at_first", 0.2), ("diversity_share", diversity), ("diversity_at_first", 0.1))}

    assert tab.verdict(shown(0.9, 0.05)) == tab.CHOICES[1] and tab.verdict(shown(0.9, 0.099)) == tab.CHOICES[0]
    assert tab.verdict(shown(0.2, 0.05)) == tab.CHOICES[2]
