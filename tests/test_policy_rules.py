"""The rulebook, the conditions and the linter: every rule on its own examples, through the product's own code."""

import re
from datetime import date, timedelta

import pytest
from policy import answers, draft, lint, rulebook
from policy.conditions import State, grounds, holds
from policy.errors import BadInput

BOOK = rulebook.rulebook()
LINTS = list(BOOK.lints.values())
FACTUAL = re.compile(r"\d|\bEU\b|GDPR|FERPA|POPA|"
                     r"court|studies|one study|trial|banned|high risk|by law|legal duty|disability law", re.IGNORECASE)


def example(lint_, kind):
    """(the draft of a rule's example, the words it pretends to have)."""
    given = dict(lint_.test[kind])
    words = given.pop("_words", None)
    return draft.Draft(answers.checked(given)), words


def found(lint_, kind):
    return [f for f in lint.findings(*example(lint_, kind)) if f.lint.id == lint_.id]


def test_there_are_103_rules_34_tasks_and_16_presets():
    assert (len(LINTS), len(BOOK.tasks), len(BOOK.presets), len(BOOK.sections)) == (103, 34, 16, 18)


@pytest.mark.parametrize("rule", LINTS, ids=lambda rule: rule.id)
def test_a_rule_fires_on_its_bad_example_and_not_on_its_good_one(rule):
    finding, = found(rule, "bad")
    assert not found(rule, "good")
    assert finding.places and all(place.text.strip() for place in finding.places)
    if rule.kind == "contradiction":
        assert len(finding.places) >= 2, "both colliding lines"
    assert finding.fixes or finding.advice
    told = [step for step in rule.fix if set(step) != {"say"}]
    assert bool(told) == bool(finding.fixes), "a step that a program can take is offered where it helps"
    for step in finding.fixes:
        assert not lint.fires(rule, lint.applied(example(rule, "bad")[0], step))


def test_every_fact_that_a_rule_states_has_a_source():
    bare = [rule.id for rule in LINTS if FACTUAL.search(rule.message + " " + rule.why) and not rule.sources]
    assert set(bare) <= {"T08"}, bare    # advice with a number of our own: 30 words
    assert all(preset.sources for preset in BOOK.presets.values())
    assert all(section.sources for section in BOOK.sections.values())
    for source in BOOK.references.values():
        assert source.title and source.confidence in rulebook.CONFIDENCES and (source.url or source.note)


def test_a_source_that_is_missing_stops_the_start():
    tables = [rulebook.read(name) for name in ("policy_sections", "policy_presets", "policy_lints")]
    for table in tables:
        table["source_register"].pop("liang-bias", None)
    with pytest.raises(ValueError, match="liang-bias"):
        rulebook.assemble(*tables)
    tables[2]["source_register"]["liang-bias"] = {"title": "No address", "url": "", "kind": "paper", "confidence": "high"}
    with pytest.raises(ValueError, match="needs a title, an address"):
        rulebook.assemble(*tables)


def test_a_finding_names_where_frameworks_ask_for_it_and_from_when():
    finding, = found(BOOK.lints["R05"], "bad")
    told = {one["title"]: one for one in finding.to_dict()["references"]}
    assert told["EU AI Act Annex III(3)(b)"]["applies"] == "2027-12-02" and told["GDPR Art. 22"]["gloss"]
    assert sum(bool(rule.references) for rule in LINTS) >= 40 and all(section.references for section in BOOK.sections.values())
    tables = [rulebook.read(name) for name in ("policy_sections", "policy_presets", "policy_lints")]
    tables[2]["lints"][0]["refs"] = ["gdpr:Art. 999"]
    with pytest.raises(ValueError, match="Art. 999"):
        rulebook.assemble(*tables)


def test_facts_older_than_a_year_say_so():
    day = BOOK.as_of
    assert rulebook.age_text(day, day + timedelta(365)) == "as of 20 November 2026"
    assert "more than a year ago" in rulebook.age_text(day, day + timedelta(366))
    from policy.builder import policy

    new = draft.from_preset("ai-disclosure").with_answers(jurisdiction=["eu_eea"], effective_date="2027-01-11")
    assert "as of 20 November 2026." in policy(new).markdown
    assert "more than a year ago" in policy(new.with_answers(effective_date="2028-01-11")).markdown


@pytest.mark.parametrize("name", BOOK.presets)
def test_a_preset_has_no_error_or_warning_and_fits_its_audience(name):
    preset = draft.from_preset(name)
    number = lint.count(lint.findings(preset))
    size, words_fit, grade_fits = lint.size(preset)
    assert number["error"] == number["warning"] == 0 and words_fit and grade_fits, (number, size)
    assert answers.still_open(preset.answers, preset.sections) == [] or not any(
        row["required"] for row in answers.still_open(preset.answers, preset.sections))


