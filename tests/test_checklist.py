"""The checklist's rules and data: what settles an item, what stays open, what helps, and whose list it covers."""

from dataclasses import replace
from datetime import date

import pytest

from policy import frameworks
from policy.checklist import STATES, Answer, blank, catalogue, data_of, is_due, is_settled, sheet_of, standing, state
from policy.errors import BadInput
from policy.frameworks import as_of_text, atlas, mitigations

EVERYTHING = {"profile": "course", "tags": list(catalogue().tags), "roles": list(catalogue().roles)}
# The lecture of week 13 (file 002), point by point: its aims, its data workflow, why it looks at batches, what it monitors.
LECTURE = {
    "trust and governance": ("S03", "S04", "P05"),
    "mitigation tools": ("T05", "T06", "T07"),
    "legal and policy frameworks": ("S04", "S05", "D02"),
    "collect raw data": ("D01", "D02"),
    "de-identify personal information": ("D04",),
    "training, validation and test": ("D05", "E01"),
    "look at samples": ("D06",),
    "spot bias": ("D06", "E03"),
    "spot artifacts": ("D06",),
    "privacy leaks": ("D04", "E07"),
    "losses": ("T01",),
    "mode collapse": ("E04",),
}
WORDS = {"D04": "personal data", "D05": "validation and test", "E01": "never saw", "D06": "artifacts", "E03": "groups", "E07": "reveal",
         "T01": "loss curves", "E04": "collapsed", "D01": "where it came from", "D02": "right to use"}


def answered(sheet, **answers):
    return replace(sheet, answers=dict(sheet.answers) | {id: Answer(*given) for id, given in answers.items()})


def test_the_list_has_sixty_items_seven_stages_six_gates_six_profiles():
    known = catalogue()
    assert (len(known.items), len(atlas().stages), len(known.profiles)) == (60, 7, 6)
    assert [item.id for item in known.items.values() if item.gate] == ["S04", "D07", "T07", "P05", "P10", "U09"]
    assert {item.stage for item in known.items.values()} == set(atlas().stages)


def test_every_point_of_the_lecture_is_covered_and_its_words_are_in_the_items():
    points = {p["id"]: p for p in catalogue().lecture}
    for said, ids in LECTURE.items():
        covering = [p for p in points.values() if said in p["point"].lower()]
        assert covering and all(set(ids) <= set(p["items"]) for p in covering), said
    assert len(points) == len(LECTURE)
    for id, words in WORDS.items():
        item = catalogue().items[id]
        assert words in f"{item.statement} {item.why} {item.evidence}", id
    assert all(id in catalogue().items for p in points.values() for id in p["items"])


@pytest.mark.parametrize("answer,wanted", [
    (("yes", "link"), "shown"), (("yes", ""), "evidence missing"), (("na", "no pictures"), "aside"), (("na", ""), "reason missing"),
    (("partly", "half"), "partly"), (("no", ""), "no"), (("unsure", "?"), "unsure"), (("", "a remark alone"), "open"), ((), "open")])
def test_only_yes_with_evidence_and_not_applying_with_a_reason_settle(answer, wanted):
    assert state(Answer(*answer)) == wanted and wanted in STATES
    assert is_settled(Answer(*answer)) == (wanted in ("shown", "aside"))


def test_a_gate_is_never_averaged_away():
    sheet = sheet_of(EVERYTHING)
    full = answered(sheet, **{id: ("yes", "x") for id in catalogue().items})
    assert standing(full).ready and not standing(full).gaps
    for gate in standing(full).gates:
        for answer in (("no", "x"), ("unsure", "x"), ("partly", "x"), ("yes", ""), ("na", ""), ("", "")):
            now = standing(answered(full, **{gate: answer}))
            assert not now.ready and now.gates_open == (gate,) and now.gaps[0].item.id == gate


@pytest.mark.parametrize("profile,due,gates", [
    ("student-project", 40, "S04 T07"), ("train-small", 46, "S04 D07 P10"), ("course", 23, "S04 P05 U09"),
    ("company-chatbot", 44, "S04"), ("agent", 39, "S04 T07"), ("personal", 10, "T07")])
def test_a_profile_chooses_what_applies_and_says_which_gates_it_leaves_out(profile, due, gates):
    now = standing(blank(profile))
    assert sum(stage.due for stage in now.stages) == len(now.gaps) == due
    assert now.gates == tuple(gates.split()) and len(now.gates) + len(now.gates_not_due) == 6


def test_counts_add_up_and_many_set_aside_is_said():
    sheet = answered(blank("personal"), U01=("yes", "list"), U02=("na", "no tool"), U04=("na", "none"), U05=("na", "none"), U06=("no", ""))
    use = next(stage for stage in standing(sheet).stages if stage.stage == "use")
    assert (use.due, use.answered, use.shown, use.aside) == (6, 5, 1, 3) and use.many_aside
    assert len([gap for gap in standing(sheet).gaps if gap.item.stage == "use"]) == use.due - use.shown - use.aside


