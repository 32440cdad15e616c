"""What a run of the tab "GAN on digits" is: every setting that its numbers depend on. Without torch: the page reads this first."""

from dataclasses import asdict, dataclass, fields, replace

from genai_core.errors import BadInput
from genai_core.gans.knobs import OBJECTIVE_NAMES, OPTIMISERS

PARTS = {"train": "Train a GAN", "no_detach": "Mistake: no detach", "no_detach_kept": "The same, gradients cleared once",
         "relu": "Mistake: ReLU in D", "sizes": "Mistake: sizes do not match", "no_zero_grad": "Mistake: no zero_grad",
         "big_rate": "Mistake: learning rate too large"}
MISTAKES = tuple(name for name in PARTS if name != "train")
DATA = {"strokes": "Strokes, drawn by pen", "mnist": "MNIST", "fashion_mnist": "Fashion-MNIST", "digits": "Digits, 8x8"}
NETWORKS = {"lecture": "The slide's, 100-256-256-784", "notes": "The notes', with dropout", "conv": "Convolutional (DCGAN)",
            "conv_plain": "The same, no batch norm", "conv_tanh": "The same, tanh everywhere"}
STATISTICS = {"running": "Running means (the notes: eval)", "batch": "The batch's own (the slide)"}
BATCH = 64           # both lectures'
TOO_LARGE = 50       # times the learning rate, for the fifth mistake
TAUGHT = {"network": "lecture", "objective": "non_saturating", "rate": 2e-4, "optimiser": "adam", "beta1": 0.9, "d_updates": 1,
          "conditional": False}  # the slide's network, loss and optimiser; torch's defaults where it says nothing
LIMITS = {"epochs": (1, 100), "pictures": (BATCH, 60_000), "rate": (1e-5, 0.1), "beta1": (0, 0.99), "d_updates": (1, 10),
          "balance": (0.01, 100), "seed": (0, 2**31 - 1)}
SAID = {"rate": "learning rate", "beta1": "Adam's memory", "d_updates": "discriminator's updates",
        "balance": "discriminator's rate, times the generator's,"}
WHOLE = ("epochs", "pictures", "d_updates", "seed")
KNOBS = ("objective", "rate", "optimiser", "beta1", "d_updates", "balance")   # what may be another from some turn on
MOST_PARTS = 20
EXAMPLE = "write for example 600 rate=0.0005"


