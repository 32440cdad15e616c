"""CLIP the other way round: known answers, true pictures, and pictures that are none."""

import io
import json
import zlib

import numpy as np
import pytest
import torch
from PIL import Image

from genai_core import __main__ as command
from genai_core.data import picturebook
from genai_core.errors import BadInput
from genai_core.text_to_image import pictures, reading

RED = (222, 42, 42)

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def clip():
    return reading.reader()


def saved(image, kind="PNG", **settings):
    out = io.BytesIO()
    image.save(out, kind, **settings)
    return out.getvalue()


def image_of(colour=RED, size=(64, 48), mode="RGB"):
    return Image.new(mode, size, colour)


# -- known answers ------------------------------------------------------------------------------------------------------

def test_recall_of_known_matrices():
    assert reading.recall_of(np.eye(4)) == (1.0, 1.0)
    assert reading.recall_of(np.ones((4, 4))) == (0.0, 0.0)          # says the same to all: no hit
    assert reading.recall_of(1 - np.eye(3)) == (0.0, 0.0)
    table = np.array([[0.9, 0.1, 0.2], [0.95, 0.5, 0.1], [0.1, 0.2, 0.3]])
    assert reading.recall_of(table) == (2 / 3, 2 / 3)  # picture 1 takes caption 0; caption 0 takes picture 1
    assert reading.recall_of(np.array([[0.5, 0.4], [0.9, 0.8]])) == (0.5, 0.5)
    one_way = np.array([[0.3, 0.1, 0.1], [0.4, 0.5, 0.1], [0.4, 0.1, 0.6]])
    assert reading.recall_of(one_way) == (1.0, 2 / 3)
    assert reading.recall_of([[-3.0]]) == (1.0, 1.0)
    for wrong in (np.ones((2, 3)), np.ones(4), np.ones((0, 0))):
        with pytest.raises(ValueError):
            reading.recall_of(wrong)


def test_shares_are_the_softmax_at_any_scale():
    got = reading.shares(np.array([[0.1, 0.3], [-1.0, 1.0]]), 2.0)
    want = np.exp([[0.2, 0.6], [-2, 2]]) / np.exp([[0.2, 0.6], [-2, 2]]).sum(1, keepdims=True)
    assert np.allclose(got, want) and np.allclose(got.sum(1), 1)
    assert np.allclose(reading.shares(np.array([0.2, 0.9]), 1e6), [0, 1])


def test_a_ranking_puts_the_nearest_first_and_keeps_the_order_of_equals():
    told = reading.ranking(np.array([0.2, 0.9, 0.2]), ["a", "b", "c"], 10)
    assert [row["text"] for row in told] == ["b", "a", "c"] and told[1]["share"] == told[2]["share"]
    assert sum(row["share"] for row in told) == pytest.approx(1, abs=1e-3)


def test_held_out_pairs_differ_in_a_factor_and_their_captions_tell_all():
    drawn, captions = reading.held_out_pairs(120, 31)
    again = reading.held_out_pairs(120, 31)
    assert len(drawn) == len(captions) == len(set(captions)) == 120 and again[1] == captions
    assert all(np.array_equal(a, b) for a, b in zip(drawn, again[0], strict=True))
    for text in captions:
        for words in (picturebook.COLOURS, (*picturebook.SIZES, "little", "big"), (*picturebook.FILLS, "plain"),
                      (*picturebook.BACKGROUNDS, "grey")):
            assert any(word in text for word in words), text
    with pytest.raises(ValueError):
        reading.held_out_pairs(0, 1)


def test_a_scene_told_from_either_side_is_one_scene():
    a = picturebook.Scene("star", "blue", "small", "solid", 1, "sky", "above", "ring", "red")
    b = picturebook.Scene("ring", "red", "small", "solid", 1, "sky", "below", "star", "blue")
    assert reading.facts(a) == reading.facts(b)
    assert reading.facts(a) != reading.facts(picturebook.Scene("star", "blue", "small", "solid", 1, "sky", "below", "ring", "red"))


# -- the pocket CLIP ------------------------------------------------------------------------------------------------------

def test_similarity_is_the_cosine_that_open_clip_gives(clip):
    drawn, captions = reading.held_out_pairs(3, 32)
    with torch.no_grad():
        image = clip.model.encode_image(torch.stack([clip.prepare(Image.fromarray(p)) for p in drawn]))
        text = clip.model.encode_text(clip.tokens(captions))
    want = torch.nn.functional.cosine_similarity(image[:, None], text[None], dim=-1).numpy()
    assert np.abs(reading.similarity(clip, drawn, captions) - want).max() < 1e-5


