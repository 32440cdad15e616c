"""GANs of digits: the lectures' networks as printed, the slide's loop against ours, the five mistakes, looking, and the commands."""

import json

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrize

from genai_core import __main__ as command_line
from genai_core import models, runtime
from genai_core.data import pictures
from genai_core.digit_gans import experiment, lines, measures
from genai_core.digit_gans.loop import Loop
from genai_core.digit_gans.settings import BATCH, CASES, MISTAKES, Settings
from genai_core.errors import BadInput
from genai_core.gans.objectives import OBJECTIVES
from genai_core.models.digit_gan import NETWORKS
from genai_core.training import train

SHORT = {"pictures": 640, "epochs": 1}   # ten turns

pytestmark = pytest.mark.usefixtures("one_thread")


def build(seed=0, **settings):
    return models.build("digit_gan", seed, **settings)


def count(part):
    return sum(p.numel() for p in part.parameters())


def shapes(part):
    """What the slide would print of a network."""
    named = {nn.LeakyReLU: lambda m: ("leaky", m.negative_slope), nn.BatchNorm1d: lambda m: ("norm", m.num_features),
             nn.Linear: lambda m: (m.in_features, m.out_features), nn.Tanh: lambda m: "tanh", nn.Dropout: lambda m: "dropout"}
    return [named[type(m)](m) for m in part]


def last(settings):
    *_, moment = experiment.run(settings)
    return moment


# -- the networks -------------------------------------------------------------------------------------------------

def test_the_slides_networks_are_as_printed():
    model = build(network="lecture")
    assert shapes(model.generator) == [(100, 256), ("leaky", 0.2), ("norm", 256), (256, 256), ("leaky", 0.2), ("norm", 256),
                                       (256, 784), "tanh"]
    assert shapes(model.discriminator) == [(784, 256), ("leaky", 0.2), (256, 256), ("leaky", 0.2), (256, 1)]
    assert count(model.generator) == (100 * 256 + 256) + 512 + (256 * 256 + 256) + 512 + (256 * 784 + 784) == 294_160
    assert count(model.discriminator) == (784 * 256 + 256) + (256 * 256 + 256) + (256 + 1) == 267_009


def test_the_notes_networks_have_what_the_notes_name():
    model = build(network="notes")
    kinds = [type(m) for m in model.generator]
    assert kinds[:3] == [nn.Linear, nn.BatchNorm1d, nn.LeakyReLU] and kinds[-2:] == [nn.Linear, nn.Tanh]   # lin, bn, act1 ... final
    assert kinds.count(nn.LeakyReLU) == 3 and kinds.count(nn.BatchNorm1d) == 1
    assert any(isinstance(m, nn.Dropout) for m in model.discriminator) and nn.LeakyReLU in [type(m) for m in model.discriminator]
    assert count(model.generator) == 25_856 + 512 + 2 * 65_792 + 201_488 == 359_440 and count(model.discriminator) == 267_009


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("conditional", [False, True])
def test_every_network_draws_and_judges(network, conditional):
    model, labels = build(network=network, conditional=conditional), torch.tensor([0, 9, 3])
    drawn = model.draw(model.codes(3, runtime.rng(0)), labels if conditional else None)
    assert drawn.shape == (3, 784) and drawn.abs().max() <= 1
    assert model.score(drawn, labels if conditional else None).shape == (3, 1)
    assert model.sample(4, runtime.rng(1)).shape == (4, 1, 28, 28)
    if network == "conv_plain":
        assert not any(isinstance(m, nn.BatchNorm2d) for m in model.modules())
    if network == "conv_tanh":
        assert not any(isinstance(m, nn.ReLU | nn.LeakyReLU) for m in model.modules())


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_every_objective_plays_and_keeps_its_promise(objective):
    model, data = build(objective=objective, conditional=objective == "r1"), pictures.read("strokes", n=640)
    given = experiment.knobs(Settings(objective=objective, d_updates=2))
    for step in train(model, (data.pictures, data.labels), 3, 0, given):
        assert all(map(torch.isfinite, map(torch.tensor, step.losses.values())))
    if objective == "wasserstein_clip":
        assert all(p.abs().max() <= OBJECTIVES[objective].strength for p in model.discriminator.parameters())
    if objective == "spectral":
        assert all(parametrize.is_parametrized(m, "weight") for m in model.discriminator if isinstance(m, nn.Linear))


