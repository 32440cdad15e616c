"""The course's models of digits: the lecture's networks to the last weight, their variants by known answers, and their command."""

import csv
import json
import os
from types import SimpleNamespace

import pytest
import torch
import training_times
from torch import distributions as d

from genai_core import __main__ as command_line
from genai_core import checkpoints, course, measuring, models, runtime, weights
from genai_core.cli import _course
from genai_core.data import pictures
from genai_core.errors import BadInput
from genai_core.training import Knobs, train


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    runtime.set_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def digits():
    return pictures.read("strokes", n=300).pictures


def count(model):
    return sum(p.numel() for p in model.parameters())


def linear(*sizes):
    return sum(a * b + b for a, b in zip(sizes, sizes[1:], strict=False))


class TestShapes:
    def test_the_lecture_s_vae_has_its_layers_and_no_other_weight(self):
        assert count(models.build("digit_vae", 0)) == linear(784, 400) + 2 * linear(400, 20) + linear(20, 400, 784)

    def test_the_lecture_s_autoencoder_too(self):
        assert count(models.build("digit_autoencoder", 0)) == linear(784, 512, 256, 128, 256, 512, 784)

    def test_tied_weights_are_the_encoder_s_turned_round(self, digits):
        model = models.build("digit_autoencoder", 0, tied=True)
        assert count(model) == linear(784, 512, 256, 128) + 256 + 512 + 784
        loose = models.build("digit_autoencoder", 1)
        state = dict(model.state_dict())
        turned = [model.head, *reversed(model.encoder.layers)]
        state |= {f"decoder.layers.{i}.weight": layer.weight.detach().T for i, layer in enumerate(turned)}
        loose.load_state_dict(state)
        z = model.encode(digits[:5])
        assert torch.allclose(model.decode(z), loose.decode(z), atol=1e-6) and torch.equal(z, loose.encode(digits[:5]))

    @pytest.mark.parametrize("name, settings", [
        ("digit_vae", {"network": "convolutional", "latent": 2}), ("digit_vae", {"hidden": (), "latent": 3}),
        ("digit_vae", {"size": 8, "latent": 2, "activation": "sigmoid", "hidden": (30, 20)}),
        ("digit_autoencoder", {"network": "convolutional", "bottleneck": 2, "code": "linear"}),
        ("digit_autoencoder", {"bottleneck": 256, "hidden": (300,), "code": "sigmoid", "sparse": "kl"})])
    def test_every_variant_maps_pictures_to_codes_and_back(self, name, settings):
        model, size = models.build(name, 0, **settings), settings.get("size", 28)
        x = torch.rand(3, 1, size, size, generator=runtime.rng(0))
        z = model.encode(x)
        again = model.decode(z)
        assert z.shape == (3, settings.get("latent", settings.get("bottleneck"))) and again.shape == x.shape
        assert 0 <= again.min() and again.max() <= 1 and model.sample(2, runtime.rng(0)).shape == (2, 1, size, size)
        assert torch.equal(model.encode((x * 255).round().byte()), model.encode((x * 255).round().byte().float() / 255))

    @pytest.mark.parametrize("name, settings, told", [
        ("digit_vae", {"latent": 0}, "latent size must be a whole number from 1"), ("digit_vae", {"latent": 2.5}, "whole number"),
        ("digit_vae", {"latent": "20"}, "whole number"), ("digit_vae", {"latent": 10**9}, "4096"),
        ("digit_vae", {"network": "recurrent"}, "dense, convolutional"), ("digit_vae", {"beta": -1}, "beta must be"),
        ("digit_vae", {"beta": float("nan")}, "beta must be"), ("digit_vae", {"hidden": (0,)}, "hidden layer"),
        ("digit_vae", {"network": "convolutional", "size": 30}, "4 divides"), ("digit_vae", {"activation": "x"}, "relu, tanh"),
        ("digit_autoencoder", {"bottleneck": 0}, "latent size"), ("digit_autoencoder", {"sparse": "kl"}, "needs code sigmoid"),
        ("digit_autoencoder", {"tied": True, "network": "convolutional"}, "dense"), ("digit_autoencoder", {"amount": 2}, "0 to 1"),
        ("digit_autoencoder", {"noise": "salt"}, "gaussian, masking")])
    def test_what_cannot_be_built_is_told(self, name, settings, told):
        with pytest.raises(BadInput, match=told):
            models.build(name, 0, **settings)


