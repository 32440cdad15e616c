"""Own points: a CSV as people really save it is read, and what cannot be used is told apart in a sentence."""

import pytest
import torch

from genai_core import runtime
from genai_core.data import own_points, points
from genai_core.errors import BadInput
from genai_core.metrics import energy_distance

GOOD = [(0.5 * i, i % 3 - 1.0) for i in range(9)]


def text(rows=GOOD, sign=",", head=""):
    return head + "\n".join(sign.join(map(str, row)) for row in rows) + "\n"


@pytest.mark.parametrize("given", [text(), text(sign=";"), text(sign="\t"), text(head="x,y\n"), "\ufeff" + text(head="x,y\n"),
                                   text().replace("\n", "\r\n"), text(sign=";").replace(".", ","), text() + "\n\n", text(head="\n")])
def test_a_table_of_two_columns_is_read_however_it_was_saved(given):
    got = own_points.parse(given)
    assert torch.equal(got.points, torch.tensor(GOOD)) and got.labels is None and got.classes == ()


def test_a_third_column_is_the_class():
    got = own_points.parse(text([(*row, "cat" if i % 2 else "a dog") for i, row in enumerate(GOOD)], head="x,y,animal\n"), True)
    assert got.classes == ("a dog", "cat") and got.labels.tolist() == [i % 2 for i in range(9)]


@pytest.mark.parametrize("given, told", [
    ("", "empty"), ("\n\n", "empty"), (text([("a", "b")] * 12), "Row 2 holds 'a'"),
    (text([*GOOD, ("seven", 1)]), "Row 10 holds 'seven'"), (text([*GOOD, ("nan", 1)]), "Row 10 holds 'nan'.*finite"),
    (text([*GOOD, (1, "inf")]), "finite"), (text([*GOOD, (1, "")]), "empty cell"), (text([*GOOD, (1e300, 1)]), "1e12"),
    (text([(x,) for x, _ in GOOD]), "Row 1 has 1 column;"), (text([*GOOD, (1, 2, 3)]), "Row 10 has 3 columns"),
    (text(GOOD[:5]), "5 points; at least 8"), (text([(1, y) for _, y in GOOD]), "same x"), (text([(x, 0) for x, _ in GOOD]), "same y"),
    ("1,2\n" * 1_000_000, "1,000,000 rows; at most 20,000"), ("x" * 3_000_000, "at most 20,000"),
])
def test_what_cannot_be_used_is_told(given, told):
    with pytest.raises(BadInput, match=told):
        own_points.parse(given)


@pytest.mark.parametrize("classes, told", [(["a"] * 9, "Every point is of class 'a'"), ([*"abcdefgh", ""], "no class"),
                                           ([f"{i}" for i in range(12)], "12 different classes")])
def test_classes_that_cannot_be_learnt_are_told(classes, told):
    rows = [(i, i % 3, name) for i, name in enumerate(classes)]
    with pytest.raises(BadInput, match=told):
        own_points.parse(text(rows), True)
    with pytest.raises(BadInput, match="Row 1 has 2 columns"):
        own_points.parse(text(), True)


def test_files_are_read_and_refused_by_name(tmp_path):
    (tmp_path / "good.csv").write_text(text(), encoding="utf-8")
    assert len(own_points.read(tmp_path / "good.csv").points) == 9
    (tmp_path / "picture.csv").write_bytes(b"\x89PNG\xff\xfe" * 50)
    (tmp_path / "large.csv").write_bytes(b"1,2\n" * 1_000_000)
    for name, told in (("none.csv", "no file 'none.csv'"), ("picture.csv", "no text file"), ("large.csv", "4.0 MB; at most 2 MB")):
        with pytest.raises(BadInput, match=told):
            own_points.read(tmp_path / name)


def test_scaled_points_are_as_wide_as_the_made_ones():
    got = own_points.parse(text([(1e6 + 3e4 * x, 5 + 20 * y) for x, y in GOOD]))
    scaled, centre, unit = got.scaled()
    assert scaled.mean(0).abs().max() < 1e-5 and scaled.square().sum(1).mean().item() == pytest.approx(1, rel=1e-4)
    assert torch.allclose(scaled * unit + centre, got.points, rtol=1e-6)


@pytest.mark.parametrize("given", ["text", [[1, 2]] * 3, [[1, 2, 3]] * 10, [["a", 1]] * 10, [[float("nan"), 1]] * 10,
                                   [], None, [[]] * 9, [[1, 2]] * 10])
def test_clicked_points_that_make_no_shape_are_refused(given):
    with pytest.raises(BadInput):
        own_points.clicked(given)


def test_clicked_points_are_taken_with_their_classes():
    got = own_points.clicked([list(row) for row in GOOD], [0, 1, 1, 0, 0, 1, 0, 1, 0])
    assert torch.equal(got.points, torch.tensor(GOOD)) and got.classes == ("0", "1") and got.labels.sum() == 4


class TestShapes:
    def test_a_checkerboard_fills_its_black_squares_evenly_and_no_other(self):
        cell = ((points.checkerboard(16_000, runtime.rng(0)) + 1) * 2).floor().long()
        assert (cell.sum(1) % 2 == 0).all() and cell.min() == 0 and cell.max() == 3
        counts = torch.bincount(cell[:, 0] * 4 + cell[:, 1], minlength=16)
        assert (counts[counts > 0] - 2000).abs().max() < 220 and (counts > 0).sum() == 8

    def test_a_pinwheel_has_five_equal_blades_about_the_middle(self):
        got = points.pinwheel(5000, runtime.rng(0))
        turn = torch.tensor(2 * torch.pi / 5)
        turned = got @ torch.tensor([[turn.cos(), turn.sin()], [-turn.sin(), turn.cos()]])
        assert energy_distance(got[:1500], turned[1500:3000]) < 0.05
        assert got.mean(0).abs().max() < 0.05 and 0.5 < got.norm(dim=1).mean() < 0.9
