"""What a run of the tab "GAN on digits" is: every setting that its numbers depend on. Without torch: the page reads this first."""

from dataclasses import asdict, dataclass

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
          "seed": (0, 2**31 - 1)}
SAID = {"rate": "learning rate", "beta1": "Adam's memory", "d_updates": "discriminator's updates"}
WHOLE = ("epochs", "pictures", "d_updates", "seed")


@dataclass(frozen=True)
class Settings:
    """part: "train", or a mistake that is made beside the right loop. data: one of DATA. pictures: how many are learnt from, the
    first of the training split. network: one of NETWORKS. objective: one of the core's. rate: of both players. optimiser, beta1:
    of both; beta1 is Adam's and NAdam's memory of the gradient. d_updates: for each of the generator's. conditional: both are
    told the digit. statistics: batch norm's, when it draws. Raises BadInput."""

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
            return
        taught = {"network": "lecture", "objective": "non_saturating", "optimiser": "adam", "d_updates": 1, "conditional": False}
        names = {"d_updates": "one update of each player a turn", "conditional": "no digit told"}
        for name, value in taught.items():
            if getattr(self, name) != value:
                raise BadInput("The mistakes are made in the slide's own loop: "
                               f"set {SAID.get(name, name)} to {names.get(name, value)}, or choose Train a GAN.")

    @property
    def lecture(self) -> bool:
        """Whether this is the slide's own run: its data, network, loss and optimiser."""
        return self == Settings(**TAUGHT, data="mnist", pictures=60_000, epochs=self.epochs, seed=self.seed, statistics=self.statistics)

    def model(self, size: int) -> dict:
        """The settings of `digit_gan`'s constructor, for pictures of size x size."""
        return {"network": self.network, "objective": self.objective, "conditional": self.conditional, "size": size}


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
