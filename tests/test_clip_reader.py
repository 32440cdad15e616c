"""The tab "What does CLIP see?": the pad's values, a look without a browser, and strokes drawn in Chromium."""

import base64
import io
import json
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from demos import _readings as readings
from demos import clip_reader as tab
from demos._lab import play
from demos._pad import Example, Pad
from genai_core import recorded
from genai_core.errors import BadInput
from genai_core.text_to_image import looking, reading

KEY, SLOW = "clip_reader", 90_000  # ms, for a machine that is busy with something else
SHOWN = {"captions": "a red circle\na blue ring on sky", "clip": "pocket"}


def file_value(data, name="mine.png"):
    return json.dumps({"kind": "file", "name": name, "image": "data:image/png;base64," + base64.b64encode(data).decode()})


def png(pixels):
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "png")
    return out.getvalue()


def ended(**values):
    *_, last = play(tab.LAB, tab.LAB.check(tab.LAB.defaults() | SHOWN | values))
    assert last.ended == "finished"
    return last.view


# -- the pad ------------------------------------------------------------------------------------------------------------

def test_a_pad_keeps_examples_in_links_and_says_what_it_cannot_keep():
    pad = tab.CONTROLS["picture"]
    assert pad.write(pad.default) == looking.FIRST and pad.read("stars") == Pad.picked("stars")
    drawing = json.dumps({"kind": "drawing", "name": "", "image": "data:image/png;base64," + base64.b64encode(b"x").decode()})
    assert pad.write(drawing) == "drawing" and pad.sheet(drawing).data == b"x" and pad.write(file_value(b"y")) == "file"
    for text, says in (("drawing", "draw it again"), ("file", "open it again"), ("zebra", "no example 'zebra'")):
        with pytest.raises(BadInput, match=says):
            pad.read(text)


@pytest.mark.parametrize("value", ["{", "[]", "7", '{"kind": "cat"}', '{"kind": "file", "image": "data:,%%%"}', '{"kind": 5}', None, 3])
def test_what_no_pad_can_have_made_gets_a_sentence(value):
    with pytest.raises(BadInput, match="no picture from this pad"):
        tab.CONTROLS["picture"].check(value if value is not None else '{"kind": "drawing", "image": 4}')


def test_a_pad_for_digits_takes_no_files_and_starts_empty():
    pad = Pad("Digit", 28, 28, {"white": "#fff"}, {"black": "#000"}, stroke=2.2)
    assert pad.sheet(pad.default).data == b"" and pad.write(pad.default) == "drawing"
    with pytest.raises(BadInput, match="no picture from this pad"):
        pad.check(file_value(b"x"))
    with pytest.raises(BadInput, match="no example"):
        Pad("Digit", examples=(Example("seven", "a seven", ""),)).check(Pad.picked("eight"))


# -- a look -------------------------------------------------------------------------------------------------------------

def test_the_tab_shows_what_the_core_reads():
    view = ended(picture=Pad.picked("circle"))
    clip, texts = reading.reader(), SHOWN["captions"].split("\n")
    want = reading.similarity(clip, [looking.pictures()["circle"], *looking.pictures().values()], texts)
    matrix, bars = json.loads(view.pictures["matrix"]), json.loads(view.pictures["bars"])
    assert np.abs(np.array(matrix["values"]) - want).max() < 1e-3 and matrix["columns"] == texts
    first = reading.ranking(want[0], texts, clip.scale)[0]
    assert view.numbers["best_share"].value == first["share"] and f"“{first['text']}” is nearest" in view.words
    assert [p["title"] for p in bars["panels"]] == ["Captions", "Shape", "Colour", "Background", "Size", "Fill", "How many"]
    assert view.rows[0]["text"] == first["text"] and "on gray" in view.words


def test_a_file_of_ones_own_is_read_with_care():
    drawn = looking.pictures()["circle"]
    view = ended(picture=file_value(png(np.dstack([drawn, np.full((64, 64), 200, np.uint8)]))))
    assert "laid on white" in view.words
    assert ended(picture=file_value(png(drawn))).numbers == ended(picture=Pad.picked("circle")).numbers
    for data, says in ((b"a text", "“mine.png” is no picture"), (png(drawn[:1, :1]), "at least 8")):
        with pytest.raises(BadInput, match=says):
            ended(picture=file_value(data))
    with pytest.raises(BadInput, match="at most 8"):
        ended(captions="\n".join(f"caption {i}" for i in range(9)))