class TestAutoencoder:
    def turn(self, digits, **settings):
        model = models.build("digit_autoencoder", 0, hidden=(32,), bottleneck=8, **settings)
        _, loss, _, told = next(model.turns(digits[:20], runtime.rng(1)))
        return model, loss.item(), told["reconstruction"].item()

    def test_the_loss_is_the_mean_squared_error_per_pixel(self, digits):
        model, loss, told = self.turn(digits)
        x = digits[:20].double() / 255
        by_hand = ((model.decode(model.encode(digits[:20])).double() - x) ** 2).sum().item() / (20 * 784)
        assert loss == told == pytest.approx(by_hand, rel=1e-5)
        assert course.squared_error(model, digits[:20], at_once=7) == pytest.approx(by_hand, rel=1e-5)

    def test_sparse_codes_cost_what_the_formulas_say(self, digits):
        model, loss, told = self.turn(digits, sparse="l1", sparse_weight=0.3)
        assert loss - told == pytest.approx(0.3 * model.encode(digits[:20]).abs().mean().item(), rel=1e-3)
        model, loss, told = self.turn(digits, sparse="kl", code="sigmoid", sparse_weight=0.2, rate=0.1)
        fired = model.encode(digits[:20]).mean(0)
        expected = d.kl_divergence(d.Bernoulli(torch.tensor(0.1)), d.Bernoulli(fired)).sum().item()
        assert loss - told == pytest.approx(0.2 * expected, rel=1e-3)

    def test_noise_is_put_on_what_is_encoded_not_on_what_is_asked_for(self, digits):
        x = torch.full((50, 1, 28, 28), 0.5)
        masked = models.build("digit_autoencoder", 0, noise="masking", amount=0.25).spoilt(x, runtime.rng(0))
        assert set(masked.unique().tolist()) == {0.0, 0.5} and (masked == 0).float().mean().item() == pytest.approx(0.25, abs=0.01)
        noisy = models.build("digit_autoencoder", 0, noise="gaussian", amount=0.2).spoilt(x, runtime.rng(0)) - 0.5
        assert noisy.std().item() == pytest.approx(0.2, rel=0.02) and abs(noisy.mean().item()) < 0.005
        model, loss, _ = self.turn(digits, noise="masking", amount=1.0)  # the encoder sees nothing, the target is the picture
        blank = model.decode(model.encode(torch.zeros(20, 1, 28, 28)))
        assert loss == pytest.approx((blank - digits[:20].float() / 255).square().mean().item(), rel=1e-5)

    def test_random_codes_have_the_training_codes_mean_and_deviation(self, digits):
        model = models.build("digit_autoencoder", 0, hidden=(32,), bottleneck=4, code="linear")
        for _ in train(model, digits, 60, 0, Knobs(rate=0.0, batch=64)):
            pass
        z = model.encode(digits)
        assert torch.allclose(model.code_mean, z.mean(0), atol=0.01)
        assert torch.allclose((model.code_square - model.code_mean.square()).sqrt(), z.std(0), rtol=0.05)