@dataclass(frozen=True)
class Settings:
    """part: "train", or a mistake that is made beside the right loop. data: one of DATA. pictures: how many are learnt from, the
    first of the training split. network: one of NETWORKS. objective: one of the core's. rate: of both players. optimiser, beta1:
    of both; beta1 is Adam's and NAdam's memory of the gradient. d_updates: for each of the generator's. balance: the discriminator's
    rate, times the generator's. conditional: both are told the digit. statistics: batch norm's, when it draws. earlier: what came
    before these settings, "600 rate=0.0005; 900": the knobs up to a turn, part by part, where they are not the defaults. Raises
    BadInput."""

    part: str = "train"
    data: str = "strokes"
    network: str = "lecture"
    objective: str = "non_saturating"
    epochs: int = 12
    pictures: int = 10_000
    rate: float = 1e-3
    optimiser: str = "adam"
    beta1: float = 0.5
    d_updates: int = 1
    conditional: bool = False
    statistics: str = "running"
    seed: int = 0
    earlier: str = ""
    balance: float = 1.0

    def __post_init__(self):
        for what, value, known in (("part", self.part, PARTS), ("data set", self.data, DATA), ("network", self.network, NETWORKS),
                                   ("objective", self.objective, OBJECTIVE_NAMES), ("optimiser", self.optimiser, OPTIMISERS),
                                   ("statistics", self.statistics, STATISTICS)):
            if value not in known:
                raise BadInput(f"There is no {what} {str(value)[:20]!r}; there are {', '.join(known)}.")
        for name, (low, high) in LIMITS.items():
            value, said = getattr(self, name), SAID.get(name, name)
            number = isinstance(value, int if name in WHOLE else int | float) and not isinstance(value, bool)
            if not number or not low <= value <= high:
                kind = "whole number" if name in WHOLE else "number"
                raise BadInput(f"{said[0].upper() + said[1:]} must be a {kind} from {low:g} to {high:,}; you gave {str(value)[:20]}.")
        if self.conditional and self.data == "fashion_mnist":
            raise BadInput("Fashion-MNIST has clothes, not digits: a GAN that is told the digit needs strokes, mnist or digits.")
        if self.part == "train":
            self._check_parts()
            return
        if self.earlier.strip():
            raise BadInput("A mistake is made from the first turn on: empty Go on from, or choose Train a GAN.")
        taught = {"network": "lecture", "objective": "non_saturating", "optimiser": "adam", "d_updates": 1, "conditional": False,
                  "balance": 1}
        names = {"d_updates": "one update of each player a turn", "conditional": "no digit told"}
        for name, value in taught.items():
            if getattr(self, name) != value:
                raise BadInput("The mistakes are made in the slide's own loop: "
                               f"set {SAID.get(name, name)} to {names.get(name, value)}, or choose Train a GAN.")

    def _check_parts(self) -> None:
        spectral = {part.objective == "spectral" for _, part in self.parts}
        if len(spectral) > 1:
            raise BadInput("Spectral norm is built into the discriminator: a run has it from its first turn to its last, or never.")

    @property
    def parts(self) -> tuple[tuple[int | None, "Settings"], ...]:
        """(last turn, settings) of each part of the run, in order. The last part's turn is None: it goes to the end."""
        told = [piece.strip() for piece in self.earlier.split(";") if piece.strip()]
        if len(told) > MOST_PARTS:
            raise BadInput(f"Go on from: {len(told)} parts are too many; at most {MOST_PARTS} are read.")
        found: list[tuple[int | None, Settings]] = []
        for piece in told:
            until, knobs = _read(piece)
            if until <= (found[-1][0] if found else 0):
                raise BadInput(f"Go on from: {piece[:40]!r} must end at a later turn than the part before it, and after turn 0.")
            found.append((until, replace(self, earlier="", **knobs)))
        found.append((None, replace(self, earlier="") if told else self))
        return tuple(pair for pair, after in zip(found, [*found[1:], None], strict=True) if after is None or after[1] != pair[1])

    def until(self, turn: int) -> list[tuple[int, "Settings"]]:
        """The parts of the first `turn` turns, each with its last turn."""
        found, since = [], 0
        for end, part in self.parts:
            if since < turn:
                found.append((turn if end is None else min(end, turn), part))
            since = end or turn
        return found

    def past(self, turn: int) -> str:
        """What `earlier` must say for a run that goes on from this one after `turn` turns."""
        usual = {field.name: field.default for field in fields(self)}
        return "; ".join(" ".join([str(end), *(f"{name}={getattr(part, name)}" for name in KNOBS if getattr(part, name) != usual[name])])
                         for end, part in self.until(turn))

    def lineage(self, turn: int) -> tuple:
        """What everything up to `turn` depends on: two runs that agree in it are the same so far."""
        told = tuple((end, *(getattr(part, name) for name in KNOBS)) for end, part in self.until(turn))
        return self.data, self.network, self.conditional, self.pictures, self.statistics, self.seed, told

    @property
    def lecture(self) -> bool:
        """Whether this is the slide's own run: its data, network, loss and optimiser."""
        return self == Settings(**TAUGHT, data="mnist", pictures=60_000, epochs=self.epochs, seed=self.seed, statistics=self.statistics)

    def model(self, size: int) -> dict:
        """The settings of `digit_gan`'s constructor, for pictures of size x size."""
        return {"network": self.network, "objective": self.objective, "conditional": self.conditional, "size": size}


def _read(piece: str) -> tuple[int, dict]:
    """A part of `earlier`, as `past` writes it.  -> its last turn, and the value of every knob"""
    known, (turn, *words) = {field.name: field for field in fields(Settings)}, piece.split()
    try:
        given = dict(word.split("=") for word in words)
        if not given.keys() <= set(KNOBS):
            raise ValueError
        return int(turn), {name: known[name].type(given.get(name, known[name].default)) for name in KNOBS}
    except ValueError:
        raise BadInput(f"Go on from: {piece[:40]!r} cannot be read; {EXAMPLE}.") from None


def _case(**changes) -> dict:
    return asdict(Settings(**changes))


CASES = {  # name: settings to start from with one click
    "quick": _case(),
    "slide": _case(**TAUGHT),
    "told": _case(conditional=True),
    "wasserstein": _case(objective="wasserstein_gp", d_updates=3, epochs=6),
    "convolutional": _case(network="conv", epochs=3),
    **{name: _case(part=name, epochs=5) for name in MISTAKES},
}