def test_clip_finds_the_caption_of_a_picture_and_the_picture_of_a_caption(clip):
    drawn, captions = reading.held_out_pairs(60, 33)
    there, back = reading.recall_at_1(drawn, captions, clip)
    assert there > 0.8 and back > 0.8                                # one in sixty by chance
    assert max(reading.recall_at_1(drawn, captions[1:] + captions[:1], clip)) < 0.1
    with pytest.raises(ValueError, match="no pairs"):
        reading.recall_at_1(drawn, captions[1:], clip)


def test_single_words_are_read_far_better_than_by_chance(clip):
    right = {factor: got / of for factor, (got, of) in reading.classification_shares(clip, 40, 34).items()}
    assert right["colour"] > 0.9 and right["background"] > 0.9 and right["fill"] > 0.8 and right["count"] > 0.8
    assert right["size"] > 0.7 and right["shape"] > 0.15, right      # a tenth by chance
    words = reading.words_of(clip, [picturebook.scenes(1, 35)[0][1]])[0]
    assert list(words)[0] == "shape" and {len(words["shape"]), len(words["colour"])} == {10, 9}
    for told in words.values():
        assert sum(row["share"] for row in told) == pytest.approx(1, abs=2e-3)
        assert [row["share"] for row in told] == sorted((row["share"] for row in told), reverse=True)


def test_what_clip_sees_is_the_middle_square(clip):
    wide = np.zeros((64, 192, 3), np.uint8)
    wide[:, 64:128] = RED
    seen = clip.seen(wide)
    assert seen.shape == (64, 64, 3) and np.array_equal(seen[:, 8:-8], np.broadcast_to(np.uint8(RED), (64, 48, 3)))


def test_captions_are_tidied_or_refused():
    assert reading.check_texts(["  a  red circle ", "", "a red circle", "b"]) == ["a red circle", "b"]
    for wrong, says in (([" ", ""], "no caption"), (["x" * 301], "at most 300"), ([f"t{i}" for i in range(41)], "at most 40")):
        with pytest.raises(BadInput, match=says):
            reading.check_texts(wrong)


@pytest.mark.parametrize("name,says", [("vit-b-32", "Did you mean 'ViT-B-32'"), ("nowhere", "There is no CLIP")])
def test_a_clip_that_is_not_there_gets_a_sentence(name, says):
    with pytest.raises(BadInput, match=says):
        reading.reader(name)


# -- picture files --------------------------------------------------------------------------------------------------------

def test_an_ordinary_picture_is_read_as_it_is():
    drawn = picturebook.scenes(1, 36)[0][1]
    got = pictures.read_picture(saved(Image.fromarray(drawn)))
    assert np.array_equal(got.pixels, drawn) and got.notes == ()


def enormous(width, height):
    """A PNG header that claims a size, with next to nothing behind it."""
    whole = bytearray(saved(image_of(size=(8, 8))))
    whole[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    whole[29:33] = zlib.crc32(bytes(whole[12:29])).to_bytes(4, "big")
    return bytes(whole)


@pytest.mark.parametrize("data,says", [
    (b"this is only a text\n" * 20, "no picture, whatever its name"), (b"", "empty"), (b"\x89PNG\r\n\x1a\n", "damaged|no picture"),
    (enormous(10_000, 10_000), "100 megapixels; at most 40"), (enormous(60_000, 60_000), "megapixels; at most 40"),
    (saved(image_of(size=(1, 1))), "1 x 1 pixels; there must be at least 8"), (saved(image_of(size=(2000, 3))), "at least 8"),
    (saved(Image.effect_noise((200, 200), 80), "JPEG")[:3000], "breaks off"), (saved(image_of(size=(90, 90)))[:60], "breaks off"),
    (saved(image_of(), "TIFF"), "neither PNG"), (bytes(26_000_000), "26 MB; at most 25")])
def test_what_is_no_usable_picture_gets_a_sentence(data, says, tmp_path):
    with pytest.raises(BadInput, match=says):
        pictures.read_picture(data)
    path = tmp_path / "mine.png"
    path.write_bytes(data)
    with pytest.raises(BadInput, match=f"mine.png.*({says})"):
        pictures.read_picture(path)


def test_the_header_is_read_before_a_pixel_is_unpacked(monkeypatch):
    from PIL import ImageFile

    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda *_: pytest.fail("pixels were unpacked"))
    with pytest.raises(BadInput, match="100 megapixels"):
        pictures.read_picture(enormous(10_000, 10_000))