def test_conditions_as_the_facts_describe_them():
    state = State({"a": "x", "m": ["p"], "n": 4, "d": "2027-01-02", "e": "2027-03-02", "tasks": {"draft": "prohibited"}},
                  lambda rule: rule == "vague", date(2027, 2, 1))
    true = [{"q": "a", "is": "x"}, {"q": "a", "in": ["x", "y"]}, {"q": "m", "has": "p"}, {"q": "m", "lacks": "q"},
            {"q": "zz", "lacks": "q"}, {"q": "zz", "empty": True}, {"q": "n", "gt": 3, "lte": 4}, {"any_task": "prohibited"},
            {"task": "draft", "in": ["prohibited"]}, {"derived": "forbids_all", "is": True}, {"text": "vague"},
            {"derived": "share_prohibited", "gte": 1}, {"date": "d", "before": "e"}, {"date": "d", "before": "today"},
            {"date": "e", "after": "today"}, {"days": ["d", "e"], "gt": 58, "lt": 60}, {"all": []}, {"none": []}]
    false = [{"q": "zz", "is": "x"}, {"q": "zz", "in": ["x"]}, {"q": "n", "gt": 4}, {"any": []}, {"text": "other"},
             {"derived": "allows_any", "is": True}, {"date": "d", "before": "zz"}, {"none": [{"q": "a", "is": "x"}]}]
    assert [c for c in true if not holds(c, state)] == [] and [c for c in false if holds(c, state)] == []
    either = {"any": [{"q": "a", "is": "x"}, {"q": "a", "is": "y"}]}
    assert grounds({"all": [either, {"q": "n", "gt": 3}]}, state) == [{"q": "a", "is": "x"}, {"q": "n", "gt": 3}]
    for wrong in ({"q": "a"}, {"nonsense": 1}, {"derived": "x", "is": 1}):
        with pytest.raises(ValueError):
            holds(wrong, state)


def test_staff_rows_do_not_count_as_use_by_students():
    assert not State({"tasks": {"prep": "permitted"}}).derived("allows_any")
    assert State({"tasks": {"prep": "permitted", "draft": "prohibited", "exam": "na"}}).derived("forbids_all")


def test_a_finding_that_was_set_aside_is_still_shown_last_with_its_reason():
    given = {"answers": {"stance": "no_ai", "tasks": {"draft": "permitted"}}, "dismissed": {"C01": "pilot term"}}
    results = lint.findings(draft.draft(given))
    assert results[-1].lint.id == "C01" and results[-1].dismissed == "pilot term"
    assert lint.count(results)["dismissed"] == 1


def test_a_fix_switches_on_the_section_it_speaks_of():
    start = draft.from_preset("ai-open")
    start = draft.draft(start.to_dict() | {"sections": ["tools", "-roles"]})
    after = lint.applied(start, {"add": {"code_rules": ["read", "tests"]}, "set": {"training_staff": "offered"}})
    assert "code" in after.sections and "-roles" not in after.sections
    assert {"code_rules", "training_staff"} <= set(answers.in_force(after.answers, after.sections))


@pytest.mark.parametrize("given, said", [
    ({"stanse": "open"}, "did you mean 'stance'"), ({"stance": "opn"}, "did you mean 'open'"), ({"why": ["fun"]}, "why cannot be"),
    ({"why": 3}, "takes a list"), ({"effective_date": "11.1.2027"}, "such as 2027-01-11"), ({"keep_days": "soon"}, "whole number"),
    ({"keep_days": 0}, "whole number"), ({"tasks": {"drft": "na"}}, "did you mean 'draft'"), ({"tasks": {"draft": "maybe"}}, "cannot be"),
    ({"title": "x" * 301}, "301 characters"), ({"title": 5}, "takes text"), ([1], "must be an object"), ({"tasks": []}, None)])
def test_a_wrong_answer_is_named(given, said):
    if said is None:
        assert answers.checked(given) == {}
        return
    with pytest.raises(BadInput, match=re.escape(said)):
        answers.checked(given)


def test_questions_appear_as_they_matter():
    without = draft.new("course").with_answers(keep_prompts="no", tools_required="no")
    assert not {"keep_days", "who_pays", "conditions"} & set(answers.asked(without.answers))
    with_all = without.with_answers(keep_prompts="submit", tools_required="yes", tasks={"draft": "conditional"})
    assert {"keep_days", "who_pays", "alternative", "conditions"} <= set(answers.asked(with_all.answers))
    assert "p_nogo" in answers.asked(draft.new("personal").answers) and "p_nogo" not in answers.asked(with_all.answers)
    hidden = with_all.with_answers(who_pays="them").with_answers(tools_required="no")
    assert hidden.answers["who_pays"] == "them" and "who_pays" not in answers.in_force(hidden.answers)
