"""The contract that every model and every data set keeps. A new entry in a registry is tested without a new line."""

import functools
import math
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import torch
from torch import equal
from torch.nn.utils import parameters_to_vector

from genai_core import data, models, runtime
from genai_core.training import OPTIMISERS, Knobs, train

ROOT = Path(__file__).resolve().parent.parent
BATCH = 8


@pytest.fixture(autouse=True)
def one_thread():
    """As in the app: every job on one thread."""
    before = torch.get_num_threads()
    runtime.set_threads(1)
    yield
    torch.set_num_threads(before)


def columns(examples):
    return examples if isinstance(examples, tuple) else (examples,)


@functools.cache
def examples_for(name, n=64):
    return data.load(models.MODELS[name].data, seed=0, n=n)


def tiny(name, seed=1):
    return models.build(name, seed, **models.MODELS[name].tiny)


def weights(model):
    """All parameters and floating buffers in one vector, a copy."""
    rest = [b.flatten().float() for b in model.buffers() if b.is_floating_point()]
    return torch.cat([*(p.detach().flatten() for p in model.parameters()), *rest])


def trained(name, steps=3, seed=2, knobs=None, start=None, model=None, look=None, stir=0):
    """Weights after training a tiny model; `look(model, step)` watches every step; stir: state of the global stream."""
    torch.manual_seed(stir)
    model = model or tiny(name)
    for step in train(model, examples_for(name), steps, seed, knobs or Knobs(batch=BATCH), start):
        assert step.losses and all(map(math.isfinite, step.losses.values())), step
        if look:
            look(model, step)
    return weights(model)


@pytest.fixture
def there(name):
    if not data.DATASETS[name].there():
        pytest.skip(f"{data.DATASETS[name].title} is not on this machine: set GENLENS_DATA to its folder")


@pytest.mark.usefixtures("there")
@pytest.mark.parametrize("name", data.DATASETS)
class TestDataset:
    def test_rows_columns_and_numbers(self, name):
        got = columns(data.load(name, seed=3, n=17))
        assert all(torch.is_tensor(c) and len(c) == 17 for c in got)
        assert all(torch.isfinite(c.float()).all() for c in got)

    def test_same_seed_same_bits_and_another_seed_others(self, name):
        first, again, other = (columns(data.load(name, seed, n=40)) for seed in (3, 3, 4))
        assert all(equal(a, b) for a, b in zip(first, again, strict=True))
        assert not all(equal(a, b) for a, b in zip(first, other, strict=True))

    def test_the_global_stream_is_left_alone(self, name):
        torch.manual_seed(5)
        before = torch.random.get_rng_state()
        first = columns(data.load(name, seed=3, n=9))
        assert equal(torch.random.get_rng_state(), before)
        torch.manual_seed(6)
        assert all(equal(a, b) for a, b in zip(first, columns(data.load(name, seed=3, n=9)), strict=True))

    def test_it_has_a_title_of_its_own(self, name):
        titles = [entry.title for entry in data.DATASETS.values()]
        assert data.DATASETS[name].title.strip() and titles.count(data.DATASETS[name].title) == 1


LONGER = {"point_diffusion": 160}  # updates: a loss over eight points at eight noise levels is mostly noise


