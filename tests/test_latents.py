"""The VAE's lab without a browser: codes by known answers, the weights that a browser gets, the run, its table and its notebook."""

import json
import math

import numpy as np
import pytest
import torch
from notebooks import ALLOWED, code_of, ends

from demos import vae as tab
from demos._lab import play
from genai_core import course, models, recorded, runtime
from genai_core import __main__ as command_line
from genai_core.data import pictures
from genai_core.errors import BadInput
from genai_core.latents import codes, experiment, export, portable, recording
from genai_core.latents.settings import CASES, LECTURE, Settings

QUICK = {"pictures": 1000, "epochs": 2, "latent": 3, "seed": 4}


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    runtime.set_threads(1)
    yield
    torch.set_num_threads(before)


def ended(**changes):
    *_, last = play(tab.LAB, tab.LAB.check(tab.LAB.defaults() | changes), every_s=0.0)
    return last


@pytest.fixture(scope="module")
def finished():
    return ended(**QUICK)


class TestCodes:
    a, b = torch.tensor([2.0, 0.0, 0.0]), torch.tensor([0.0, 1.0, 0.0])

    def test_walks_begin_and_end_where_they_should(self):
        for walk in (codes.linear, codes.spherical):
            way = walk(self.a, self.b, 5)
            assert torch.allclose(way[0], self.a, atol=1e-6) and torch.allclose(way[-1], self.b, atol=1e-6)
        assert torch.allclose(codes.linear(self.a, self.b, 3)[1], torch.tensor([1.0, 0.5, 0.0]))

    def test_the_arc_goes_by_equal_angles_and_keeps_its_length(self):
        way = codes.spherical(self.a, 2 * self.b, 7)
        assert torch.allclose(way.norm(dim=1), torch.full((7,), 2.0), atol=1e-5)
        angles = torch.atan2(way[:, 1], way[:, 0])
        assert torch.allclose(angles, torch.linspace(0, math.pi / 2, 7), atol=1e-5)
        assert codes.spherical(self.a, self.b, 3)[1].norm().item() == pytest.approx(1.5)

    @pytest.mark.parametrize("b", [torch.zeros(3), torch.tensor([3.0, 0, 0]), torch.tensor([-1.0, 0, 0])])
    def test_where_there_is_no_arc_the_walk_is_straight(self, b):
        assert torch.allclose(codes.spherical(self.a, b, 4), codes.linear(self.a, b, 4))

    def test_arithmetic_carries_a_difference(self):
        assert codes.sums(torch.tensor([3.0, 1]), torch.tensor([2.0, 5]), torch.tensor([0.0, 1])).tolist() == [1.0, -3.0]

    def test_a_factor_that_a_latent_carries_is_told_and_one_that_none_carries_is_not(self):
        rng = runtime.rng(0)
        z = torch.randn(4000, 3, generator=rng)
        noise = torch.randn(4000, 2, generator=rng)
        factors = torch.stack([2 * z[:, 1] + 1, z[:, 0] + noise[:, 0], noise[:, 1]], 1)  # exactly; half of the variance; not at all
        whole, each = codes.predicted(z, factors)
        assert whole[0] > 0.999 and whole[1].item() == pytest.approx(0.5, abs=0.05) and abs(whole[2]) < 0.01
        assert each[1, 0] > 0.999 and each[0, 0] < 0.01 and each[0, 1].item() == pytest.approx(0.5, abs=0.05)

    def test_r2_is_scikit_learn_s(self):
        from sklearn.metrics import r2_score

        y, told = torch.randn(50, 2, generator=runtime.rng(1)), torch.randn(50, 2, generator=runtime.rng(2))
        assert codes.explained(y, told).tolist() == pytest.approx(r2_score(y, told, multioutput="raw_values").tolist(), rel=1e-5)

    def test_a_dead_latent_does_not_break_the_fit(self):
        z = torch.cat([torch.randn(400, 1, generator=runtime.rng(0)), torch.zeros(400, 1)], 1)
        whole, each = codes.predicted(z, z[:, :1])
        assert whole[0] > 0.99 and abs(each[1, 0]) < 0.1 and torch.isfinite(each).all()

    def test_directions_are_how_the_mean_code_moves_per_deviation(self):
        f = torch.randn(5000, 2, generator=runtime.rng(0)) * torch.tensor([3.0, 0.1])
        z = torch.stack([f[:, 0] / 3, 2 * f[:, 1] / 0.1], 1)
        assert torch.allclose(codes.directions(z, f), torch.tensor([[1.0, 0.0], [0.0, 2.0]]), atol=0.08)


