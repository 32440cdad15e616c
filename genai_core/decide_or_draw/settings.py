"""What can be set in the lab "Decide or draw?". Plain Python: the page reads it before any library is loaded."""

from dataclasses import dataclass

from genai_core.errors import BadInput


@dataclass(frozen=True)
class Family:
    """title: on screen. short: in a sentence. draws: whether it models the points, P(x, y), and not only P(y | x)."""

    title: str
    short: str
    draws: bool


FAMILIES = {
    "logistic": Family("Logistic regression", "logistic regression", False),
    "svm": Family("SVM", "the SVM", False),
    "forest": Family("Random forest", "the random forest", False),
    "bayes": Family("Gaussian naive Bayes", "naive Bayes", True),
    "mixture": Family("Gaussian mixtures", "the mixture", True),
    "kde": Family("Kernel density", "the kernel density", True),
}
DECIDERS = tuple(name for name, family in FAMILIES.items() if not family.draws)
DRAWERS = tuple(name for name, family in FAMILIES.items() if family.draws)
DATA = {"two_moons": "Two moons", "two_gaussians": "Two Gaussians", "ring": "Ring of eight", "spiral": "Spiral",
        "pinwheel": "Pinwheel", "checkerboard": "Checkerboard"}
LIMIT = 2.5           # the plane is shown from -LIMIT to LIMIT
FARTHEST = 1000.0     # how far away one may ask
MOST_CLASSES = 5      # colours that are told apart
FEWEST_EACH = 5       # points of each class: the SVM's probabilities are fitted on fifths of the data
MOST_OWN = 2000       # own points: kernels are summed over all of them
LIMITS = {"n": (40, 1000), "noise": (0.0, 0.5), "components": (1, 8), "bandwidth": (0.03, 0.6), "features": (4, 64),
          "correlation": (0.0, 0.9), "runs": (5, 100), "seed": (0, 2**31 - 1)}


@dataclass(frozen=True)
class Settings:
    """data: a name of DATA. own: CSV text x,y,class, used instead where it is not empty. at: "x, y", the point asked about.
    climber: of DECIDERS. n: points. noise: std added to every point. components: Gaussians of each class's mixture.
    bandwidth: std of each kernel. features, correlation, runs: of the learning curves. Raises BadInput."""

    data: str = "two_moons"
    own: str = ""
    at: str = "0.4, -0.1"
    climber: str = "logistic"
    n: int = 300
    noise: float = 0.1
    components: int = 4
    bandwidth: float = 0.15
    features: int = 32
    correlation: float = 0.1
    runs: int = 20
    seed: int = 0

    def __post_init__(self):
        for what, names in (("data", DATA), ("climber", DECIDERS)):
            if getattr(self, what) not in names:
                raise BadInput(f"There is no {what} {str(getattr(self, what))[:40]!r}; choose one of {', '.join(names)}.")
        for what, (low, high) in LIMITS.items():
            if not low <= getattr(self, what) <= high:
                raise BadInput(f"{what.capitalize()}: {getattr(self, what):g} is out of range; it goes from {low:g} to {high:g}.")
        place(self.at)

    def of_models(self) -> tuple:
        """All that the fitted models and their fields depend on."""
        return (self.data, self.own, self.n, self.noise, self.components, self.bandwidth, self.seed)

    def of_growth(self) -> tuple:
        """All that the learning curves depend on."""
        return (self.features, self.correlation, self.runs, self.seed)


def place(text: str) -> tuple[float, float]:
    """"x, y" as two numbers; a semicolon or a blank between them will do."""
    parts = text.replace(";", " ").replace(",", " ").split() if isinstance(text, str) else []
    try:
        x, y = map(float, parts)
    except ValueError:
        raise BadInput(f"The point {str(text)[:40]!r} cannot be read; write two numbers, x and y, for example 2, -1.5.") from None
    if not (abs(x) <= 1e12 and abs(y) <= 1e12):  # also refuses nan
        raise BadInput(f"The point {str(text)[:40]!r} is out of reach; both numbers must be finite and at most 1e12 in size.")
    return x, y