def test_a_conditional_gan_is_told_the_digit_and_can_be_asked():
    model = build(conditional=True)
    z = model.codes(1, runtime.rng(0)).repeat(2, 1)
    model.eval()
    a, b = model.draw(z, torch.tensor([1, 7]))
    assert not torch.equal(a, b)
    assert not torch.equal(*model.score(a.repeat(2, 1), torch.tensor([1, 7])))
    assert torch.equal(model.sample(5, runtime.rng(2), digit=4), model.pictures(model.codes(5, runtime.rng(2)), torch.full((5,), 4)))
    with pytest.raises(BadInput, match="was not told the digits"):
        build().sample(1, runtime.rng(0), digit=3)


@pytest.mark.parametrize("statistics", ["running", "batch"])
def test_drawing_restores_the_mode_and_moves_no_statistics(statistics):
    model = build()
    before = {k: v.clone() for k, v in model.state_dict().items()}
    modes = [m.training for m in model.modules()]
    drawn = model.sample(20, runtime.rng(0), statistics=statistics)
    assert [m.training for m in model.modules()] == modes and all(modes)
    assert all(torch.equal(before[k], v) for k, v in model.state_dict().items())
    alone = model.pictures(model.codes(20, runtime.rng(0))[:5], None, statistics)
    assert torch.allclose(alone, drawn[:5], atol=1e-6) == (statistics == "running")   # a batch's own statistics depend on the batch


# -- the loop -----------------------------------------------------------------------------------------------------

def test_a_hundred_updates_are_the_slides_own():
    """Weights, batches and codes are the same; sums are taken in another order, and sigmoid and logarithm in one."""
    settings = Settings(rate=2e-4, beta1=0.9, pictures=50 * BATCH, epochs=1)
    data = experiment.learnt_from(settings)
    ours, slide = build(), Loop(build(), 2e-4)
    rng = runtime.rng(settings.seed + 1)
    steps = train(ours, (data.pictures, data.labels), 50, settings.seed, experiment.knobs(settings))
    for step, rows in zip(steps, experiment.batch_rows(len(data), settings.seed, 50), strict=True):
        slide.turn(data.pictures[rows].float().flatten(1) / 127.5 - 1, rng)
        assert step.losses["discriminator"] == pytest.approx(slide.losses["d_loss"], abs=1e-4)
        assert step.losses["generator"] == pytest.approx(slide.losses["g_loss"], abs=1e-4)
    for a, b in zip(ours.generator.parameters(), slide.generator.parameters(), strict=True):
        assert torch.allclose(a, b, atol=1e-4)


def test_never_detaching_is_harmless_where_gradients_are_cleared_and_not_where_they_are_kept():
    slide, kept = last(Settings(part="no_detach", **SHORT)), last(Settings(part="no_detach_kept", **SHORT))
    assert torch.equal(slide.sides["right"].samples, slide.sides["wrong"].samples)
    assert slide.sides["right"].g_loss == slide.sides["wrong"].g_loss
    assert torch.equal(kept.sides["right"].samples, slide.sides["right"].samples)
    assert not torch.equal(kept.sides["right"].samples, kept.sides["wrong"].samples)
    told = {line.name: line.numbers for line in slide.told}
    assert told["d_back held"]["g_slope"] > 0 and told["g_back cleared"]["left"] > 0
    assert {line.name: line.numbers for line in kept.told}["g_back kept"]["left"] > 0


def test_the_other_mistakes_are_what_they_say():
    ends = {name: last(Settings(part=name, **SHORT)) for name in MISTAKES if not name.startswith("no_detach")}
    assert "756 and 784" in ends["sizes"].sides["wrong"].broke and ends["sizes"].sides["wrong"].d_loss is None
    assert [line.name for line in ends["sizes"].told][-2:] == ["short", "broke"] and ends["sizes"].sides["right"].g_loss
    assert all(isinstance(m, nn.Linear | nn.ReLU) for m in ends["relu"].models["wrong"].discriminator)
    stale = {line.name: line.numbers for line in ends["no_zero_grad"].told}
    assert stale["d_back stale"]["left"] > 0 and stale["g_back stale"]["left"] > 0
    assert ends["big_rate"].sides["wrong"].d_loss > 3 * ends["big_rate"].sides["right"].d_loss
    for name, end in ends.items():
        assert torch.equal(end.sides["right"].samples, ends["relu"].sides["right"].samples), name
        assert any(line.wrong for line in end.told)