def test_gaps_come_gates_first_then_by_weight():
    keys = [(not gap.item.gate, ("must", "should", "could").index(gap.item.weight)) for gap in standing(sheet_of(EVERYTHING)).gaps]
    assert keys == sorted(keys) and len(keys) == 60


def test_every_gap_names_what_helps_how_much_and_where_it_ends():
    for gap in standing(sheet_of(EVERYTHING)).gaps:
        assert gap.measures and gap.references, gap.item.id
        for measure, strength in gap.measures:
            assert strength in frameworks.STRENGTHS, (gap.item.id, measure.id)
            assert measure.limits and measure.fails_when and measure.maturity_text and measure.origins
    weak = [g for g in standing(sheet_of(EVERYTHING)).gaps if g.item.id == "U09"][0].measures[-1]
    assert (weak[0].id, weak[1], weak[0].maturity) == ("detector", "weak", "contested")


def test_everything_shown_has_source_date_and_confidence():
    for framework in atlas().frameworks.values():
        assert framework.origins and framework.dates and framework.confidence in frameworks.CONFIDENCES, framework.id
        assert all(len(d.date) in (4, 7, 10) and date.fromisoformat((d.date + "-01-01")[:10]) for d in framework.dates), framework.id
    assert all(ref.applies for ref in atlas().frameworks["eu-aia"].references)
    claims = {"D05", "D07", "D08", "E08", "U09", "T06", "P10", "U10", "T07", "S04"}  # items whose reason states a fact
    assert all(catalogue().items[id].origins for id in claims)
    with pytest.raises(ValueError, match="no source"):
        frameworks.origins({"sources": []}, {}, date.today(), "a fact")
    with pytest.raises(ValueError, match="does not list"):
        frameworks.origins({"sources": ["x"]}, {}, date.today(), "a fact")
    with pytest.raises(ValueError, match="needs a title"):
        frameworks.Origin("x", "A page", "", "secondary", "high", date.today())


def test_dates_of_the_amended_act_are_the_amended_ones():
    refs = atlas().references
    assert {refs[f"eu-aia:{r}"].applies for r in ("Annex III(3)", "Art. 14", "Art. 26")} == {"2027-12-02"}
    assert refs["eu-aia:Art. 50(1)"].applies == "2026-08-02" and refs["eu-aia:Art. 5"].applies == "2025-02-02"


def test_facts_older_than_a_year_are_shown_as_such():
    day = catalogue().as_of
    assert as_of_text(day, day) == "As of 20 November 2026."
    assert "more than a year ago" in as_of_text(day, day.replace(year=day.year + 1, month=12))
    assert "more than a year ago" not in as_of_text(day, day.replace(year=day.year + 1))


def test_every_stage_has_references_of_several_frameworks():
    for stage in atlas().stages:
        rows = frameworks.stage_rows(stage)
        assert len({row["framework"] for row in rows}) >= 5 and any(row["why"] for row in rows)


def test_mitigations_say_how_strong_at_best():
    assert mitigations()["detector"].strength(["integrity", "ip"]) == "weak"
    assert mitigations()["dp"].strength(["ip", "data-privacy"]) == "strong" and mitigations()["dp"].strength(["labour"]) == ""


@pytest.mark.parametrize("data,said", [
    ({"profile": "nobody"}, "choose one of student-project"), ({}, "There is no profile"), ([], "an object"),
    ({"profile": ["course"]}, "no profile"),
    ({"profile": "course", "answers": {"S04": {"value": "maybe"}}}, "must be one of yes, partly"),
    ({"profile": "course", "answers": {"S04": "yes"}}, "must be an object"), ({"profile": "course", "answers": 5}, "must be an object"),
    ({"profile": "course", "answers": {"S04": {"value": "yes", "note": 7}}}, "must be text"),
    ({"profile": "course", "answers": {"S04": {"value": "yes", "note": "x" * 5000}}}, "5,000 characters; at most 4,000"),
    ({"profile": "course", "tags": ["any", "moon"]}, "some of any, trains"), ({"profile": "course", "roles": "builder"}, "some of builder"),
    ({"profile": "course", "project": "x" * 300}, "name of the project"), ({"profile": "course", "own": {"S04": 3}}, "must be text")])
def test_bad_data_gets_a_sentence(data, said):
    with pytest.raises(BadInput, match=said):
        sheet_of(data)


def test_an_answer_to_an_item_that_is_not_in_the_list_is_kept_as_text():
    sheet = sheet_of({"profile": "course", "answers": {"Z99": {"value": "yes", "note": "we did"}}})
    assert "Z99: yes we did" in sheet.own["notes"] and "Z99" not in sheet.answers


def test_an_answer_to_an_item_that_is_not_due_is_kept_for_the_day_it_is():
    sheet = answered(blank("personal"), M07=("yes", "drill"))
    assert not is_due(catalogue().items["M07"], sheet)
    agent = sheet_of(data_of(sheet) | {"profile": "agent", "tags": None, "roles": None})
    assert "M07" not in {gap.item.id for gap in standing(agent).gaps} and is_due(catalogue().items["M07"], agent)
