"""The checklist as a file: what is written comes back, edits by hand are taken over or kept, and bad files get a sentence."""

import csv
import io
import json
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from policy.__main__ import main
from policy.checklist import Answer, blank, catalogue, data_of, sheet_of, standing
from policy.checklist_file import COLUMNS, markdown, pieces, read, split
from policy.checklist_file import csv as csv_of
from policy.errors import BadInput

ITEMS, PROFILES = list(catalogue().items), list(catalogue().profiles)
HOSTILE = ("<script>alert(1)</script>", "--> <img src=x onerror=alert(1)>", "# Responsible-AI checklist: x", "- [x] **S04 mine**",
           "  - Answer: yes", "## Data", "## Notes", "<!-- genlens:checklist 9", "=HYPERLINK(1)", "\\",
            "line\\\nnext", "    code", "a\n\nb",
           "😀 שלום مرحبا", "- item\n1. one", "===\n---", "&lt;b&gt;", "| a | b |", "\u2028x\x0by")
TEXTS = st.sampled_from(HOSTILE) | st.text(max_size=40)
ANSWERS = st.dictionaries(st.sampled_from(ITEMS), st.fixed_dictionaries(
    {"value": st.sampled_from(("", *catalogue().answers)), "note": TEXTS}), max_size=12)
SHEETS = st.fixed_dictionaries({
    "profile": st.sampled_from(PROFILES), "project": TEXTS, "about": TEXTS, "version": TEXTS, "date": TEXTS, "answers": ANSWERS,
    "own": st.dictionaries(st.sampled_from(("title", "missing", "notes", "use", *ITEMS[:20])), TEXTS, max_size=4)},
    optional={"tags": st.lists(st.sampled_from(list(catalogue().tags)), unique=True),
              "roles": st.lists(st.sampled_from(list(catalogue().roles)), unique=True)})
PROSE = st.lists(st.sampled_from(("We", "met", "on", "Monday", "and", "said", "*no*", "(v2)")), min_size=1, max_size=9).map(" ".join)
QUICK = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@QUICK
@given(SHEETS)
@example({"profile": "course", "answers": {id: {"value": "yes", "note": text} for id, text in zip(ITEMS, HOSTILE, strict=False)},
          "own": {id: text for id, text in zip(ITEMS, HOSTILE, strict=False)}})
def test_what_is_written_comes_back(data):
    sheet = sheet_of(data)
    text = markdown(sheet)
    found = read(text)
    assert found.taken == () and (found.sheet == sheet or own_moved(found.sheet, sheet))
    assert markdown(found.sheet) == text
    assert read(text.replace("\n", "\r\n")).sheet == found.sheet


def own_moved(found, sheet):
    """Own words of items that are not due stand among the notes; nothing else differs, and no word is lost."""
    return data_of(found) | {"own": 0} == data_of(sheet) | {"own": 0} and all(
        line in "\n".join(found.own.values()) for text in sheet.own.values() for line in text.split("\n"))


@QUICK
@given(SHEETS, st.data())
def test_an_answer_written_by_hand_is_what_the_record_would_have_said(data, draw):
    """Forget the record of one item: what the text says is then the same answer."""
    sheet = sheet_of(data | {"own": {}})
    text = markdown(sheet)
    due = [id for id in split(text) if id in catalogue().items and id in sheet.answers]
    if not due:
        return
    id = draw.draw(st.sampled_from(due))
    head, _, tail = text.rpartition("<!-- genlens:")
    record = json.loads(tail[tail.index("\n"):tail.rindex("-->")])
    record["data"]["answers"][id] = {"value": "unsure", "note": "old"}
    record["marks"][id] = "0" * 12
    told = json.dumps(record).replace("<", "\\u003c").replace(">", "\\u003e")
    found = read(f"{head}<!-- genlens:checklist 1\n{told}\n-->\n")
    assert found.sheet.answers.get(id, Answer()) == sheet.answers[id]


