"""An experiment as a notebook that runs by itself: torch, numpy and matplotlib, and the very functions that ran here.

Every definition is taken from the source of this package by `inspect`, so that a notebook cannot say something else
than what was run. Only the prefixes of our own modules are cut off, because in a notebook all names share one space.
"""

import ast
import inspect
import re

from genai_core import plane, runtime, training
from genai_core.data import points
from genai_core.models.gan import GAN
from genai_core.models.vae import VAE

OWN = re.compile(r"\b(?:runtime|training|points)\.(?=[A-Za-z_])")
NETWORKS = {"vae": VAE, "gan": GAN}
DRAWS = {"ring": (points.ring_centres, points.ring), "two_moons": (points.two_moons,), "spiral": (points.spiral,)}
LOOP = (runtime.rng, runtime.build, runtime.autocast, runtime.processes, runtime.average_gradients,
        training.Knobs, training.Snapshot, training.Step, training.train)
TITLE = """# Learn a shape

{what}. Seed {seed}, {steps:,} updates, learning rate {rates}.

Run all cells: the numbers are those of the lab (on one thread and the same kind of processor, to the last bit).
Needs torch, numpy and matplotlib, and nothing else."""
SETUP = """import contextlib
import copy
import math
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits, softplus

torch.set_num_threads(1)  # as in the lab: with more threads sums are taken in another order
"""
TRAIN = """nets, history = {}, {}
for name in NETWORKS:
    net = build(NETWORKS[name], SEED)  # weights drawn from the seed
    knobs, losses = knobs_of(name, rate_at(0), BALANCE), []
    for step in train(net, data, STEPS, SEED, knobs):
        losses.append(step.losses)
        knobs.rate = knobs_of(name, rate_at(step.index), BALANCE).rate  # read before every update
    nets[name], history[name] = net, losses
    print(name, "last losses:", losses[-1])"""
DRAW = """figure, rows = plt.subplots(len(nets), 2, figsize=(10, 4.5 * len(nets)), squeeze=False)
for (name, net), (left, right) in zip(nets.items(), rows):
    drawn = net.sample(500, rng({sample_seed})).numpy()
    left.scatter(*np.asarray(data[:500]).T, s=4, color="0.6", label="training data")
    left.scatter(*drawn.T, s=6, label=name.upper())
    left.set(aspect="equal", xlim=(-1.5, 1.5), ylim=(-1.5, 1.5))
    left.legend(loc="upper right")
    for turn in history[name][-1]:
        right.plot([losses[turn] for losses in history[name]], lw=0.7, label=turn)
    right.set(xlabel="update", ylabel="loss (nats)")
    right.legend()
plt.show()"""


def source(thing) -> str:
    """The source of a function or class, with the names of our own modules cut off."""
    return OWN.sub("", inspect.getsource(thing)).rstrip()


def constants(module, *names: str) -> str:
    """The lines of the module that assign these constants, with their comments."""
    text = inspect.getsource(module)
    lines, found = text.split("\n"), []
    for node in ast.parse(text).body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(target, ast.Name) and target.id in names:
            found += lines[node.lineno - 1:node.end_lineno]
    return OWN.sub("", "\n".join(found))


def definitions(*things) -> str:
    return "\n\n\n".join(source(thing) for thing in things)


def plane_cells(settings: plane.Settings) -> list[tuple[str, str]]:
    """(kind, text) of each cell of a run in the plane. kind: "markdown" or "code"."""
    names = settings.models
    what = " and ".join(inspect.getdoc(inspect.getmodule(NETWORKS[n])).split(" for points")[0].lower() for n in names)
    classes = ", ".join(f'"{n}": {NETWORKS[n].__name__}' for n in names)
    rates = ", then ".join(f"{rate:g} from update {start:,}" if start else f"{rate:g}" for start, rate in settings.rates)
    chosen = (f"SEED, STEPS = {settings.seed}, {settings.steps}\n"
              f"BALANCE = {float(settings.balance)!r}  # the discriminator's learning rate as a multiple of the generator's\n"
              f"RATES = {settings.rates!r}  # (from update, learning rate)\n\n\n"
              "def rate_at(done):\n    \"\"\"The learning rate of the update that follows `done` finished ones.\"\"\"\n"
              "    return [rate for start, rate in RATES if start <= done][-1]")
    data = constants(points, "RING_MODES", "RING_SPREAD") + "\n\n\n" if settings.data == "ring" else ""
    return [
        ("markdown", TITLE.format(what=what[0].upper() + what[1:], seed=settings.seed, steps=settings.steps, rates=rates)),
        ("code", SETUP),
        ("markdown", "## Settings"), ("code", chosen),
        ("markdown", "## The one loop\nGenerators of random numbers from a seed, and the loop that trains every model."),
        ("code", constants(runtime, "PRECISIONS", "BUILDING") + "\n" + constants(training, "OPTIMISERS") + "\n\n\n"
         + definitions(*LOOP)),
        ("markdown", "## The models"),
        ("code", definitions(*(NETWORKS[n] for n in names), plane.knobs_of) + f"\n\n\nNETWORKS = {{{classes}}}"),
        ("markdown", "## The data\nMade here, from the seed."),
        ("code", data + definitions(*DRAWS[settings.data])
         + f"\n\n\ndata = {settings.data}({plane.TRAINING_POINTS}, rng(SEED))"),
        ("markdown", "## Learn"), ("code", TRAIN),
        ("markdown", "## Look"), ("code", DRAW.format(sample_seed=plane.SAMPLE_SEED)),
    ]


def plane_notebook(settings: plane.Settings) -> dict:
    """The run as an nbformat 4 notebook, a dict ready for JSON; checked against the format's own schema."""
    import nbformat
    from nbformat import v4

    make = {"markdown": v4.new_markdown_cell, "code": v4.new_code_cell}
    cells = [make[kind](text) for kind, text in plane_cells(settings)]
    for k, cell in enumerate(cells):
        cell["id"] = f"cell-{k}"  # the format's random names would make every export differ
    book = v4.new_notebook(cells=cells, metadata={"kernelspec": {
        "name": "python3", "display_name": "Python 3", "language": "python"}, "language_info": {"name": "python"}})
    nbformat.validate(book)
    return book
