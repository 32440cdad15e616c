"""What a run of the autoencoder lab can be told, and what does not go together."""

from dataclasses import dataclass

from genai_core.errors import BadInput

TASKS = {"reconstruct": "Reconstruct", "compress": "Compress", "similar": "Find similar ones", "odd": "Spot the odd one",
         "labels": "Learn from few labels", "points": "Denoise points", "new": "Make new ones"}
DATA = ("strokes", "digits", "mnist", "fashion_mnist")
NETWORKS = {"dense": "784-512-256 and back", "tied": "The same, tied weights", "convolutional": "Convolutional"}
SPARSE = {"none": "Not sparse", "l1": "L1", "kl": "KL to a target rate"}
NOISES = {"none": "None", "gaussian": "Gaussian", "masking": "Masking"}
CODES = {"suited": "ReLU, sigmoid with KL", "linear": "Linear", "sigmoid": "Sigmoid"}
SHAPES = {"ring": "Ring of eight", "gaussian": "One Gaussian", "two_moons": "Two moons", "spiral": "Spiral", "pinwheel": "Pinwheel"}
LIMITS = {"bottleneck": (2, 256), "epochs": (1, 60), "pictures": (500, 10_000), "digit": (0, 9), "labels": (10, 1000),
          "seed": (0, 2**31 - 1), "weight": (0.0, 1.0), "rate": (0.01, 0.5), "amount": (0.0, 0.9), "spread": (0.02, 0.5)}


@dataclass(frozen=True)
class Settings:
    """task: what it is for. pictures: how many it learns from. digit: the class left out of learning where the odd one is to be
    spotted. labels: how many pictures have one. shape, spread: the points to denoise, and the noise's deviation in data units.
    The rest: as in genai_core.models.digit_autoencoder; code "suited": ReLU, or sigmoid where the KL needs it. Raises BadInput."""

    task: str = "reconstruct"
    data: str = "strokes"
    network: str = "dense"
    bottleneck: int = 128
    epochs: int = 20
    sparse: str = "none"
    weight: float = 0.02
    rate: float = 0.05
    noise: str = "none"
    amount: float = 0.3
    code: str = "suited"
    pictures: int = 10_000
    digit: int = 7
    labels: int = 100
    shape: str = "ring"
    spread: float = 0.15
    seed: int = 0

    def __post_init__(self):
        for name, known in (("task", TASKS), ("data", DATA), ("network", NETWORKS), ("sparse", SPARSE), ("noise", NOISES),
                            ("code", CODES), ("shape", SHAPES)):
            if getattr(self, name) not in known:
                raise BadInput(f"There is no {name} {str(getattr(self, name))[:40]!r}; choose one of {', '.join(known)}.")
        for name, (low, high) in LIMITS.items():
            value, whole = getattr(self, name), isinstance(low, int)
            if isinstance(value, bool) or not isinstance(value, int if whole else int | float) or not low <= value <= high:
                raise BadInput(f"{name.capitalize()} must be a {'whole ' * whole}number from {low:g} to {high:g}; "
                               f"you gave {str(value)[:20]}.")
        if self.sparse == "kl" and self.code == "linear":
            raise BadInput("The KL compares rates of firing, from 0 to 1: it needs a sigmoid code. Take code suited or sigmoid.")

    def model(self, size: int) -> dict:
        """The model's constructor settings for pictures of this size."""
        code = self.code if self.code != "suited" else "sigmoid" if self.sparse == "kl" else "relu"
        return {"bottleneck": self.bottleneck, "network": "convolutional" if self.network == "convolutional" else "dense",
                "tied": self.network == "tied", "code": code, "sparse": self.sparse, "sparse_weight": float(self.weight),
                "rate": float(self.rate), "noise": self.noise, "amount": float(self.amount), "size": size}

    def lineage(self) -> tuple:
        """All that the trained autoencoder depends on: equal lineages have equal weights."""
        left_out = self.digit if self.task == "odd" else None
        return (self.data, self.network, self.bottleneck, self.epochs, self.sparse, self.weight, self.rate, self.noise, self.amount,
                self.code, self.pictures, left_out, self.seed)