@QUICK
@given(SHEETS, st.data(), PROSE)
def test_prose_added_by_hand_stays_and_changes_no_answer(data, draw, prose):
    sheet = sheet_of(data | {"own": {}})
    text = markdown(sheet)
    name, piece = draw.draw(st.sampled_from(list(pieces(sheet).items())))
    found = read(text.replace(piece, f"{piece}\n\nHand: {prose}", 1))
    lines = [line for own in found.sheet.own.values() for line in own.split("\n")]
    if name == "about":
        assert found.sheet.about.endswith(prose)
    else:
        assert found.sheet.answers == sheet.answers and f"Hand: {prose}" in lines
        again = markdown(found.sheet)
        assert f"\nHand: {prose}\n" in again and read(again).sheet == found.sheet and read(again).taken == ()


FILLED = sheet_of({"profile": "course", "project": "Bot", "answers": {
    "S04": {"value": "yes", "note": "laws.md"}, "U09": {"value": "na", "note": "no marks"}}})


def edited(old, new):
    text = markdown(FILLED)
    assert old in text, old
    return read(text.replace(old, new, 1))


@pytest.mark.parametrize("old,new,id,wanted", [
    ("- [ ] **S02", "- [x] **S02", "S02", ("yes", "")),
    ("- [x] **S04", "- [ ] **S04", "S04", ("", "laws.md")),
    ("Evidence: laws.md", "Evidence: laws.md, checked twice", "S04", ("yes", "laws.md, checked twice")),
    ("  - Answer: yes", "  - Answer: Partly.", "S04", ("partly", "laws.md")),
    ("  - Answer: yes", "* Answer: no", "S04", ("yes", "laws.md")),
    ("Answer: does not apply", "Answer: n/a", "U09", ("na", "no marks")),
    ("Evidence: laws.md", "Evidence: laws.md\\\n    and *more*", "S04", ("yes", "laws.md\nand *more*")),
    ("Evidence: laws.md", "Evidence: laws.md\nwhich runs on", "S04", ("yes", "laws.md\nwhich runs on"))])
def test_ticks_answers_and_evidence_changed_by_hand_are_taken_over(old, new, id, wanted):
    found = edited(old, new)
    assert found.sheet.answers[id] == Answer(*wanted)
    if wanted != (FILLED.answers.get(id, Answer()).value, FILLED.answers.get(id, Answer()).note):
        assert any(said.startswith(f"{id}: taken from the text") for said in found.taken)


def test_an_answer_that_is_no_answer_is_said_and_kept():
    found = edited("  - Answer: yes", "  - Answer: certainly <b>")
    assert found.sheet.answers["S04"].value == "yes" and "certainly" in found.sheet.own["S04"]
    assert any("none of yes, partly" in said for said in found.taken)


def test_project_date_and_reworded_statements_by_hand():
    found = edited("checklist: Bot\n\n- **Version:**\n- **Date:**", "checklist: The Bot\n\n- **Version:** 2\n- **Date:** May 2027")
    assert (found.sheet.project, found.sheet.version, found.sheet.date) == ("The Bot", "2", "May 2027") and not found.kept
    found = edited("We checked the use against laws and rules that forbid it.", "Checked by our lawyer.")
    assert "Checked by our lawyer." in found.sheet.own["S04"] and found.sheet.answers["S04"] == FILLED.answers["S04"]
    assert "Checked by our lawyer." in markdown(found.sheet)


def test_an_item_taken_out_keeps_its_answer_and_says_so():
    found = edited(pieces(FILLED)["S04"], "")
    assert found.sheet == FILLED and found.taken == ("S04 was taken out of the text; its answer is kept.",)


def test_words_written_twice_by_hand_survive_two_openings():
    first = edited("## What is missing", "## What is missing\n\nWe know about this.")
    text = markdown(first.sheet)
    second = read(text.replace("We know about this.", "We know about this.\n\nAnd about that.", 1))
    assert second.sheet.own["missing"] == "We know about this.\n\nAnd about that."


GOOD = markdown(FILLED)


@pytest.mark.parametrize("text,said", [
    ("# Another list\n- [x] all good", "not made by GenLens"), (GOOD[:-30], "cut off"),
    (GOOD.replace("genlens:checklist 1", "genlens:checklist 2"), "newer"),
    ("x" * 10_000_000, "at most"), (GOOD.replace('"course"', '"circus"'), "There is no profile 'circus'"), ("", "empty"),
    (GOOD.replace("genlens:checklist", "genlens:policy"), "a policy, and a checklist"),
    (GOOD.replace('"value": "yes"', '"value": "sure"'), "must be one of"),
    (GOOD.replace("Evidence: laws.md", "Evidence: " + "x" * 9000), "9,000 characters")])
