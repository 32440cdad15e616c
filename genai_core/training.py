"""The one loop. A model says what its turns are; the caller says when to look and when to stop."""

import contextlib
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import torch
from torch import nn

from genai_core import runtime

OPTIMISERS = {"sgd": torch.optim.SGD, "rmsprop": torch.optim.RMSprop, "adam": torch.optim.Adam,
              "nadam": torch.optim.NAdam, "adamw": torch.optim.AdamW}


@dataclass
class Knobs:
    """What may be turned while training runs: every field is read before every update.

    optimiser: a name in OPTIMISERS (a change starts that optimiser's memory afresh); rate: learning rate, > 0,
    one number or one per turn name; batch: points per update; ema: decay of the averaged weights, 0 for none;
    updates: how often a named turn is taken per step (default 1); clip: largest gradient norm, 0 for no limit.
    """

    optimiser: str = "adam"
    rate: float | dict[str, float] = 1e-3
    batch: int = 128
    ema: float = 0.0
    updates: dict[str, int] = field(default_factory=dict)
    clip: float = 0.0
    precision: str = "fp32"
    each_once: bool = False  # rows in shuffled epochs, each once, the last batch smaller; else drawn with replacement
    summed: bool = False  # a smaller last batch counts less, as where code sums its loss over the batch; the loss told is the mean
    options: dict = field(default_factory=dict)  # further optimiser arguments, e.g. betas

    def rate_of(self, turn: str) -> float:
        return self.rate[turn] if isinstance(self.rate, dict) else self.rate


@dataclass(frozen=True)
class Snapshot:
    """Everything that the next step depends on; `train(..., start=it)` goes on bit for bit.
    rows: the present epoch's order, where it cannot be drawn again."""

    index: int
    weights: dict
    optimisers: dict
    streams: tuple
    ema: dict
    rows: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """One finished step: its index from 1, the loss of each turn, and what the turns noted besides, as floats;
    rows: how many examples it learnt from."""

    index: int
    losses: dict[str, float]
    snapshot: Callable[[], Snapshot] = field(repr=False, compare=False)
    notes: dict[str, float] = field(default_factory=dict)
    rows: int = 0


def train(model: nn.Module, data, steps: int, seed: int, knobs: Knobs | None = None,
          start: Snapshot | None = None, stream: torch.Generator | None = None) -> Iterator[Step]:
    """Yield a Step after each of `steps` steps (counted from the very start, also when resumed).

    model: has turns(batch, rng), a generator of (name, loss, part), or (name, loss, part, notes) where notes are tensors
    to be told with the step, such as the two halves of a loss. data: a tensor (N, ...) or a tuple of tensors of
    equal length. Stopping is `break`; close() ends it at once. Same seed, threads and precision: same bits.
    stream: draw the order and the noise from this one generator instead of from the seed, as plain torch code with a DataLoader
    draws them from the global one: with the generator that drew the weights, the same numbers as such code after manual_seed.
    """
    knobs = knobs or Knobs()
    columns = data if isinstance(data, tuple) else (data,)
    if len(columns[0]) == 0 or len({len(c) for c in columns}) != 1:
        raise ValueError(f"data columns must be of one length, at least 1; got {[len(c) for c in columns]}")
    where = next(model.parameters()).device
    rank, _ = runtime.processes()
    order, noise = (stream, stream) if stream else (runtime.rng(seed + 7919 * rank), runtime.rng(seed + 7919 * rank + 1, where))
    optimisers: dict[str, tuple[str, torch.optim.Optimizer]] = {}
    average: dict[str, torch.Tensor] = {}
    shuffled: dict[int, torch.Tensor] = {}  # the rows of the present epoch in their order
    done, resumed = (start.index, dict(start.optimisers)) if start else (0, {})
    if start:
        model.load_state_dict(start.weights)
        if rank == 0:
            order.set_state(start.streams[0])
            noise.set_state(start.streams[1])
        else:  # a snapshot holds the first process's streams: the others go on with fresh ones of their own
            order.manual_seed(seed + 7919 * rank + 104_729 * done)
            noise.manual_seed(seed + 7919 * rank + 104_729 * done + 1)
        average = {k: v.clone() for k, v in start.ema.items()}
        shuffled |= start.rows
    contexts: dict[str, contextlib.AbstractContextManager] = {}  # made once: each costs more than entering it
    model.train()

    def optimiser_of(name: str, part: nn.Module) -> torch.optim.Optimizer:
        kind, current = optimisers.get(name, (None, None))
        if kind != knobs.optimiser:
            parameters = [p for p in part.parameters() if p.requires_grad]
            current = OPTIMISERS[knobs.optimiser](parameters, lr=knobs.rate_of(name), **knobs.options)
            saved_kind, saved = resumed.pop(name, (None, None))
            if saved_kind == knobs.optimiser:
                current.load_state_dict(copy.deepcopy(saved))
            optimisers[name] = (knobs.optimiser, current)
        for group in current.param_groups:
            group["lr"] = knobs.rate_of(name)
        return current

    def chosen(position: int) -> torch.Tensor:
        """Which rows the batch at this position holds."""
        if not knobs.each_once:
            return torch.randint(len(columns[0]), (knobs.batch,), generator=order)
        epoch, at = divmod(position, -(-len(columns[0]) // knobs.batch))
        if epoch not in shuffled:
            shuffled.clear()
            if stream:
                shuffled[epoch] = runtime.loader_order(len(columns[0]), stream)
            else:
                own = runtime.rng(((seed + 7919 * rank) * 1_000_003 + epoch) % 2**63)
                shuffled[epoch] = torch.randperm(len(columns[0]), generator=own)
        return shuffled[epoch][at * knobs.batch:(at + 1) * knobs.batch]

    def snapshot() -> Snapshot:
        return Snapshot(done, copy.deepcopy(model.state_dict()),
                        {n: (kind, copy.deepcopy(o.state_dict())) for n, (kind, o) in optimisers.items()},
                        (order.get_state(), noise.get_state()), {k: v.clone() for k, v in average.items()},
                        dict(shuffled) if stream else {})

    while done < steps:
        losses: dict[str, float] = {}
        notes: dict[str, float] = {}
        rounds = max([1, *knobs.updates.values()])
        for turn_round in range(rounds):
            rows = chosen(done * rounds + turn_round)
            batch = tuple(c.index_select(0, rows).to(where) for c in columns)
            turns = model.turns(batch if isinstance(data, tuple) else batch[0], noise)
            if knobs.precision not in contexts:
                contexts[knobs.precision] = runtime.autocast(knobs.precision, where)
            while True:
                with contexts[knobs.precision]:
                    name, loss, part, *noted = next(turns, (None, None, None))
                if name is None:
                    break
                if turn_round >= knobs.updates.get(name, 1):
                    continue
                optimiser = optimiser_of(name, part)
                trained = [p for group in optimiser.param_groups for p in group["params"]]
                for parameter in trained:
                    parameter.grad = None
                (loss * (len(rows) / knobs.batch) if knobs.summed and len(rows) < knobs.batch else loss).backward(inputs=trained)
                runtime.average_gradients(trained)
                if knobs.clip:
                    nn.utils.clip_grad_norm_(trained, knobs.clip)
                optimiser.step()
                losses[name] = loss.item()
                notes |= {key: value.item() for told in noted for key, value in told.items()}
        done += 1
        if knobs.ema:
            for key, value in model.state_dict().items():
                if key not in average or not value.is_floating_point():
                    average[key] = value.clone()
                else:
                    average[key].lerp_(value, 1 - knobs.ema)
        yield Step(done, losses, snapshot, notes, len(rows))