def test_an_animation_gives_its_first_frame():
    first, second = image_of(RED), image_of((0, 0, 255))
    for kind in ("GIF", "WEBP", "PNG"):
        exact = {"lossless": True} if kind == "WEBP" else {}
        got = pictures.read_picture(saved(first, kind, save_all=True, append_images=[second], **exact))
        assert np.abs(got.pixels[5, 5].astype(int) - RED).max() < 4 and got.pixels.shape == (48, 64, 3)
        assert any("first frame" in note for note in got.notes), kind


def test_printing_colours_alpha_palette_and_deep_gray_become_screen_colours():
    got = pictures.read_picture(saved(image_of((0, 255, 255, 0), mode="CMYK"), "JPEG", quality=95))
    assert got.pixels[9, 9, 0] > 200 and got.pixels[9, 9, 1] < 60 and "CMYK" in got.notes[0]
    clear = image_of((0, 0, 0, 0), mode="RGBA")
    got = pictures.read_picture(saved(clear))
    assert (got.pixels == 255).all() and "laid on white" in got.notes[0]
    half = pictures.read_picture(saved(image_of((0, 0, 0, 128), mode="RGBA")))
    assert abs(int(half.pixels[0, 0, 0]) - 127) <= 1
    assert pictures.read_picture(saved(image_of((*RED, 255), mode="RGBA"))).notes == ()
    palette = pictures.read_picture(saved(image_of(RED).convert("P", palette=Image.Palette.ADAPTIVE)))
    assert np.abs(palette.pixels[0, 0].astype(int) - RED).max() < 8
    deep = Image.fromarray(np.full((20, 20), 51400, np.uint16))
    assert (pictures.read_picture(saved(deep)).pixels == 200).all()
    assert (pictures.read_picture(saved(image_of(1, mode="1"))).pixels == 255).all()


def test_a_camera_s_turn_is_undone():
    upright = np.zeros((40, 60, 3), np.uint8)
    upright[:20] = RED
    lying = Image.fromarray(np.rot90(upright))           # as a camera held sideways keeps it
    exif = Image.Exif()
    exif[0x0112] = 6                                     # turn by 90 degrees clockwise to see it upright
    got = pictures.read_picture(saved(lying, exif=exif))
    assert np.array_equal(got.pixels, upright) and "turned upright" in got.notes[0]


def test_a_large_photo_is_made_smaller():
    got = pictures.read_picture(saved(image_of(size=(3000, 2000)), "JPEG"))
    assert max(got.pixels.shape) <= pictures.LONGEST_SIDE and got.pixels.shape[1] / got.pixels.shape[0] == pytest.approx(1.5, abs=0.01)


def test_a_missing_file_gets_a_sentence(tmp_path):
    with pytest.raises(BadInput, match="There is no picture file"):
        pictures.read_picture(tmp_path / "none.png")


# -- the command ----------------------------------------------------------------------------------------------------------

def test_the_command_prints_matrix_and_ranking(clip, tmp_path, capsys):
    drawn, captions = reading.held_out_pairs(2, 37)
    paths = []
    for i, picture in enumerate(drawn):
        paths.append(str(tmp_path / f"{i}.png"))
        Image.fromarray(picture).save(paths[-1])
    said = ["--text", captions[0], "--text", captions[1]]
    assert command.main(["clip", *paths, *said, "--words", "--threads", "1", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    want = reading.similarity(clip, drawn, captions)
    assert told["images"] == paths and told["texts"] == captions and np.abs(np.array(told["matrix"]) - want).max() < 1e-4
    assert [rows[0]["text"] for rows in told["ranking"]] == [captions[int(row.argmax())] for row in want]
    assert told["words"][0]["shape"] == reading.words_of(clip, drawn[:1])[0]["shape"] and told["notes"] == [[], []]


@pytest.mark.parametrize("args,says", [
    (["none.png", "--text", "a"], "no picture file"), (["a.png"], "nothing to compare"), (["a.png", "--text", " "], "no caption"),
    (["a.png", "--text", "a", "--threads", "0"], "at least 1")])
def test_the_command_says_what_is_wrong(args, says, capsys):
    assert command.main(["clip", *args]) == 2
    assert says in capsys.readouterr().err
