"""Digits by pen are what their factors say, the shipped ones are the drawn ones, and missing data is said, not replaced."""

import csv
import os
import time

import pytest
import torch

from genai_core import __main__ as command_line
from genai_core import data, runtime
from genai_core.data import glyphs, pictures, strokes, strokes_kept
from genai_core.errors import BadInput

GIVEN = os.environ.get("GENLENS_DATA")


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GENLENS_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("GENLENS_DATA", raising=False)  # what a developer has must not decide
    pictures._strokes.cache_clear()


@pytest.fixture(scope="module")
def shipped():
    return strokes_kept.shipped()


def ink_moments(x):
    """Ink, and the slope dx/dy of its main axis, from second moments.  x (N, 1, 28, 28) -> (N,), (N,)"""
    w = x.float().flatten(1) / 255
    at = torch.arange(28) + 0.5
    y, x = (grid.flatten() for grid in torch.meshgrid(at, at, indexing="ij"))
    ink = w.sum(1)
    mx, my = (w @ x) / ink, (w @ y) / ink
    dx, dy = x - mx[:, None], y - my[:, None]
    return ink, -(w * dx * dy).sum(1) / (w * dy * dy).sum(1)


def correlation(a, b):
    return torch.corrcoef(torch.stack([a.float(), b.float()]))[0, 1].item()