def test_a_file_that_cannot_be_read_gets_a_sentence(text, said):
    with pytest.raises(BadInput, match=said):
        read(text)


@pytest.mark.parametrize("typed", HOSTILE)
def test_no_markup_leaks_into_the_text(typed):
    sheet = sheet_of({"profile": "course", "project": typed, "about": typed, "version": typed, "date": typed,
                      "own": {"notes": typed, "S04": typed}, "answers": {"S04": {"value": "yes", "note": typed}}})
    tokens = MarkdownIt("commonmark").parse(markdown(sheet))
    html = [t for t in tokens if t.type == "html_block"] + [c for t in tokens for c in t.children or () if c.type == "html_inline"]
    assert len(html) == 1 and html[0].content.startswith("<!-- genlens:checklist 1\n"), html
    assert html[0].content.count("-->") == 1


def test_csv_has_a_row_for_each_due_item_and_no_formula():
    sheet = sheet_of({"profile": "course", "answers": {
        "S04": {"value": "yes", "note": "=cmd|'/C calc'!A0"}, "M07": {"value": "no", "note": "-1"}}})
    rows = list(csv.DictReader(io.StringIO(csv_of(sheet), newline="")))
    assert tuple(rows[0]) == COLUMNS and len(rows) == 24 and {r["id"] for r in rows if r["due"] == "no"} == {"M07"}
    assert next(r for r in rows if r["id"] == "S04")["evidence_or_reason"] == "'=cmd|'/C calc'!A0"
    assert not [cell for row in rows for cell in row.values() if cell[:1] in tuple("=+-@\t")]


def test_the_command_line_says_what_is_missing_and_fails_while_a_gate_is_open(tmp_path, capsys):
    file = tmp_path / "CHECKLIST.md"
    assert main(["checklist", "new", "--profile", "personal", "--project", "Mine", "-o", str(file)]) == 0
    assert main(["checklist", "check", str(file)]) == 1
    assert "Not ready: 1 of 1 gate is open (T07)." in capsys.readouterr().out
    file.write_text(file.read_text().replace("- [ ] **T07", "- [x] **T07"))
    assert main(["checklist", "check", str(file)]) == 1  # a tick alone is no evidence
    empty = file.read_text().split("**T07")
    file.write_text(empty[0] + "**T07" + empty[1].replace("  - Evidence:", "  - Evidence: sandbox.md", 1))
    capsys.readouterr()
    assert main(["checklist", "check", str(file), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["ready"] and told["taken_from_text"] and all(gap["mitigations"] for gap in told["gaps"])
    assert main(["checklist", "write", str(file), "-o", str(file)]) == 0 and main(["checklist", "read", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out.partition("\n")[2])["answers"]["T07"] == {"value": "yes", "note": "sandbox.md"}
    assert main(["checklist", "csv", str(file)]) == 0 and "sandbox.md" in capsys.readouterr().out
    assert main(["checklist", "map", "--stage", "deployment"]) == 0 and "applies from 2026-08-02" in capsys.readouterr().out


def test_the_command_line_refuses_with_a_sentence(tmp_path, capsys):
    (tmp_path / "other.md").write_text("# Mine\n")
    for words in (["check", str(tmp_path / "none.md")], ["check", str(tmp_path / "other.md")], ["new", "--profile", "circus"],
                  ["new", "--profile", "course", "-o", str(tmp_path / "other.md")], ["write", str(tmp_path)]):
        assert main(["checklist", *words]) == 2
        assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert (tmp_path / "other.md").read_text() == "# Mine\n"


def test_the_exit_code_reaches_a_build(tmp_path):
    (tmp_path / "c.md").write_text(markdown(blank("course")), encoding="utf-8")
    done = subprocess.run([sys.executable, "-m", "policy", "checklist", "check", str(tmp_path / "c.md")], capture_output=True, text=True)
    assert done.returncode == 1 and "3 of 3 gates are open" in done.stdout and standing(blank("course")).gates