def test_the_lines_of_a_turn_are_the_turn_that_follows():
    """What the page shows of a turn: losses as the run then has them, and nothing of the run is touched."""
    data, model = pictures.read("strokes", n=640), build()
    given = experiment.knobs(Settings())
    run = train(model, (data.pictures, data.labels), 3, 0, given)
    next(run)
    kept = next(run).snapshot()
    before = {k: v.clone() for k, v in model.state_dict().items()}
    told = {line.name: line for line in lines.walk(model, kept, data, given, 0)}
    assert all(torch.equal(before[k], v) for k, v in model.state_dict().items())
    assert told["d_loss"].numbers["loss"] == pytest.approx(told["d_loss"].numbers["plain"])
    assert told["d_step"].numbers["after_real"] > told["d_step"].numbers["on_real"]            # D learnt from this very batch
    assert told["d_step"].numbers["after_fake"] < told["d_step"].numbers["on_fake"]
    assert told["g_step"].numbers["after_fake"] > told["g_step"].numbers["on_fake"]            # and G from its answer
    assert told["d_back"].numbers["g_slope"] == 0 and told["g_back"].numbers["g_slope"] > 0
    penalised = lines.walk(build(objective="wasserstein_gp"), _snapshot("wasserstein_gp", data), data, given, 0)
    numbers = {line.name: line.numbers for line in penalised}["d_loss penalty"]
    assert numbers["penalty"] > 0 and numbers["loss"] == pytest.approx(numbers["plain"] + numbers["penalty"])


def _snapshot(objective, data):
    model = build(objective=objective)
    return next(train(model, (data.pictures, data.labels), 1, 0, experiment.knobs(Settings()))).snapshot()


def test_same_seed_same_bits_and_looking_changes_nothing():
    a, b = last(Settings(**SHORT)), last(Settings(**SHORT))
    assert torch.equal(a.sides["gan"].samples, b.sides["gan"].samples) and a.sides["gan"].d_loss == b.sides["gan"].d_loss
    data, model = experiment.learnt_from(Settings(**SHORT)), build()
    for step in train(model, (data.pictures, data.labels), 10, 0, experiment.knobs(Settings())):
        pass
    z, labels = experiment.fixed_codes(model)
    assert torch.equal(model.pictures(z, labels)[:40, 0], a.sides["gan"].samples) and step.index == a.index


def test_the_measure_counts_seeds_on_both_sides_of_a_mistake():
    ends = measures.ended(Settings(part="sizes", **SHORT))
    assert ends["wrong"] == {"found": 0, "recognised": 0.0} and set(ends) == {"right", "wrong"}
    figure = measures.figure([{"found": 8, "recognised": 0.5}, {"found": 7, "recognised": 0.5}], 10)
    assert (figure["right"], figure["of"], figure["found"], figure["turns"]) == (1, 2, [8, 7], 10)
    assert set(MISTAKES) <= set(measures.MEASURE.parts)


# -- settings and commands ----------------------------------------------------------------------------------------

def test_what_cannot_be_run_gets_a_sentence():
    for wrong, said in (({"network": "vit"}, "There is no network 'vit'"), ({"epochs": 0}, "Epochs must be a whole number from 1"),
                        ({"rate": 1.0}, "Learning rate must be a number"), ({"part": "relu", "network": "conv"}, "the slide's own loop"),
                        ({"data": "fashion_mnist", "conditional": True}, "clothes")):
        with pytest.raises(BadInput, match=said):
            Settings(**wrong)
    with pytest.raises(BadInput, match="holds one, and batch norm"):
        experiment.learnt_from(Settings(pictures=65 + 64))
    assert Settings(**CASES["slide"]).rate == 2e-4 and not Settings(**CASES["slide"]).lecture  # on Strokes, not on MNIST


def test_the_commands_train_sample_and_play(tmp_path, capsys):
    out = tmp_path / "gan.safetensors"
    assert command_line.main(["train", "gan", "--n", "640", "--epochs", "2", "--conditional", "--threads", "1", "--out", str(out),
                              "--json"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["epoch"] for row in told] == [1, 2] and all({"d_loss", "g_loss", "on_real", "on_fake"} <= set(row) for row in told)
    assert command_line.main(["sample", str(out), "--n", "3", "--digit", "5", "--out", str(tmp_path / "new"), "--threads", "1"]) == 0
    assert len(list((tmp_path / "new").glob("*.png"))) == 3
    table = tmp_path / "run.csv"
    capsys.readouterr()
    assert command_line.main(["gan-digits", "--part", "relu", "--pictures", "640", "--epochs", "1", "--csv", str(table), "--json"]) == 0
    end = json.loads(capsys.readouterr().out)
    assert set(end["readings"]) == {"floor", "right", "wrong"} and "wrong_d_loss" in table.read_text().splitlines()[0]
    assert command_line.main(["train", "gan", "--network", "vit"]) == 2 and "no network" in capsys.readouterr().err
