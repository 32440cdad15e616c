"""A policy there and back: the same answers, the same text, and every word that a person wrote by hand."""

import random

import pytest
from drafts import NASTY, nasty_draft, random_draft
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from policy import draft, policy_file
from policy.builder import policy
from policy.errors import BadInput
from policy.rulebook import rulebook

TEXTS = st.lists(st.text(max_size=40) | st.sampled_from(NASTY), max_size=4)
QUICK = settings(deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("name", rulebook().presets)
def test_build_read_build_is_the_identity_for_a_preset(name):
    start = draft.from_preset(name)
    text = policy_file.written(start)
    again = policy_file.read(text)
    assert again == policy_file.Opened(start) and policy_file.written(again.draft) == text
    assert policy_file.read(policy_file.answers_json(start)).draft == start


@settings(QUICK, max_examples=1000)
@given(st.integers(0, 2 ** 32), TEXTS)
def test_build_read_build_is_the_identity_for_random_answers(seed, texts):
    start = random_draft(seed, texts)
    text = policy_file.written(start)
    again = policy_file.read(text.replace("\n", "\r\n") if seed % 2 else text)
    assert again == policy_file.Opened(start)      # and `written` of equal drafts is equal: it has no other input


def by_hand(rng, rows):
    """The rows after a few changes that a person may make."""
    rows = list(rows)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(rows))
        kind = rng.choice(("change", "insert", "delete", "paragraph", "move"))
        if kind == "change":
            rows[at] += " and more by hand"
        elif kind == "insert":
            rows.insert(at, rng.choice(("Ours alone.", "- a new rule", "", "## A heading", *NASTY[4:8])))
        elif kind == "delete" and len(rows) > 1:
            del rows[at]
        elif kind == "paragraph":
            rows[at:at] = ["", "A paragraph of our own,", "over two lines.", ""]
        else:
            rows.insert(rng.randrange(len(rows)), rows.pop(at))
    return rows


@settings(QUICK, max_examples=120)
@given(st.integers(0, 2 ** 32))
def test_words_by_hand_survive_opening_and_building_again(seed):
    rng = random.Random(seed)
    body, _, record = policy_file.written(random_draft(seed)).partition("\n\n<!-- genlens")
    hands = "\n".join(by_hand(rng, body.split("\n"))).strip("\n")
    again = policy_file.read(f"{hands}\n\n<!-- genlens{record}")
    assert [row.rstrip() for row in policy(again.draft).markdown.strip("\n").split("\n")] == \
        [row.rstrip() for row in hands.replace("\x00", "").split("\n")]
    text = policy_file.written(again.draft)
    assert policy_file.read(text).draft == again.draft and policy_file.written(policy_file.read(text).draft) == text


def edited(name="ai-disclosure"):
    text = policy_file.written(draft.from_preset(name))
    text = text.replace("Working well with AI is a skill here.", "Working well with AI is **our** skill.", 1)
    text = text.replace("- Nobody has to use an AI tool.\n", "", 1).replace("## Review\n", "We met on Friday.\n\n## Review\n", 1)
    return policy_file.read(text)


def test_edits_are_kept_as_such_and_the_rest_follows_the_answers():
    again = edited()
    built = policy(again.draft)
    hands = [line for line in built.lines if line.edited and line.text]
    assert [line.text for line in hands] == ["Working well with AI is **our** skill. Your judgement is what we mark.", "We met on Friday."]
    assert hands[0].was.startswith("Working well with AI is a skill") and again.by_hand == 2
    changed = policy(again.draft.with_answers(disclosure="never", org_name="Biology")).markdown
    assert "No disclosure is needed." in changed and "Biology" in changed
    assert "our** skill" in changed and "We met on Friday." in changed and "Nobody has to use" not in changed


def test_words_by_hand_outlive_their_clause_and_say_that_it_changed():
    again = edited().draft
    stale = [line for line in policy(again.with_answers(why_text="New words.")).lines if line.stale]
    assert [line.was for line in stale] == ["New words."] and "our** skill" in stale[0].text
    gone = policy(again.with_answers(why_text=None))
    assert "our** skill" in gone.markdown and any(line.stale and line.section == "purpose" for line in gone.lines)


def test_raw_html_by_hand_becomes_text():
    text = policy_file.written(draft.from_preset("ai-open")).replace("## Review", "<script>alert(1)</script>\n\n## Review", 1)
    again = policy_file.read(text).draft
    assert "&lt;script>" in policy_file.written(again) and "<script" not in policy_file.written(again)


def test_text_after_the_record_is_kept():
    again = policy_file.read(policy_file.written(draft.from_preset("ai-open")) + "\nA last word.\n")
    assert policy(again.draft).markdown.endswith("A last word.") and again.by_hand == 1


def test_other_words_of_the_program_are_told_and_nothing_counts_as_edited(monkeypatch):
    text = policy_file.written(draft.from_preset("ai-open"))
    from policy import builder

    monkeypatch.setattr(builder, "TABLE_ORDER", builder.TABLE_ORDER[::-1])
    again = policy_file.read(text)
    assert again.by_hand == 0 and not again.draft.edits and "have changed since" in again.notes[0]


def cut(text):
    return text[:text.index("<!-- genlens") + 400]


@pytest.mark.parametrize("change, said", [
    (lambda text: "# Our policy\n\nNo AI.", "was not made by GenLens"), (lambda text: "", "is empty"),
    (lambda text: text[:300], "was not made by GenLens"), (cut, "cut off"),
    (lambda text: text.replace("policy 1\n", "policy 2\n", 1), "newer GenLens"), (lambda text: "x" * 10_000_000, "10,000,000 characters"),
    (lambda text: text.replace('"answers"', '"answers', 1), "damaged"), (lambda text: "{\"a\": 1}", "schema"),
    (lambda text: "{broken", "cannot be read"), (lambda text: "\0" + text, "no text"), (lambda text: "[" * 100_000, "not made by GenLens"),
    (lambda text: "line\n" * 4000 + text[text.index("<!--"):], "4,000 lines"),
    (lambda text: "{" + '"a":{' * 50_000, "cannot be read"),
    (lambda text: '{"schema": "genlens-policy", "format": 9, "answers": {}}', "newer GenLens")])
def test_a_file_that_cannot_be_read_gets_a_sentence(change, said):
    with pytest.raises(BadInput, match=said):
        policy_file.read(change(policy_file.written(draft.from_preset("me-student"))))


def test_a_record_changed_by_hand_gives_all_that_is_right_and_names_the_rest():
    text = policy_file.written(draft.from_preset("me-student")).replace('"stance": "tutor"', '"stance": "tuba", "mood": "good"', 1)
    again = policy_file.read(text)
    assert any("tuba" in note for note in again.notes) and any("mood" in note for note in again.notes)
    assert again.draft.answers["p_check"] == "always" and "stance" not in again.draft.answers


def test_the_text_does_not_depend_on_the_day(monkeypatch):
    import time

    one = policy_file.written(nasty_draft("x"))
    monkeypatch.setattr(time, "time", lambda: 4e9)
    assert policy_file.written(nasty_draft("x")) == one