class TestStrokes:
    def test_the_shipped_ones_are_those_that_the_code_draws(self, shipped):
        for index in (0, 9):
            again = strokes_kept.block("train", index)
            rows = slice(1000 * index, 1000 * (index + 1))
            assert (again.pictures.int() - shipped.pictures[rows].int()).abs().max() <= 1
            assert torch.equal(again.labels, shipped.labels[rows]) and torch.equal(again.styles, shipped.styles[rows])
            assert torch.allclose(again.factors, shipped.factors[rows], atol=0.01)
        assert len(shipped) == 10_000 and sum(f.stat().st_size for f in strokes_kept.FOLDER.iterdir()) < 5e6

    def test_every_digit_and_every_style_is_there_at_its_rate(self, shipped):
        assert (torch.bincount(shipped.labels) / 1000 - 1).abs().max() < 0.15
        digit, share = glyphs.table()[:2]
        expected = torch.from_numpy(share) * 1000
        assert ((torch.bincount(shipped.styles) - expected).abs() < 6 * expected.sqrt()).all()
        assert torch.equal(torch.from_numpy(digit)[shipped.styles], shipped.labels)
        assert len(set(glyphs.style_names())) == len(digit) and "7 bar" in glyphs.style_names()

    def test_factors_are_uniform_independent_and_do_what_they_say(self, shipped):
        low, high = (torch.tensor([b[i] for b in strokes.FACTORS.values()]) for i in (0, 1))
        assert ((shipped.factors > low - 0.01) & (shipped.factors < high + 0.01)).all()
        unit = (shipped.factors - low) / (high - low)
        assert (unit.mean(0) - 0.5).abs().max() < 0.02
        assert (torch.corrcoef(unit.T) - torch.eye(len(low))).abs().max() < 0.05
        ink, slope = ink_moments(shipped.pictures)
        factor = dict(zip(strokes.FACTORS, shipped.factors.T, strict=True))
        ones = shipped.labels == 1
        assert correlation(slope[ones], factor["slant"][ones]) > 0.8
        assert correlation(ink[~ones], factor["weight"][~ones]) > 0.75
        rows = (shipped.pictures[:, 0] > 60).any(2).sum(1)
        assert correlation(rows, factor["height"]) > 0.5
        columns = (shipped.pictures[:, 0] > 60).any(1).sum(1)
        upright = (factor["slant"].abs() < 0.15) & ~ones
        assert correlation(columns[upright], factor["width"][upright]) > 0.5

    def test_the_ink_lies_in_the_middle_and_inside(self, shipped):
        x = shipped.pictures[:, 0].float()
        at = torch.arange(28) + 0.5
        across, down = x.sum(1) @ at / x.sum((1, 2)), x.sum(2) @ at / x.sum((1, 2))
        assert (across - 14).abs().mean() < 0.5 and (down - 14).abs().mean() < 0.5
        rim = torch.cat([x[:, 0], x[:, -1], x[:, :, 0], x[:, :, -1]], 1)
        assert (rim > 60).any(1).float().mean() < 0.005
        assert 0.09 < x.mean() / 255 < 0.17 and x.amax((1, 2)).min() > 200

    def test_a_steady_hand_draws_the_style_itself(self):
        """Without bends and jitter the pen goes through the glyph's own points."""
        rng = torch.Generator().manual_seed(0)
        row = glyphs.style_names().index("1 bar")
        factors = torch.tensor([[0.0, 1.2, 18.0, 1.0, 0.0, 0.0]]).expand(300, -1)
        paths, radius = strokes.pen_paths(torch.full((300,), row), factors, rng)
        mean = paths.mean(0)
        assert (mean[:, 0] - 14).abs().max() < 0.3 and mean[0, 1].item() == pytest.approx(5, abs=0.3)
        assert mean[-1, 1].item() == pytest.approx(23, abs=0.3) and radius.mean().item() == pytest.approx(1.2, abs=0.03)

    def test_ink_is_full_under_the_pen_and_none_beyond_it(self):
        paths, radius = torch.full((1, 72, 2), 14.0), torch.full((1, 72), 3.0)
        picture = strokes.inked(paths, radius)[0, 0].float() / 255
        at = torch.arange(28) + 0.5
        distance = torch.hypot(at[:, None] - 14, at[None] - 14)
        assert (picture[distance < 2] == 1).all() and (picture[distance > 4] == 0).all()
        assert picture.sum().item() == pytest.approx(torch.pi * 9, rel=0.05)

    def test_a_thousand_take_less_than_a_second_of_one_processor(self):
        runtime.set_threads(1)
        began = time.thread_time()
        strokes_kept.block("test", 3)
        assert time.thread_time() - began < 0.85  # 70,000 in under a minute on one of two cores

    def test_splits_have_streams_of_their_own_and_any_part_is_the_same(self):
        test, few = strokes_kept.first("test", 1500), strokes_kept.first("test", 40)
        assert torch.equal(test.pictures[:40], few.pictures) and len(test) == 1500
        assert not torch.equal(few.pictures, strokes_kept.first("train", 40).pictures)

    def test_all_of_a_split_is_drawn_once_and_kept(self, monkeypatch):
        monkeypatch.setitem(strokes.SIZES, "test", 3000)
        first = strokes_kept.first("test", 3000)
        kept = list(strokes_kept.cache_folder().iterdir())
        assert len(kept) == 1 and kept[0].suffix == ".safetensors"
        monkeypatch.setattr(strokes_kept, "block", None)  # not drawn again
        assert torch.equal(strokes_kept.first("test", 3000).pictures, first.pictures)
        monkeypatch.undo()

    def test_a_damaged_or_unwritable_cache_costs_only_time(self, monkeypatch, tmp_path):
        monkeypatch.setitem(strokes.SIZES, "test", 3000)
        first = strokes_kept.first("test", 3000)
        kept = next(strokes_kept.cache_folder().iterdir())
        kept.write_bytes(b"cut short")
        assert torch.equal(strokes_kept.first("test", 3000).pictures, first.pictures)
        (tmp_path / "file").touch()
        monkeypatch.setenv("GENLENS_CACHE", str(tmp_path / "file"))
        assert torch.equal(strokes_kept.first("test", 2500).pictures, first.pictures[:2500])

    def test_the_command_writes_pictures_and_factors(self, tmp_path, capsys):
        assert command_line.main(["strokes", "--n", "3", "--out", str(tmp_path / "digits"), "--json"]) == 0
        rows = list(csv.DictReader((tmp_path / "digits" / "factors.csv").read_text(encoding="utf-8").splitlines()))
        assert len(rows) == 3 == len(list((tmp_path / "digits").glob("*.png"))) and rows[0]["style"][0] == rows[0]["label"]
        assert command_line.main(["strokes", "--n", "0", "--out", str(tmp_path)]) == 2
        assert "from 1 to 60,000" in capsys.readouterr().err


