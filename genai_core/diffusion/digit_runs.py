"""What the tab on diffusion runs on digits: dissolve them, go on training the shipped network, draw with it, count its calls."""

from collections.abc import Iterator

import numpy as np
import torch

from genai_core import runtime
from genai_core.data import pictures as data
from genai_core.diffusion import digits, samplers, targets
from genai_core.diffusion.experiment import LOSS_LEVELS, LOSS_SEED, SAMPLE_SEED, Frame, Settings, ratios
from genai_core.errors import BadInput
from genai_core.models.digit_diffusion import NOBODY
from genai_core.training import Knobs, train

SHEET = 4               # digits along one side of a sheet
SHOTS = 24
JUDGED_LIVE = 60        # pictures behind a live share
RATE, BATCH = 3e-4, 64
LOOK_EVERY, LOOK_CALLS = 20, 9


def sheet(x: torch.Tensor) -> np.ndarray:
    """Pictures (n, 1, S, S) from -1 to 1, side by side in rows of four, what is brighter or darker cut off.  -> (h, w) uint8"""
    side = x.shape[-1]
    grey = ((x.float() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
    return grey.reshape(-1, SHEET, side, side).transpose(1, 2).reshape(-1, SHEET * side).numpy()


def forward(asked: Settings) -> Iterator[Frame]:
    """Digits dissolve, always in the same noise."""
    clean = data.read("strokes", n=1000).pictures[asked.seed % 900:][:SHEET * SHEET].float() / 127.5 - 1
    noise = torch.randn(clean.shape, generator=runtime.rng(asked.seed + 1))
    level = torch.cat([torch.ones(1, dtype=torch.float64), asked.chain.alpha_bar])
    for t in torch.linspace(0, asked.length, SHOTS + 1).round().long().unique().tolist():
        x = targets.noisy(clean, noise, level[t]).float()
        yield Frame(t, asked.length, {}, None, {"t": t, **ratios(float(level[t]))}, pictures={"noisy": sheet(x)})


def _fits(asked: Settings, net) -> None:
    """The shipped network knows one chain and one target; BadInput for others."""
    if (asked.schedule, asked.length, asked.target) != (net.chain.name, len(net.chain), net.target):
        raise BadInput(f"The network of digits that comes with the app was trained with the {net.chain.name} schedule over "
                       f"{len(net.chain):,} timesteps to answer {net.target}: choose these, or points, which are learnt anew.")


@torch.no_grad()
def losses_by_level(net) -> tuple:
    """Mean squared error at 24 timesteps on 32 test digits.  -> ([t, loss, None], ...)"""
    test = data.read("strokes", "test", 1000)
    clean, labels = test.pictures[:32].float() / 127.5 - 1, test.labels[:32]
    noise, found = torch.randn(clean.shape, generator=runtime.rng(LOSS_SEED)), []
    for t in torch.linspace(0, len(net.chain) - 1, LOSS_LEVELS).round().long().unique().tolist():
        found.append((t + 1, net.misfit(clean, labels, torch.full((len(clean),), t), noise).mean().item(), None))
    return tuple(found)


def training(asked: Settings) -> Iterator[Frame]:
    """Go on training a copy of the shipped network: a Frame after every update; new pictures and losses after every 20th."""
    net = digits.fresh().requires_grad_(True)
    _fits(asked, net)
    some = data.read("strokes", n=10_000)
    losses, drawn, by_level = [], {}, ()
    knobs = Knobs(rate=RATE, batch=BATCH, options={"fused": True})
    for step in train(net, (some.pictures, some.labels), asked.updates, asked.seed, knobs):
        losses.append(step.losses["loss"])
        row = {}
        if step.index % LOOK_EVERY == 0 or step.index in (1, asked.updates):
            net.eval()
            made = net.sample(SHEET * SHEET, runtime.rng(SAMPLE_SEED), sampler="heun", calls=LOOK_CALLS)
            drawn, by_level = {"drawn": sheet(2 * made - 1)}, losses_by_level(net)
            net.train()
            row, losses = {"update": step.index, "loss": sum(losses) / len(losses), **judged(2 * made - 1)}, []
        yield Frame(step.index, asked.updates, {}, None, row, by_level, drawn)


def judged(x: torch.Tensor, digit: int | None = None) -> dict:
    """Of pictures from -1 to 1: the share that the classifier is sure of, and of the digit asked for."""
    told = digits.shares(((x + 1) / 2).clamp(0, 1), None if digit is None else torch.full((len(x),), digit))
    return {name: value["share"] for name, value in told.items()}


def _walk(asked: Settings, n: int) -> Iterator[samplers.Move]:
    net = digits.shipped()
    _fits(asked, net)
    digit = None if asked.digit == "any" else int(asked.digit)
    labels = torch.full((n,), NOBODY if digit is None else digit)
    denoise = samplers.denoiser(net.guided(labels, 1.0 if digit is None else asked.guidance), net.target)
    rng = runtime.rng(asked.seed + SAMPLE_SEED)
    at = samplers.levels(net.chain, asked.how, asked.calls)
    with torch.no_grad():
        yield from samplers.walk(denoise, samplers.start((n, 1, net.size, net.size), float(at[0]), rng), at, asked.how, rng)


def reverse(asked: Settings) -> Iterator[Frame]:
    """Sixteen digits out of noise: what is left of it, and what the network takes it for."""
    digit = None if asked.digit == "any" else int(asked.digit)
    shown: set[int] = set()
    for step in _walk(asked, SHEET * SHEET):
        shown = shown or set(torch.linspace(1, step.steps, min(SHOTS, step.steps)).round().long().tolist())
        last = step.index == step.steps
        clean = step.x_after if last else step.clean
        row = {"step": step.index, "calls": step.calls, "sigma": step.sigma, **judged(clean, digit)} if step.index in shown else {}
        made = {"noisy": sheet(step.seen), "clean": sheet(clean)} if row else {}
        yield Frame(step.index, step.steps, {}, None, row, pictures=made)


def spent(asked: Settings) -> Iterator[Frame]:
    """Sixty digits with the chosen sampler and calls: the share that is recognised, to stand beside the recorded ones."""
    digit = None if asked.digit == "any" else int(asked.digit)
    for step in _walk(asked, JUDGED_LIVE):
        last = step.index == step.steps
        row = {"sampler": "chosen", "asked": asked.calls, "calls": step.calls, **judged(step.x_after, digit)} if last else {}
        yield Frame(step.index, step.steps, {}, None, row, pictures={"drawn": sheet(step.clean[:SHEET * SHEET])} if last else {})


def run(asked: Settings) -> Iterator[Frame]:
    """The frames of the part that the settings name, on digits."""
    return {"forward": forward, "train": training, "reverse": reverse, "calls": spent}[asked.part](asked)
