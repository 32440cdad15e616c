"""The round trip of texts that carry their data: what is read back is what was written, and everything else is a sentence."""

import csv
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from policy import markdown_file, tables
from policy.errors import BadInput
from policy.markdown_file import clean, escaped, harmless, mark, opened, plain, sealed

HOSTILE = ("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "--> <b>", "<!-- genlens:checklist 9", "[a](javascript:alert(1))",
           "***", "&lt;", "\\<i>", "# head", "- [x] done", "12. x", "> quoted", "a_b _c_", "`code`", "| a | b |", "$x$", "===")
TYPED = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\n\r"), max_size=40)


def shown(markdown: str) -> str:
    """What a reader sees of one line of Markdown in a list, as text; raw HTML would be lost and so be noticed."""
    blocks = MarkdownIt("commonmark").parse(f"- x{markdown}")
    inline = next(block for block in blocks if block.type == "inline")
    assert {child.type for child in inline.children} <= {"text", "text_special", "softbreak"}, inline.children
    return "".join(child.content for child in inline.children)[1:]


@pytest.mark.parametrize("text", HOSTILE)
def test_typed_text_is_shown_as_it_was_typed(text):
    assert shown(escaped(text)) == text
    alone = MarkdownIt("commonmark").render(escaped(text))
    assert alone.count("<") == 2, alone  # its paragraph and nothing else
    assert plain(escaped(text)) == text


@settings(max_examples=300, deadline=None)
@given(TYPED)
def test_escaping_is_undone_exactly(text):
    assert plain(escaped(text)) == text
    assert harmless(harmless(text)) == harmless(text)


JSONS = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=30),
                     lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
                     max_leaves=12)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.text(max_size=9), JSONS, max_size=4), TYPED)
def test_data_come_back_whole_and_the_file_is_utf8(data, words):
    text = sealed({"words": escaped(clean(words)), "end": "End."}, "thing", 3, data)
    found = opened(text.encode().decode(), "thing", 3)
    assert found.data == json.loads(json.dumps(data))
    assert not found.edited("end", "End.\n") and found.edited("end", "END") and found.edited("end", None)


def test_line_ends_and_a_byte_order_mark_do_not_matter():
    text = sealed({"a": "One.\nTwo."}, "thing", 1, {"x": "-->"})
    found = opened("\ufeff" + text.replace("\n", "\r\n"), "thing", 1)
    assert found.data == {"x": "-->"} and not found.edited("a", found.body)
    assert mark("a  \r\nb\n\n") == mark("a\nb")


def test_text_written_behind_the_record_is_not_lost():
    assert opened(sealed({"a": "One."}, "thing", 1, {}) + "\nAdded.\n", "thing", 1).body == "One.\n\nAdded."


GOOD = sealed({"a": "One."}, "thing", 1, {"x": 1})
BAD = {
    "not ours": ("# A policy\n\nSome text.", "was not made by GenLens"),
    "empty": (" \n", "is empty"),
    "of another kind": (GOOD.replace("genlens:thing", "genlens:checklist"), "is a checklist, and a thing was expected"),
    "newer": (GOOD.replace("genlens:thing 1", "genlens:thing 7"), "newer GenLens"),
    "cut off": (GOOD[:-20], "cut off"),
    "cut in the first line": (GOOD[:GOOD.index("genlens:") + 10], "cut off"),
    "damaged": (GOOD.replace('"x": 1', '"x": 1,,'), "damaged"),
    "no object": (GOOD.replace('"data": {\n  "x": 1\n }', '"data": 5'), "damaged"),
    "nested too deep": ("<!-- genlens:thing 1\n" + "[" * 200_000 + "\n-->", "damaged"),
    "huge": ("x" * 10_000_000, "at most 1,000,000"),
    "binary": ("PK\x03\x04\0\0", "zero bytes"),
}


@pytest.mark.parametrize("text,said", BAD.values(), ids=BAD)
def test_a_file_that_cannot_be_read_gets_a_sentence(text, said):
    with pytest.raises(BadInput, match=said):
        opened(text, "thing", 1)


def test_a_file_on_disk_that_is_no_text_gets_a_sentence(tmp_path):
    (tmp_path / "picture.md").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "huge.md").write_bytes(b"x" * (4 * markdown_file.MOST_CHARS + 1))
    for name, said in (("picture.md", "not UTF-8"), ("huge.md", "at most"), ("none.md", "cannot be read"), ("", "cannot be read")):
        with pytest.raises(BadInput, match=said):
            markdown_file.text_of(tmp_path / name)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "\"=1", "\ufeff=cmd|'/C calc'!A0"])
def test_a_formula_becomes_text_in_csv(text):
    read = next(csv.DictReader(io.StringIO(tables.csv_text([{"a": text, "b": 'say "x", y\nz'}]), newline="")))
    assert read == {"a": "'" + text, "b": 'say "x", y\nz'}


def test_numbers_and_plain_words_stay_as_they_are_in_csv():
    assert tables.csv_text([{"a": -1.5, "b": "a-b = c"}]) == "a,b\r\n-1.5,a-b = c\r\n"