class TestPortable:
    @pytest.mark.parametrize("settings", [{}, {"network": "convolutional", "latent": 5}])
    def test_the_rounded_model_draws_nearly_the_same(self, settings):
        model = models.build("digit_vae", 0, **settings)
        twin, x = portable.restored(model), pictures.read("strokes", n=50).pictures
        for a, b in ((model.encode(x), twin.encode(x)), (model.decode(model.encode(x)), twin.decode(twin.encode(x)))):
            assert (a - b).abs().mean() < 0.02 and not torch.equal(a, b)
        for a, b in zip(model.parameters(), twin.parameters(), strict=True):  # no weight moves by more than half a step
            assert a.ndim == 1 and torch.equal(a, b) or (a - b).abs().max() <= a.square().mean().sqrt() / portable.FINE / 1.99

    def test_it_is_json_and_holds_every_layer(self):
        told = json.loads(json.dumps(portable.portable(models.build("digit_vae", 0, latent=2, hidden=(9,)))))
        assert [layer["shape"] for part in ("encoder", "decoder") for layer in told[part]] == [[9, 784], [4, 9], [9, 2], [784, 9]]


class TestRun:
    def test_it_learns_as_the_command_does_and_looking_changes_nothing(self, finished, capsys, tmp_path):
        out = str(tmp_path / "vae.safetensors")
        assert command_line.main(["train", "vae", "--n", "1000", "--epochs", "2", "--latent", "3", "--seed", "4", "--threads", "1",
                                  "--hidden", "512,256", "--beta", "2", "--rate", "0.003",
                                  "--json", "--out", out]) == 0
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        mine = [row["epoch_loss"] for row in finished.rows if row["epoch_loss"] is not None]
        assert mine == pytest.approx([line["loss"] for line in lines], abs=1e-5) and len(mine) == 2

    def test_the_command_says_the_tabs_numbers(self, finished, capsys, tmp_path):
        file = tmp_path / "vae.csv"
        assert command_line.main(["vae", *(f"--{name}={value}" for name, value in QUICK.items()), "--csv", str(file), "--json"]) == 0
        told, numbers = json.loads(capsys.readouterr().out), finished.view.numbers
        assert told["epoch_loss"] == numbers["epoch_loss"].value and told["recognised_share"] == numbers["recognised_share"].value
        assert told["held_out_kl"] == pytest.approx(numbers["held_out_kl"].value, abs=1e-3)
        assert len(file.read_text(encoding="utf-8").splitlines()) == len(finished.rows) + 1
        assert command_line.main(["vae", "--case", "magic"]) == 2 and "collapse, repair" in capsys.readouterr().err

    def test_the_table_adds_up_and_the_end_says_what_it_is(self, finished):
        for row in finished.rows:
            assert row["loss"] == pytest.approx(row["reconstruction"] + Settings().beta * row["kl"], abs=1e-2)
        numbers = finished.view.numbers
        assert numbers["bound"].low < numbers["bound"].value < numbers["bound"].high < 0
        assert 0 <= numbers["recognised_share"].value <= 1 and {"r2_slant", "r2_weight"} <= set(numbers)
        assert set(finished.view.pictures) == {"film", "curves", "bound", "latents"} and finished.ended == "finished"
        assert "After 2 of 2 epochs" in finished.view.words
        assert "say almost nothing yet: 16 updates" in finished.view.words and "R²" not in finished.view.words
        assert "R²" in tab.replay(recorded.read("vae")).words and tab.BOUNDED == experiment.BOUNDED

    def test_a_collapse_is_told_with_what_helps(self):
        def said(**changed):
            return " ".join(tab.Story(Settings(**CASES["collapse"] | changed)).collapsed(400))

        assert "At beta 30 a code costs 30 times" in said() and "set beta to 1" in said()
        assert "set beta to 1" not in said(beta=1.0) and "free bits" in said(beta=1.0)

    def test_the_weight_that_is_told_is_the_one_reached(self):
        story = tab.Story(Settings(beta=4.0, warmup=2.0, epochs=6))
        assert [story.beta_after({"update": update}) for update in (0, 79, 158, 474)] == [0, 2, 4, 4]

    def test_more_codes_never_loosen_the_bound_by_more_than_noise(self, finished):
        bounds = json.loads(finished.view.pictures["bound"])["panels"][0]["lines"][0]["y"]
        assert len(bounds) == len(experiment.DRAWS) and bounds[-1] > bounds[0]

    def test_it_stops_between_two_updates(self):
        shown = list(play(tab.LAB, tab.LAB.check(tab.LAB.defaults() | QUICK), stopped=lambda: True))
        assert shown[-1].ended == "stopped" and shown[-1].step == 8  # the first frame: an epoch of 8 batches

    def test_the_presets_are_those_that_the_measure_is_taken_on(self):
        for name, preset in (("collapse", course.COLLAPSED), ("repair", course.REPAIRED)):
            case = CASES[name]
            assert (case["beta"], case["epochs"], case["warmup"], case["pictures"], case["rate"]) == \
                (preset.settings["beta"], preset.epochs, preset.warmup, preset.pictures, preset.rate) and case["data"] == "strokes"

    def test_every_case_is_one_that_the_controls_can_be_set_to(self):
        for case in CASES.values():
            assert Settings(**tab.LAB.check(case)) == Settings(**case)
        assert Settings(**CASES["slide"]).lecture and not Settings(**CASES["lecture"]).lecture and len(LECTURE) == 10
        assert Settings(**CASES["quick"]) == Settings()

    @pytest.mark.parametrize("changes, told", [
        ({"latent": 0}, "Latent size must be a whole number from 1 to 64"), ({"data": "cats"}, "there are strokes"),
        ({"warmup": 8.0, "epochs": 6}, "longer than the run"), ({"rate": float("nan")}, "Learning rate"), ({"beta": -1}, "Beta"),
        ({"latent": True}, "whole number"), ({"network": "recurrent"}, "dense, deep, convolutional")])
    def test_what_cannot_be_is_told(self, changes, told):
        with pytest.raises(BadInput, match=told):
            Settings(**changes)

    def test_data_that_are_not_here_are_told_and_not_replaced(self, monkeypatch, tmp_path):
        monkeypatch.setenv("GENLENS_DATA", str(tmp_path))
        with pytest.raises(BadInput, match="Fashion-MNIST: 28x28 clothes is not in"):
            ended(data="fashion_mnist")

    def test_small_digits_have_no_judge_and_no_factors(self):
        last = ended(data="digits", **QUICK)
        assert "recognised_share" not in last.view.numbers and "judge" not in last.view.words
        assert json.loads(last.view.pictures["latents"])["factors"] == []

    @pytest.mark.parametrize("share, guess", [(0.6, 0), (0.25, 1), (0.1, 2), (0.001, 3)])
    def test_a_guess_is_held_against_the_share_of_the_kl(self, share, guess):
        assert tab.verdict({"kl_share": tab.Quantity.exact(share)}) == tab.CHOICES[guess]


