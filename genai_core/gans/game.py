"""Two small networks play against each other in the plane, one update at a time; any moment can be kept and gone on from."""

import copy
from dataclasses import dataclass

import torch
from torch import nn

from genai_core import runtime
from genai_core.gans.knobs import Knobs
from genai_core.gans.objectives import OBJECTIVES, clip, spectrally_normed

BATCH = 128
LEAK = 0.2
BETAS = (0.5, 0.9)   # Adam's and NAdam's memory, as for WGAN-GP: the usual first 0.9 makes the players swing
CODE_SIZES = {"gaussian": 2, "uniform": 2, "line": 1, "gaussian_8": 8}  # name: how many numbers a code holds


def player(inputs: int, outputs: int, layers: int, width: int, seed: int) -> nn.Sequential:
    """A network of `layers` hidden layers, each followed by LeakyReLU 0.2, with weights drawn from the seed."""
    sizes = [inputs, *[width] * layers]

    def make():
        hidden = [part for a, b in zip(sizes, sizes[1:]) for part in (nn.Linear(a, b), nn.LeakyReLU(LEAK))]
        return nn.Sequential(*hidden, nn.Linear(sizes[-1], outputs))

    return runtime.build(make, seed)


def optimiser(kind: str, net: nn.Module, rate: float) -> torch.optim.Optimizer:
    """The named one of torch's, with its defaults but for the momentum."""
    weights = list(net.parameters())
    return {"sgd": lambda: torch.optim.SGD(weights, rate, fused=True),
            "rmsprop": lambda: torch.optim.RMSprop(weights, rate, foreach=True),
            "adam": lambda: torch.optim.Adam(weights, rate, betas=BETAS, fused=True),
            "nadam": lambda: torch.optim.NAdam(weights, rate, betas=BETAS, foreach=True)}[kind]()


def codes(noise: str, n: int, rng: torch.Generator) -> torch.Tensor:
    """n codes for the generator: from N(0, I), or uniform from -1 to 1.  -> (n, 1, 2 or 8)"""
    if noise in ("uniform", "line"):
        return 2 * torch.rand(n, CODE_SIZES[noise], generator=rng) - 1
    return torch.randn(n, CODE_SIZES[noise], generator=rng)


@dataclass(frozen=True)
class Snapshot:
    """Everything that the next update depends on."""

    index: int
    knobs: Knobs
    weights: dict
    optimisers: dict
    streams: tuple


class Game:
    """The two players, their optimisers and the random streams. data (N, 2): what is real.

    update("d") or update("g") is one optimiser step of one player. turn(knobs) sets what the next updates use.
    """

    def __init__(self, data: torch.Tensor, seed: int, noise: str, width: int, knobs: Knobs):
        self.data, self.seed, self.noise, self.width, self.knobs = data, seed, noise, width, knobs
        self.index, self.losses = 0, {}
        self.order, self.dice = runtime.rng(seed), runtime.rng(seed + 1)
        self.nets, self.optimisers = {}, {}
        for who in ("d", "g"):
            self._seat(who)

    def _seat(self, who: str) -> None:
        """A fresh player: weights from the seed, no memory in its optimiser."""
        net = self.make(who)
        if who == "d" and self.objective.keeps == "spectral":
            plain = net
            net = runtime.build(lambda: spectrally_normed(plain), self.seed + 4)  # its power iteration starts at random
        self.nets[who] = net
        self._equip(who)

    def make(self, who: str) -> nn.Module:
        """The player before its first update."""
        if who == "d":
            return player(2, 1, self.knobs.d_layers, self.width, self.seed + 2)
        return player(CODE_SIZES[self.noise], 2, self.knobs.g_layers, self.width, self.seed + 3)

    def _equip(self, who: str) -> None:
        self.optimisers[who] = optimiser(self.knobs.optimiser, self.nets[who], getattr(self.knobs, f"{who}_rate"))

    def turn(self, knobs: Knobs) -> None:
        """Use these knobs from here on. New layers, or spectral norm on or off: that player starts afresh."""
        old, self.knobs = self.knobs, knobs
        kept = [OBJECTIVES[k.objective].keeps == "spectral" for k in (old, knobs)]
        for who in ("d", "g"):
            if getattr(old, f"{who}_layers") != getattr(knobs, f"{who}_layers") or (who == "d" and kept[0] != kept[1]):
                self._seat(who)
            elif old.optimiser != knobs.optimiser:
                self._equip(who)
            for group in self.optimisers[who].param_groups:
                group["lr"] = getattr(knobs, f"{who}_rate")

    @property
    def objective(self):
        return OBJECTIVES[self.knobs.objective]

    @property
    def strength(self) -> float:
        return self.knobs.strength or self.objective.strength

    def real(self) -> torch.Tensor:
        """A batch of real points.  -> (128, 2)"""
        return self.data.index_select(0, torch.randint(len(self.data), (BATCH,), generator=self.order))

    def update(self, who: str) -> float:
        """One optimiser step of one player, "d" or "g".  -> its loss before the step"""
        step, net = self.optimisers[who], self.nets[who]
        if who == "d":
            with torch.no_grad():
                fake = self.nets["g"](codes(self.noise, BATCH, self.dice))                      # (128, 2)
            loss = self.objective.critic_loss(net, self.real(), fake, self.dice, self.strength)
        else:
            loss = self.objective.generator(self.nets["d"](net(codes(self.noise, BATCH, self.dice))))
        step.zero_grad()
        loss.backward(inputs=[w for group in step.param_groups for w in group["params"]])
        step.step()
        if who == "d" and self.objective.keeps == "clip":
            clip(net, self.strength)
        self.index += 1
        self.losses[who] = loss.item()
        return self.losses[who]

    def snapshot(self) -> Snapshot:
        return Snapshot(self.index, self.knobs, {w: copy.deepcopy(net.state_dict()) for w, net in self.nets.items()},
                        {w: copy.deepcopy(o.state_dict()) for w, o in self.optimisers.items()},
                        (self.order.get_state(), self.dice.get_state(), dict(self.losses)))

    def restore(self, kept: Snapshot) -> None:
        """Go back to a kept moment, to the last bit."""
        self.knobs = kept.knobs
        for who in ("d", "g"):
            self._seat(who)
            self.nets[who].load_state_dict(kept.weights[who])
            self.optimisers[who].load_state_dict(copy.deepcopy(kept.optimisers[who]))
        self.index, self.losses = kept.index, dict(kept.streams[2])
        self.order.set_state(kept.streams[0])
        self.dice.set_state(kept.streams[1])