class TestEpochs:
    def test_the_loss_told_is_the_mean_over_the_epoch_s_pictures(self, digits):
        """With nothing learnt, it is the loss over all of them, the smaller last batch at its own weight."""
        model = models.build("digit_autoencoder", 0, hidden=(16,), bottleneck=4)
        (epoch,) = course.epochs(model, digits, 1, 0, Knobs(rate=0.0, batch=128, each_once=True))
        assert epoch.loss == pytest.approx(course.squared_error(model, digits), rel=1e-5) == epoch.notes["reconstruction"]

    def test_our_mean_and_the_lecture_s_sum_take_the_same_steps(self, digits):
        """Adam on the sum with epsilon 1e-8 is Adam on the mean with epsilon 1e-8 / batch."""
        ours, theirs = (models.build("digit_vae", 0, hidden=(16,), latent=3) for _ in range(2))
        order = []
        turns = ours.turns
        ours.turns = lambda batch, rng: order.append(batch) or turns(batch, rng)
        list(course.epochs(ours, digits[:256], 2, 5, course.knobs(batch=64)))
        optimiser, noise = torch.optim.Adam(theirs.parameters(), lr=1e-3), runtime.rng(6)
        for batch in order:
            optimiser.zero_grad()
            (next(theirs.turns(batch, noise))[1] * len(batch)).backward()
            optimiser.step()
        assert len(order) == 8
        for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
            assert torch.allclose(a, b, atol=2e-5)

    def test_warm_up_raises_beta_evenly_and_leaves_it_as_asked(self, digits):
        model, seen = models.build("digit_vae", 0, hidden=(8,), latent=2, beta=3.0), []
        turns = model.turns
        model.turns = lambda batch, rng: seen.append(model.beta) or turns(batch, rng)
        list(course.epochs(model, digits[:80], 3, 0, course.knobs(batch=20), warmup=2.0))
        assert seen == pytest.approx([3 * min(1, i / 8) for i in range(12)]) and model.beta == 3.0

    def test_an_epoch_goes_on_from_another_bit_for_bit(self, digits):
        def run(number, start=None):
            model = models.build("digit_vae", 0, hidden=(8,), latent=2)
            return list(course.epochs(model, digits, number, 0, course.knobs(), 2.0, start))

        whole = run(3)
        again = run(3, run(1)[0].snapshot())
        assert [e.loss for e in again] == [e.loss for e in whole[1:]] and [e.index for e in again] == [2, 3]

    @pytest.mark.parametrize("given", [{"rate": 0}, {"rate": float("nan")}, {"batch": 0}])
    def test_rates_and_batches_that_cannot_be_are_told(self, given):
        with pytest.raises(BadInput):
            course.knobs(**given)


class TestTheLecturesDraws:
    def test_a_seed_gives_what_the_lecture_s_code_gives_after_manual_seed(self, digits):
        """Weights, order and noise, over three epochs with a smaller last batch: only rounding differs."""
        labelled = torch.utils.data.TensorDataset(digits.float() / 255, torch.zeros(len(digits)))
        theirs = [loss for _, loss in training_times.lecture_loop(labelled, 3, 5)]
        ours = [loss for _, loss in training_times.our_epochs(digits, 3, 5, "fp32")]
        assert ours == pytest.approx(theirs, abs=2e-3)
        plain = models.build("digit_vae", 5)
        other = [epoch.loss for epoch in course.epochs(plain, digits, 3, 5, course.knobs())]
        assert all(abs(a - b) > 0.1 for a, b in zip(other, theirs, strict=True))

    def test_it_goes_on_from_the_middle_of_an_epoch_bit_for_bit(self, digits, tmp_path):
        def steps(start=None):
            model, stream = course.lecture_vae(5)
            return train(model, digits, 7, 5, course.knobs(summed=True), start, stream)

        whole = list(steps())
        for step in steps():
            if step.index == 4:  # three batches an epoch: the first of the second has been taken
                checkpoints.save(step.snapshot(), tmp_path / "middle.safetensors")
                break
        again = list(steps(checkpoints.load(tmp_path / "middle.safetensors")[0]))
        assert [step.losses for step in again] == [step.losses for step in whole[4:]]

    def test_the_global_stream_is_left_as_it_was(self):
        before = torch.get_rng_state()
        course.lecture_vae(5)
        assert torch.equal(before, torch.get_rng_state())

    def test_the_command_knows_the_lecture_s_own_run(self):
        def given(*more):
            args = command_line.parser().parse_args(["train", "vae", "--data", "mnist", *more])
            return _course.the_lectures(args, SimpleNamespace(name="mnist", size=28, pictures=range(60_000)), _course.settings(args, 28))

        assert given("--seed", "1", "--epochs", "3", "--precision", "bf16")
        for other in (["--latent", "2"], ["--beta", "2"], ["--batch", "64"], ["--rate", "0.01"], ["--warmup", "2"],
                      ["--activation", "tanh"], ["--hidden", "400,200"], ["--free-bits", "1"]):
            assert not given(*other), other