@pytest.mark.parametrize("name", models.MODELS)
class TestModel:
    def test_its_entry_names_a_data_set_and_a_title_of_its_own(self, name):
        titles = [entry.title for entry in models.MODELS.values()]
        assert models.MODELS[name].data in data.DATASETS
        assert models.MODELS[name].title.strip() and titles.count(models.MODELS[name].title) == 1
        assert models.build(name, 0, **models.MODELS[name].tiny).__doc__

    def test_the_seed_alone_decides_the_first_weights(self, name):
        torch.manual_seed(1)
        first = weights(tiny(name, seed=1))
        torch.manual_seed(2)
        assert equal(first, weights(tiny(name, seed=1))) and not equal(first, weights(tiny(name, seed=2)))

    def test_every_turn_moves_the_part_it_names_and_no_other(self, name):
        model, rng, batch = tiny(name), runtime.rng(3), columns(examples_for(name, BATCH))
        turns = model.turns(batch if isinstance(examples_for(name, 1), tuple) else batch[0], rng)
        seen = set()
        for turn, loss, part, *_ in turns:
            inside = {id(p) for p in part.parameters() if p.requires_grad}
            before = {n: p.detach().clone() for n, p in model.named_parameters()}
            assert loss.ndim == 0 and loss.isfinite() and inside and turn not in seen
            seen.add(turn)
            chosen = [p for p in part.parameters() if p.requires_grad]
            gradients = torch.autograd.grad(loss, chosen, allow_unused=True, retain_graph=True)
            assert any(g is not None and g.abs().sum() > 0 for g in gradients)
            with torch.no_grad():
                for parameter, gradient in zip(chosen, gradients, strict=True):
                    if gradient is not None:
                        parameter -= 1e-3 * gradient
            moved = {id(p) for n, p in model.named_parameters() if not equal(before[n], p)}
            assert moved and moved <= inside
        assert seen

    def test_it_learns_what_it_can_overfit(self, name):
        losses = []
        trained(name, steps=LONGER.get(name, 40), knobs=Knobs(batch=BATCH, rate=2e-3), look=lambda _, step: losses.append(step.losses))
        if len(losses[0]) == 1:  # of two players, neither loss need fall
            only = [next(iter(loss.values())) for loss in losses]
            assert sum(only[-8:]) < sum(only[:8])

    def test_one_step_changes_weights(self, name):
        assert not equal(trained(name, steps=1), trained(name, steps=0))

    def test_same_seed_same_bits_whatever_the_global_stream(self, name):
        assert equal(trained(name, stir=10), trained(name, stir=11))
        assert not equal(trained(name, seed=2), trained(name, seed=3))

    def test_watching_changes_nothing(self, name):
        def look(model, step):
            step.snapshot()
            if hasattr(model, "sample"):
                model.sample(4, runtime.rng(9))
            if hasattr(model, "path"):
                list(model.path(2, runtime.rng(9)))

        assert equal(trained(name), trained(name, look=look))

    def test_samples_follow_their_generator_alone(self, name):
        model = tiny(name)
        if not hasattr(model, "sample"):
            pytest.skip("draws only with the help of others")
        torch.manual_seed(1)
        first = model.sample(7, runtime.rng(3))
        torch.manual_seed(2)
        assert equal(first, model.sample(7, runtime.rng(3))) and not equal(first, model.sample(7, runtime.rng(4)))
        assert len(first) == 7 and first.isfinite().all()
        assert first.shape[1:] == columns(examples_for(name, 1))[0].shape[1:]

    def test_a_snapshot_resumes_bit_for_bit(self, name):
        """Adam, a turned knob, averaged weights, and a model that starts from other weights."""
        kept = {}

        def turn(knobs, at):
            knobs.rate = 1e-3 if at < 3 else 4e-3

        def run(knobs, **more):
            def look(_, step):
                if step.index == 2:
                    kept.setdefault("two", step.snapshot())
                kept["end"] = step.snapshot()
                turn(knobs, step.index)

            return trained(name, steps=5, knobs=knobs, look=look, **more), kept["end"].ema

        whole, average = run(Knobs(batch=BATCH, ema=0.9))
        resumed, again = run(Knobs(batch=BATCH, ema=0.9), start=kept["two"], model=tiny(name, seed=77))
        assert equal(whole, resumed)
        assert average.keys() == again.keys() and all(equal(average[key], again[key]) for key in average)

    def test_two_at_once_do_not_disturb_each_other(self, name):
        alone, together = [trained(name, seed=seed) for seed in (2, 3)], {}

        def work(seed):
            runtime.set_threads(1)
            together[seed] = trained_quietly(name, seed)

        threads = [threading.Thread(target=work, args=(seed,)) for seed in (2, 3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert equal(together[2], alone[0]) and equal(together[3], alone[1])


def trained_quietly(name, seed):
    model = tiny(name)
    for _ in train(model, examples_for(name), 3, seed, Knobs(batch=BATCH)):
        pass
    return weights(model)


class TestTrain:
    """What the one loop promises to its callers, tried on the smallest models."""

    def test_no_steps_yield_nothing_and_change_nothing(self):
        model = tiny("vae")
        before = weights(model)
        assert list(train(model, examples_for("vae"), 0, 1)) == []
        assert equal(before, weights(model))

    def test_steps_are_counted_from_the_very_start_also_when_resumed(self):
        model, points = tiny("vae"), examples_for("vae")
        steps = list(train(model, points, 3, 1))
        start = steps[-1].snapshot()
        assert [step.index for step in steps] == [1, 2, 3]
        assert [step.index for step in train(model, points, 5, 1, start=start)] == [4, 5]
        assert list(train(model, points, 2, 1, start=start)) == []

    def test_a_closed_run_does_no_more_work(self):
        model = tiny("vae")
        run = train(model, examples_for("vae"), 1000, 1)
        next(run)
        run.close()
        after = weights(model)
        assert list(run) == [] and equal(after, weights(model))

    def test_a_snapshot_is_not_changed_by_what_comes_after(self):
        run = train(tiny("gan"), examples_for("gan"), 4, 1, Knobs(ema=0.5))
        kept = next(run).snapshot()
        before = {key: value.clone() for key, value in kept.weights.items()}
        moments = [state["exp_avg"].clone() for _, saved in kept.optimisers.values() for state in saved["state"].values()]
        list(run)
        assert all(equal(before[key], kept.weights[key]) for key in before)
        after = [state["exp_avg"] for _, saved in kept.optimisers.values() for state in saved["state"].values()]
        assert moments and all(equal(a, b) for a, b in zip(moments, after, strict=True))

    @pytest.mark.parametrize("wrong", [torch.zeros(0, 2), (torch.zeros(3, 2), torch.zeros(4)), (torch.zeros(0, 2),) * 2])
    def test_data_without_rows_or_of_two_lengths_are_refused(self, wrong):
        with pytest.raises(ValueError, match="one length"):
            next(train(tiny("vae"), wrong, 1, 1))

    def test_fewer_points_than_a_batch_will_do(self):
        assert len(list(train(tiny("vae"), examples_for("vae", n=1), 2, 1, Knobs(batch=16)))) == 2

    @pytest.mark.parametrize("optimiser", OPTIMISERS)
    def test_every_optimiser_moves_and_resumes(self, optimiser):
        def run(start=None):
            model = tiny("vae")
            for step in train(model, examples_for("vae"), 4, 1, Knobs(optimiser=optimiser), start):
                if step.index == 2 and start is None:
                    run.kept = step.snapshot()
            return weights(model)

        whole = run()
        assert not equal(whole, weights(tiny("vae"))) and equal(whole, run(run.kept))

    def test_knobs_are_read_before_every_update(self):
        knobs, model = Knobs(optimiser="sgd", rate=1e-2), tiny("vae")
        run = train(model, examples_for("vae"), 3, 1, knobs)
        next(run)
        knobs.rate = 0.0
        before = weights(model)
        next(run)
        assert equal(before, weights(model))
        knobs.rate = 1e-2
        next(run)
        assert not equal(before, weights(model))

    def test_epochs_show_every_row_once_and_resume_within(self):
        rows, seen, kept = torch.arange(10.0)[:, None].repeat(1, 2), [], {}

        def run(steps, start=None):
            model = tiny("vae")
            turns = model.turns
            model.turns = lambda batch, rng: seen.append(batch[:, 0].tolist()) or turns(batch, rng)
            for step in train(model, rows, steps, 1, Knobs(batch=4, each_once=True), start):
                kept[step.index] = step.snapshot()
                assert step.rows == (2 if step.index % 3 == 0 else 4)
            return weights(model)

        whole = run(6)
        first, second = sum(seen[:3], []), sum(seen[3:], [])
        assert sorted(first) == sorted(second) == list(range(10)) and first != second != sorted(second)
        assert equal(whole, run(6, start=kept[4])) and seen[6:] == seen[4:6]

    def test_what_a_turn_notes_is_told_with_the_step(self):
        model = tiny("vae")
        turns = model.turns
        model.turns = lambda batch, rng: ((*turn, {"twice": 2 * turn[1].detach()}) for turn in turns(batch, rng))
        step = next(train(model, examples_for("vae"), 1, 1))
        assert step.notes == {"twice": pytest.approx(2 * step.losses["loss"])} and step.rows == 128

    def test_a_part_may_take_more_turns_than_another(self):
        model, taken = tiny("gan"), []
        turns = model.turns

        def counted(batch, rng):
            for name, loss, part in turns(batch, rng):
                before = parameters_to_vector(part.parameters()).clone()
                yield name, loss, part
                taken.append((name, not equal(before, parameters_to_vector(part.parameters()))))

        model.turns = counted
        next(train(model, examples_for("gan"), 1, 1, Knobs(updates={"discriminator": 3})))
        assert [name for name, moved in taken if moved] == ["discriminator", "generator", "discriminator", "discriminator"]

    def test_the_average_is_the_exponential_one(self):
        model, expected = tiny("vae"), None
        for step in train(model, examples_for("vae"), 4, 1, Knobs(ema=0.75)):
            now = model.state_dict()["decode.0.weight"].clone()
            expected = now if expected is None else 0.75 * expected + 0.25 * now
        assert torch.allclose(step.snapshot().ema["decode.0.weight"], expected, atol=1e-7)

    def test_a_clipped_gradient_is_no_longer_than_the_limit(self):
        model = tiny("vae")
        before = weights(model)
        next(train(model, examples_for("vae"), 1, 1, Knobs(optimiser="sgd", rate=1.0, clip=0.01)))
        assert (weights(model) - before).norm() == pytest.approx(0.01, rel=1e-3)


TWO = """
import hashlib, torch
from genai_core import data, models, runtime
from genai_core.training import Knobs, train
runtime.join_processes(); runtime.set_threads(1)
model, seen = models.build("gan", seed=1), []
turns = model.turns
def watched(x, rng):
    seen.append(x.sum().item())
    return turns(x, rng)
model.turns = watched
losses = [step.losses["generator"] for step in train(model, data.load("ring", 0), 4, 2, Knobs(batch=32))]
bits = b"".join(p.detach().numpy().tobytes() for p in model.parameters())
print("said", *runtime.processes(), hashlib.sha256(bits).hexdigest(), seen[0], losses[0])
torch.distributed.destroy_process_group()
"""


def test_two_processes_see_different_data_and_keep_equal_weights():
    """The environment is the one that `accelerate launch` prepares: gloo between two processes of this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = os.environ | {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port),
                           "ACCELERATE_USE_CPU": "true", "GLOO_SOCKET_IFNAME": "lo"}
    both = [subprocess.Popen([sys.executable, "-c", TWO], cwd=ROOT, text=True, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, env=shared | {"RANK": str(rank), "LOCAL_RANK": str(rank)})
            for rank in (0, 1)]
    said = []
    for process in both:
        out, wrong = process.communicate(timeout=90)
        assert process.returncode == 0, wrong[-2000:]
        said.append(next(line for line in out.splitlines() if line.startswith("said")).split())
    assert [words[1:3] for words in said] == [["0", "2"], ["1", "2"]]
    assert said[0][3] == said[1][3], "weights differ"
    assert said[0][4] != said[1][4], "both processes saw the same points"
    assert said[0][5] != said[1][5], "both processes drew the same noise"
