"""What was typed stays text in Markdown, HTML, Word and PDF; handouts, votes, comparisons and the command line."""

import html
import io
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from drafts import NASTY, nasty_draft
from policy import answers, compare, document, documents, draft, handouts, policy_file, vote
from policy.__main__ import main
from policy.builder import policy
from policy.errors import BadInput

ALLOWED = {"html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "p", "em", "strong", "code", "ul", "ol", "li", "table",
           "thead", "tbody", "tr", "th", "td", "a", "pre", "hr", "blockquote"}
ALL = "\n".join(NASTY)


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.text = set(), [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize("audience", ["course", "department", "company", "personal"])
@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_markup_in_every_free_field_is_text_in_the_web_page(text, audience):
    page = Tags(documents.web_page(policy(nasty_draft(text, audience)).markdown, nasty_draft(text, audience).answers.get("title", "")))
    assert page.tags <= ALLOWED
    names = {name for name, _ in page.attributes}
    assert not [name for name in names if name.startswith("on")] and "src" not in names
    assert not [value for name, value in page.attributes if name == "href" and not re.match("https?://|mailto:", value)]
    shown = " ".join(answers.text_line(text).split())
    assert shown in " ".join(page.text.split())


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_what_was_typed_reads_the_same_in_every_line_of_the_text(text):
    wanted = " ".join(answers.text_line(text).split())
    shown = " ".join(" ".join(document.passages(policy(nasty_draft(text)).markdown)).split())
    assert shown.count(wanted) >= 5
    assert not re.search(r"<[a-z/!]", policy_file.written(nasty_draft(text)).partition("<!-- genlens:policy")[0])


def test_markup_is_text_in_word_and_pdf():
    import docx

    built = policy(nasty_draft(ALL[:290]))
    document_ = docx.Document(io.BytesIO(documents.word(built.markdown, built.title)))
    text = "\n".join(paragraph.text for paragraph in document_.paragraphs)
    assert "<script>document.title='hit'</script>" in text and "[x](javascript:" in text
    links = [rel.target_ref for rel in document_.part.rels.values() if rel.is_external]
    assert not [link for link in links if not link.startswith(("http", "mailto:"))]
    assert document_.core_properties.title == built.title[:250]
    assert [p.style.name for p in document_.paragraphs][:1] == ["Title"] and document_.tables[0].rows[0].cells[0].text == "Rule"
    made = documents.pdf(built.markdown, built.title)
    assert made.startswith(b"%PDF-") and b"/JavaScript" not in made and b"/StructTreeRoot" in made
    assert documents.pdf(built.markdown, built.title) == made, "no clock in it"


def test_every_format_of_a_policy_edited_by_hand_can_be_made():
    text = policy_file.written(draft.from_preset("co-builder")).replace(
        "## Review", "#### Deep\n\n1. one\n2. two\n   - in\n\n> quoted\n\n```\nx = 1\n```\n\n---\n\n[in](#here) "
        "[out](https://example.org)\n\n## Review", 1)
    again = policy_file.read(text).draft
    for suffix in documents.FORMATS:
        assert len(documents.made(again, suffix)) > 1000
    with pytest.raises(BadInput, match="md, html, docx, pdf, json"):
        documents.made(again, "exe")


def test_pictures_and_other_schemes_are_not_loaded():
    page = Tags(document.html("![x](https://outside.example/p.png) [y](javascript:1) [z](data:text/html,x) <img src=x> [w](file:///etc)"))
    assert page.tags == {"p", "a"} and [value for name, value in page.attributes if name == "href"] == ["https://outside.example/p.png"]


def test_words_and_grade_by_the_published_formula():
    text = "The cat sat on the mat. It was a good cat."
    assert document.measure(text) == document.Measure(11, max(0.0, round(0.39 * 11 / 2 + 11.8 * 11 / 11 - 15.59, 1)))
    hard = "Institutional accountability necessitates comprehensive documentation requirements."
    assert document.measure(hard).grade > 20 and document.measure("") == document.Measure(0, None)
    assert [document.syllables(word) for word in ("table", "policy", "students", "used", "wanted", "the", "language", "names")] == \
        [2, 3, 2, 1, 2, 1, 2, 1]
    assert document.measure("# One two\n\n| a | b |\n|---|---|\n| c d | e |").words == 7


@pytest.mark.parametrize("view", ["syllabus", "slide", "disclosure"])
def test_a_handout_says_no_more_than_the_policy(view):
    strict = draft.from_preset("ai-free")
    text = handouts.view(strict, view)
    assert len(document.words(text)) < 260 and Tags(document.html(text)).tags <= ALLOWED
    if view == "disclosure":
        assert ("asks for no disclosure" in text) == (strict.answers["disclosure"] == "never")
    nasty = handouts.view(nasty_draft(NASTY[0]), view)
    assert "script" not in Tags(document.html(nasty)).tags and "script" in nasty
    for audience in ("department", "company", "personal"):
        assert handouts.view(draft.new(audience), view)
    assert handouts.view(draft.Draft(), view)
    with pytest.raises(BadInput, match="did you mean"):
        handouts.view(strict, "slid")


def test_a_vote_fills_the_task_table():
    tasks = [task.id for task in vote.contested("course")]
    assert len(tasks) == 10 and "draft" in tasks and "prep" not in tasks
    done = vote.filled(draft.from_preset("ai-open"), {
        "draft": {"allowed": 3, "conditions": 9, "not_allowed": 2}, "outline": {"allowed": 4, "not_allowed": 4},
        "debug": {}, "code_write": {"not_allowed": 20}})
    chosen = done.draft.answers["tasks"]
    assert (chosen["draft"], chosen["outline"], chosen["debug"], chosen["code_write"]) == \
        ("conditional", "conditional", "permitted", "prohibited")
    assert "a tie" in done.notes[1] and "no votes" in done.notes[2]
    for wrong in ({"nope": {}}, {"draft": {"allowed": -1}}, {"draft": {"allowed": "many"}}):
        with pytest.raises(BadInput):
            vote.filled(draft.from_preset("ai-open"), wrong)


def test_compare_names_what_changed_and_which_way():
    a = draft.from_preset("ai-open")
    assert compare.compare(a, a).differences == () and "No difference" in compare.compare(a, a).summary()
    b = a.with_answers(tasks=dict(a.answers["tasks"]) | {"draft": "prohibited", "exam": "permitted"}, detector="sole")
    found = compare.compare(a, b)
    assert [(d.what, d.way) for d in found.differences] == [
        ("Drafting text you keep", "stricter"), ("During tests and exams", "freer"), ("AI detectors are", "")]
    assert found.summary().startswith("3 differences in 2 sections (1 task stricter, 1 task freer)")
    c = policy_file.read(policy_file.written(a).replace("## Review", "Own words.\n\n## Review", 1)).draft
    assert [d.what for d in compare.compare(a, c).differences] == ["Own words"]


def run(capsys, *args):
    code = main([*map(str, args)])
    done = capsys.readouterr()
    return code, done.out, done.err


def test_the_command_line_does_what_the_tab_does(capsys, tmp_path):
    path, other = tmp_path / "policy.md", tmp_path / "other.md"
    code, _, err = run(capsys, "build", "--preset", "ai-disclosure", "--set", "org_name=Biology 101", "--set", "tasks.draft=prohibited",
                       "--set", "why=fair,quality", "-o", path)
    assert code == 0 and "words" in err and "Biology 101" in path.read_text()
    code, out, _ = run(capsys, "read", path, "--json")
    read = json.loads(out)
    assert read["answers"]["tasks"]["draft"] == "prohibited" and read["answers"]["why"] == ["fair", "quality"]
    (tmp_path / "answers.json").write_text(json.dumps(read["answers"] | {"stance": "no_ai"}))
    assert run(capsys, "build", "--answers", tmp_path / "answers.json", "-o", other)[0] == 0
    code, out, _ = run(capsys, "lint", other, "--json")
    report = json.loads(out)
    assert code == 1 and report["counts"]["error"] and report["findings"][0]["places"]
    assert run(capsys, "lint", path)[0] == 0
    code, out, _ = run(capsys, "diff", path, other, "--json")
    assert code == 0 and json.loads(out)["differences"][0]["what"] == "Overall position"
    for suffix in ("html", "docx", "pdf", "json"):
        assert run(capsys, "build", "--preset", "me-student", "-o", tmp_path / f"p.{suffix}")[0] == 0
    assert run(capsys, "build", "--preset", "me-student", "--view", "slide", "-o", tmp_path / "s.pdf")[0] == 0
    code, out, _ = run(capsys, "presets", "--json")
    assert len(json.loads(out)["presets"]) == 16 and all(p["sources"] for p in json.loads(out)["presets"])
    assert "did you" not in out and run(capsys, "read", path)[0] == 0 and run(capsys, "diff", path, other)[0] == 0


@pytest.mark.parametrize("args, said", [
    (["build", "--preset", "ai-opn"], "did you mean 'ai-open'"), (["build"], "Say what to build"),
    (["read", "none.md"], "cannot be read"),
    (["build", "--preset", "ai-open", "--set", "stance"], "QUESTION=VALUE"),
    (["build", "--preset", "ai-open", "-o", "p.exe"], "can be written as"),
    (["build", "--preset", "ai-open", "--set", "tasks.dance=na"], "no task"),
    (["build", "--preset", "ai-open", "--section", "x"], "no section")])
def test_bad_input_on_the_command_line_is_one_sentence(capsys, args, said):
    code, _, err = run(capsys, *args)
    assert code == 2 and said in html.unescape(err) and err.count("\n") == 1


def test_the_command_starts_without_the_heavy_and_the_web():
    done = subprocess.run([sys.executable, "-c", "import policy.__main__, sys; policy.__main__.main(['presets']);"
                           "print([m for m in ('torch', 'gradio', 'docx', 'typst', 'pandas') if m in sys.modules])"],
                          capture_output=True, text=True, timeout=60, cwd=Path(__file__).parent.parent)
    assert done.stdout.strip().endswith("[]"), done.stdout[-200:] + done.stderr[-500:]