class TestCommand:
    def train(self, capsys, tmp_path, *more, kind="vae"):
        file = tmp_path / f"{kind}.safetensors"
        code = command_line.main(["train", kind, "--n", "200", "--epochs", "2", "--threads", "1", "--hidden", "16", "--json",
                                  "--out", str(file), *more])
        told = capsys.readouterr()
        return code, file, told

    def test_one_line_an_epoch_then_sample_and_encode(self, capsys, tmp_path):
        code, file, told = self.train(capsys, tmp_path, "--latent", "3")
        lines = [json.loads(line) for line in told.out.splitlines()]
        assert code == 0 and [line["epoch"] for line in lines] == [1, 2]
        assert all(set(line) == {"epoch", "seconds", "loss", "reconstruction", "kl"} for line in lines)
        assert all(line["loss"] == pytest.approx(line["reconstruction"] + line["kl"], abs=1e-3) for line in lines)
        assert weights.about(file)["data"] == "strokes"
        assert command_line.main(["sample", str(file), "--n", "3", "--out", str(tmp_path / "new"), "--json", "--threads", "1"]) == 0
        drawn = json.loads(capsys.readouterr().out)
        assert len(list((tmp_path / "new").glob("*.png"))) == 3 and 0 <= drawn["recognised_share"] <= 1
        table = tmp_path / "codes.csv"
        assert command_line.main(["encode", str(file), "--n", "5", "--out", str(table), "--json", "--threads", "1"]) == 0
        rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
        model, _ = weights.load(file)
        codes = model.encode(pictures.read("strokes", "test", 5).pictures)
        assert [float(row["z1"]) for row in rows] == pytest.approx(codes[:, 1].tolist(), rel=1e-4)
        capsys.readouterr()
        *_, same = self.train(capsys, tmp_path, "--latent", "3")
        assert [json.loads(line)["loss"] for line in same.out.splitlines()] == [line["loss"] for line in lines]

    def test_an_autoencoder_in_bfloat16(self, capsys, tmp_path):
        code, file, told = self.train(capsys, tmp_path, "--bottleneck", "4", "--precision", "bf16", kind="autoencoder")
        assert code == 0 and json.loads(told.out.splitlines()[-1])["kl"] is None
        assert next(weights.load(file)[0].parameters()).dtype == torch.float32

    @pytest.mark.parametrize("more, told", [
        (["--latent", "0"], "latent size"), (["--data", "cats"], "there are strokes"), (["--epochs", "0"], "--epochs"),
        (["--hidden", "a"], "512,256"), (["--data-dir", "/nowhere"], "no folder"), (["--rate", "-1"], "learning rate"),
        (["--seed", "-1"], "--seed"), (["--warmup", "9"], "--warmup")])
    def test_bad_input_is_one_sentence(self, capsys, tmp_path, more, told):
        code, file, said = self.train(capsys, tmp_path, *more)
        assert code == 2 and told in said.err and not file.exists() and said.out == ""

    def test_a_file_that_is_no_model_is_told(self, capsys, tmp_path):
        (tmp_path / "cut.safetensors").write_bytes(b"12345")
        for name, told in (("cut.safetensors", "no whole safetensors"), ("none.safetensors", "no file")):
            assert command_line.main(["sample", str(tmp_path / name), "--out", str(tmp_path / "new")]) == 2
            assert told in capsys.readouterr().err


class TestMeasured:
    def test_the_measure_rests_on_files_that_are_there(self):
        for part in measuring.measure("digits").parts.values():
            assert all((measuring.ROOT / path).exists() for path in part.depends)

    def test_the_lecture_s_table_and_collapse_are_as_measured_and_fresh(self):
        told = measuring.read("digits")
        for name in ("vae", "collapse"):
            assert told["parts"][name]["rests_on"] == measuring.fingerprint(measuring.measure("digits").parts[name].depends), \
                f"python -m genai_core measure digits --only {name}"
        runs = {name: figure for name, figure in told["figures"].items() if name.startswith("lecture_vae_")}
        assert len(runs) == 6 and all(abs(figure["away"][epoch]) <= most for figure in runs.values()
                                      for epoch, most in (("1", 2.5), ("5", 1), ("10", 1)))
        assert told["figures"]["collapse_as_said"]["right"] >= 9

    def test_ours_is_the_lecture_s_own_loop_on_mnist(self):
        """Two epochs of a few pictures: the same losses, in bfloat16 nearly."""
        folder = os.environ.get("GENLENS_DATA")
        if not folder:
            pytest.skip("needs MNIST: set GENLENS_DATA to its folder")
        data = pictures.read("mnist", n=2560, folder=folder).pictures
        *_, (_, ours) = training_times.our_epochs(data, 2, 0, "fp32")
        *_, (_, quick) = training_times.our_epochs(data, 2, 0, "bf16")
        *_, (_, theirs) = training_times.lecture_epochs(folder, 2, 0, rows=2560)
        assert ours == pytest.approx(theirs, abs=0.01) and quick == pytest.approx(ours, abs=2)
