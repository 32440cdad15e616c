"""What a run of the tab is: every setting that its numbers depend on. Without torch: the page reads this before it loads."""

from dataclasses import asdict, dataclass

from genai_core.errors import BadInput

DATA = {"strokes": "Strokes, drawn by pen", "mnist": "MNIST", "fashion_mnist": "Fashion-MNIST", "digits": "Digits, 8x8"}
NETWORKS = {"dense": "The lecture's, 784-400", "deep": "Deeper, 784-512-256", "convolutional": "Convolutional"}
HIDDEN = {"dense": (400,), "deep": (512, 256), "convolutional": ()}
# Loss of each epoch, nats per picture, as the lecture's slide prints it: MNIST, seed unknown.
LECTURE = (163.4890, 121.0183, 114.3097, 111.4099, 109.7150, 108.5646, 107.7411, 107.1663, 106.6321, 106.2619)
BATCH = 128          # the lecture's
TAUGHT = {"network": "dense", "latent": 20, "beta": 1.0, "rate": 1e-3}  # the lecture's network, loss and optimiser
LIMITS = {"latent": (1, 64), "beta": (0, 100), "epochs": (1, 50), "warmup": (0, 50), "free_bits": (0, 5), "pictures": (BATCH, 60_000),
          "rate": (1e-5, 0.1), "seed": (0, 2**31 - 1)}
SAID = {"latent": "latent size", "free_bits": "free bits", "rate": "learning rate", "warmup": "warm-up"}
WHOLE = ("latent", "epochs", "pictures", "seed")


@dataclass(frozen=True)
class Settings:
    """data: one of DATA. pictures: how many are learnt from, the first of the training split. network: dense, the lecture's
    784-400-L and back, deep, or convolutional. latent: numbers in a code. beta: weight of the KL, 1 for the ELBO, reached over
    `warmup` epochs. free_bits: nats of KL per latent that cost nothing. rate: of Adam. Raises BadInput."""

    data: str = "strokes"
    network: str = "deep"
    latent: int = 10
    beta: float = 2.0
    epochs: int = 10
    warmup: float = 0.0
    free_bits: float = 0.0
    pictures: int = 10_000
    rate: float = 3e-3
    seed: int = 0

    def __post_init__(self):
        for what, value, known in (("data set", self.data, DATA), ("network", self.network, NETWORKS)):
            if value not in known:
                raise BadInput(f"There is no {what} {str(value)[:20]!r}; there are {', '.join(known)}.")
        for name, (low, high) in LIMITS.items():
            value, said = getattr(self, name), SAID.get(name, name)
            number = isinstance(value, int if name in WHOLE else int | float) and not isinstance(value, bool)
            if not number or not low <= value <= high:
                kind = "whole number" if name in WHOLE else "number"
                raise BadInput(f"{said.capitalize()} must be a {kind} from {low:g} to {high:,}; you gave {str(value)[:20]}.")
        if self.warmup > self.epochs:
            raise BadInput(f"A warm-up of {self.warmup:g} epochs is longer than the run of {self.epochs}: "
                           f"beta would never reach {self.beta:g}.")

    @property
    def lecture(self) -> bool:
        """Whether this is the lecture's own run: its data, network, loss and optimiser."""
        return self == Settings(**TAUGHT, data="mnist", pictures=60_000, epochs=self.epochs, seed=self.seed)

    def model(self, size: int) -> dict:
        """The settings of `digit_vae`'s constructor, for pictures of size x size."""
        network = "convolutional" if self.network == "convolutional" else "dense"
        return {"latent": self.latent, "hidden": HIDDEN[self.network], "network": network, "beta": self.beta,
                "free_bits": self.free_bits, "size": size}


CASES = {  # name: settings to start from with one click; collapse and repair are the presets that the measure is taken on
    "quick": asdict(Settings()),
    "lecture": asdict(Settings(**TAUGHT)),
    "map": asdict(Settings(latent=2, beta=1.0)),
    "convolutional": asdict(Settings(network="convolutional", epochs=3)),
    "free": asdict(Settings(**TAUGHT | {"beta": 4.0}, free_bits=0.5)),
    "collapse": asdict(Settings(**TAUGHT | {"beta": 30.0}, epochs=6)),
    "repair": asdict(Settings(**TAUGHT, epochs=6, warmup=3.0)),
    "slide": asdict(Settings(**TAUGHT, data="mnist", pictures=60_000)),
}