class TestRecorded:
    def test_its_first_frame_is_what_a_live_run_shows(self):
        saved = recorded.read("vae")
        assert Settings(**saved.manifest["settings"]) == Settings(**tab.LAB.defaults())
        frame = next(experiment.run(Settings()))
        for name, value in recording.row(frame).items():
            if value is not None:
                assert saved.rows[0][name] == pytest.approx(value, rel=1e-3, abs=1e-3), "python -m genai_core record vae"

    def test_it_is_small_and_shows_all_four_pictures(self):
        folder = recorded.FOLDER / "vae"
        assert sum(f.stat().st_size for f in folder.iterdir()) < 1_000_000
        view = tab.replay(recorded.read("vae"))
        assert all(view.pictures[name] for name in tab.LAB.pictures)


class TestNotebook:
    def test_it_ends_in_the_tabs_own_loss_where_only_torch_can_be_imported(self, finished, tmp_path):
        book = tab.notebook(**tab.LAB.defaults() | QUICK)
        (last,), printed = ends([book], "history[-1]['loss']", tmp_path, (*ALLOWED, "torchvision"))
        assert last == finished.view.numbers["epoch_loss"].value
        assert f"{finished.view.numbers['epoch_loss'].value:.6f}" in printed

    def test_the_lecture_s_own_run_ends_in_the_loss_of_its_own_draws(self, tmp_path, monkeypatch):
        """The setting "The lecture's run, on MNIST", here with other pictures: the notebook draws as the lecture's code does, too."""
        given, settings = pictures.read("strokes", n=300), Settings(**CASES["slide"] | {"epochs": 1})
        for module in (experiment, export):
            monkeypatch.setattr(module, "learnt_from", lambda settings: given)
        monkeypatch.setattr(experiment, "held_out", lambda name: pictures.read("strokes", "test", 40))
        *_, frame = (moment for moment in experiment.run(settings) if isinstance(moment, experiment.Frame))
        (last,), _ = ends([export.notebook(settings)], "history[-1]['loss']", tmp_path, (*ALLOWED, "torchvision"))
        assert last == frame.epoch_loss
        said = tab.Story(settings).sentence(recording.row(frame), [], None)
        assert f"epoch 1 is {last:.3f} nats; the lecture's slide prints 163.489" in said
        model, stream = course.lecture_vae(0)
        *_, epoch = course.epochs(model, given.pictures, 1, 0, course.knobs(summed=True), stream=stream)
        assert last == epoch.loss

    def test_the_pictures_inside_are_the_ones_learnt_from(self):
        import base64
        import io

        from PIL import Image

        given = pictures.read("strokes", n=130).pictures
        sheet = np.array(Image.open(io.BytesIO(base64.b64decode(export.inline(given)))))
        read = sheet.reshape(2, 28, 100, 28).transpose(0, 2, 1, 3).reshape(-1, 28, 28)[:130]
        assert np.array_equal(read, given[:, 0].numpy())