def test_an_empty_sheet_is_read_as_an_empty_sheet():
    assert "on white" in ended(picture=json.dumps({"kind": "drawing", "name": "", "image": ""})).words


def test_the_recorded_look_is_what_a_live_one_shows():
    saved = recorded.read(KEY)
    *_, live = looking.looks(looking.pictures()[looking.FIRST], list(looking.CAPTIONS.values()))
    assert np.abs(np.array(saved.frames[-1]["matrix"]) - live["matrix"]).max() < 2e-3, "python -m genai_core record clip_reader"
    assert [r["text"] for r in saved.frames[-1]["ranking"]] == [r["text"] for r in live["ranking"]]
    assert tab.replay(saved).words.startswith("Of these captions")


def test_a_guess_is_held_against_the_best_share():
    share = tab.Quantity.exact
    assert [tab.verdict({"best_share": share(v)}) for v in (0.95, 0.9, 0.5, 0.2)] == \
        [tab.CHOICES[0], tab.CHOICES[1], tab.CHOICES[1], tab.CHOICES[2]]
    assert [tab.percent(v) for v in (0, 0.004, 0.5, 1)] == ["<1%", "<1%", "50%", "100%"]


def test_a_matrix_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="do not fit"):
        readings.matrix_json("t", "n", [{"image": "", "name": ""}], ["a", "b"], [[1]], "l")


# -- in Chromium --------------------------------------------------------------------------------------------------------

def test_strokes_examples_and_files_are_read_at_once(new_page, tmp_path):
    page = new_page(f"/?tab={KEY}&picture=stars")
    page.set_default_timeout(SLOW)
    pad, line, words = (page.locator(f"#{KEY}-{name}") for name in ("picture", "line", "readout"))
    expect(line).to_contain_text("recorded run", timeout=SLOW)
    expect(pad.locator(".pad-said")).to_contain_text("three small solid yellow stars", timeout=SLOW)
    pad.get_by_role("button", name="Example: a large solid red circle on gray").press("Enter")
    expect(words).to_contain_text("“a large solid red circle on gray” is nearest", timeout=SLOW)
    pad.get_by_role("button", name="New sheet").click()
    pad.get_by_role("button", name="Paper: mint").click()
    pad.get_by_role("button", name="Ink: green").click()
    sheet = pad.locator(".pad-sheet")
    sheet.scroll_into_view_if_needed()
    box = sheet.bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 200, steps=6)
    page.mouse.up()
    expect(pad.locator(".pad-said")).to_have_text("On the sheet: your drawing.")
    expect(words).to_contain_text(re.compile("green .* on mint"), timeout=SLOW)
    pad.get_by_role("button", name="Undo").click()
    expect(pad.locator(".pad-said")).to_have_text("On the sheet: an empty sheet.")
    text = tmp_path / "notes.png"
    text.write_text("no picture at all", encoding="utf-8")
    pad.locator("input[type=file]").set_input_files(text)
    expect(line).to_contain_text("“notes.png” is no picture, whatever its name says", timeout=SLOW)
    drawn = tmp_path / "drawn.png"
    drawn.write_bytes(png(looking.pictures()["heart"]))
    pad.locator("input[type=file]").set_input_files(drawn)
    expect(words).to_contain_text("“a large striped purple heart on white” is nearest", timeout=SLOW)
    page.locator(f"#{KEY}-reset").click()
    expect(pad.locator(".pad-said")).to_contain_text("black moon above", timeout=SLOW)


def test_a_phone_is_not_made_wider(new_page):
    page = new_page(f"/?tab={KEY}", width=390)
    page.set_default_timeout(SLOW)
    page.locator(f"#{KEY}-matrix td").first.wait_for()
    assert page.evaluate("document.querySelector('main.contain').getBoundingClientRect().right") <= 390