class TestRead:
    def test_what_is_read_says_what_it_is(self):
        for name, size in (("strokes", 28), ("digits", 8)):
            for split in ("train", "test"):
                got = pictures.read(name, split, 50)
                assert (got.name, got.split, got.size, len(got)) == (name, split, size, 50)
                assert got.title == pictures.TITLES[name] == data.DATASETS[name].title and got.source
                assert got.pictures.dtype == torch.uint8 and got.pictures.shape == (50, 1, size, size)
                assert got.labels.dtype == torch.int64 and pictures.there(name)
        assert pictures.read("digits").pictures.max() == 255 and len(pictures.read("digits")) + 360 == 1797

    @pytest.mark.parametrize("asked, told", [
        ({"name": "cats"}, "there are strokes"), ({"name": "strokes", "split": "dev"}, "train or test"),
        ({"name": "strokes", "n": 0}, "60000"), ({"name": "digits", "n": 2000}, "1437"),
        ({"name": "mnist"}, "not on this machine"), ({"name": "mnist", "folder": "/nowhere"}, "no folder"),
    ])
    def test_what_is_not_there_is_said(self, asked, told):
        with pytest.raises(BadInput, match=told):
            pictures.read(**asked)

    def write(self, folder, files):
        folder.mkdir(parents=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)

    def idx(self, *shape, value=0):
        head = bytes([0, 0, 8, len(shape)]) + b"".join(n.to_bytes(4, "big") for n in shape)
        return head + bytes([value]) * torch.Size(shape).numel()

    def whole(self):
        return {"train-images-idx3-ubyte": self.idx(6, 28, 28, value=9), "train-labels-idx1-ubyte": self.idx(6, value=3),
                "t10k-images-idx3-ubyte": self.idx(4, 28, 28), "t10k-labels-idx1-ubyte": self.idx(4)}

    @pytest.mark.parametrize("inner", ["MNIST/raw", "MNIST", "raw", "."])
    def test_mnist_is_found_in_a_folder_and_by_the_environment(self, tmp_path, monkeypatch, inner):
        self.write(tmp_path / "data" / inner, self.whole())
        got = pictures.read("mnist", folder=tmp_path / "data")
        assert len(got) == 6 and got.labels.tolist() == [3] * 6 and got.pictures.shape == (6, 1, 28, 28)
        monkeypatch.setenv("GENLENS_DATA", str(tmp_path / "data"))
        assert len(pictures.read("mnist", "test")) == 4 and pictures.there("mnist")
        with pytest.raises(BadInput, match="has 6 train pictures"):
            pictures.read("mnist", n=7)

    def test_a_folder_that_is_half_there_is_told_apart(self, tmp_path):
        files = self.whole()
        del files["train-labels-idx1-ubyte"]
        self.write(tmp_path / "MNIST" / "raw", files)
        assert not pictures.there("mnist", tmp_path)
        with pytest.raises(BadInput, match="only a part of MNIST.* lacks train-labels-idx1-ubyte"):
            pictures.read("mnist", folder=tmp_path)

    @pytest.mark.parametrize("damage, told", [(lambda b: b[:300], "cut short"), (lambda b: b"", "cut short"),
                                              (lambda b: b"<html>not here</html>" * 40, "damaged")])
    def test_a_damaged_file_is_named(self, tmp_path, damage, told):
        files = self.whole()
        files["train-images-idx3-ubyte"] = damage(files["train-images-idx3-ubyte"])
        self.write(tmp_path / "raw", files)
        with pytest.raises(BadInput, match=f"train-images-idx3-ubyte.*{told}"):
            pictures.read("mnist", folder=tmp_path)

    def test_files_that_do_not_fit_together_are_refused(self, tmp_path):
        self.write(tmp_path / "raw", self.whole() | {"train-labels-idx1-ubyte": self.idx(5)})
        with pytest.raises(BadInput, match="6 pictures of 28 x 28, 5 labels|6 pictures.*5 labels"):
            pictures.read("mnist", folder=tmp_path)

    def test_the_network_is_asked_only_on_demand_and_says_soon_that_it_is_off(self, monkeypatch):
        asked = []
        monkeypatch.setattr(pictures.socket, "create_connection", lambda where, timeout: asked.append((where, timeout)) or self.refuse())
        with pytest.raises(BadInput, match="--download"):
            pictures.read("mnist")
        assert not asked
        with pytest.raises(BadInput, match="network seems to be off.*use strokes"):
            pictures.read("mnist", download=True)
        assert asked and sum(timeout for _, timeout in asked) < 10

    def refuse(self):
        raise OSError

    def test_real_mnist_where_it_is_given(self):
        if not GIVEN:
            pytest.skip("needs MNIST: set GENLENS_DATA to its folder")
        train = pictures.read("mnist", folder=GIVEN)
        assert len(train) == 60_000 and train.labels[:5].tolist() == [5, 0, 4, 1, 9]
        assert train.pictures.float().mean().item() / 255 == pytest.approx(0.1307, abs=1e-4)
