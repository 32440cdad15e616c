"""The contest on pictures: five families learn the same 10,000 digits for the same time, and are judged by the digit classifier."""

import math
from collections.abc import Iterator
from functools import lru_cache

import torch

from genai_core import measuring, recognition, runtime
from genai_core.data import pictures
from genai_core.digit_gans.experiment import FOUND_SHARE
from genai_core.families import contest, digit_learners
from genai_core.families.contest import End, Look, State
from genai_core.families.digit_learners import BLUR, FIRST, UPDATES, drawings
from genai_core.families.settings import DIGITS, LOOKS, Settings
from genai_core.models.digit_gan import CLASSES
from genai_core.quality import readings
from genai_core.quality.bands import Band
from genai_core.quality.readings import SHOWN, WIDE, Seen

TRAINING_PICTURES = 10_000
HELD, HELD_FEW = 100, 20       # pictures of which the likelihood is told: in a long contest, on the page
TIMED = {"diffusion": FIRST}   # pictures of which the seconds of one are the mean; others: a thousand
AT_ONCE = 200                  # pictures that the classifier sees in a moment
OF_CLASSES = ("recognised", "found", "entropy")
BANDED = (*OF_CLASSES, *readings.of_kind("digits"))


def of_classes(chances: torch.Tensor) -> dict[str, float]:
    """Which digits pictures show, from class chances (N, 10). recognised: share that the classifier is sure of. found: digits that
    at least 2% of all are sure to be. entropy: of the digits among those, in bits: at most log2 10 = 3.32, where all are equally
    frequent, and 0 where all are one digit."""
    confidence, labels = chances.max(1)
    sure = confidence > recognition.SURE
    counts = torch.bincount(labels[sure], minlength=CLASSES).double()
    shares = counts / counts.sum().clamp(min=1)
    return {"recognised": sure.double().mean().item(), "found": int((counts >= FOUND_SHARE * len(chances)).sum()),
            "entropy": abs(torch.special.xlogy(shares, shares).sum().item()) / math.log(2)}


def judged(real: Seen, fake: Seen) -> dict[str, float]:
    """All readings of BANDED, in that order; those of single pictures from the first thousand."""
    return of_classes(fake.chances[:SHOWN]) | readings.of_digits(real, fake)


@lru_cache(maxsize=2)
def _bands(long: bool) -> dict[str, Band]:
    figures = measuring.read("families")["figures"] if (measuring.FOLDER / "families.json").is_file() else {"digits": {"readings": {}}}
    own = {name: Band(told["low"], told["median"], told["high"]) for name, told in figures["digits"]["readings"].items()}
    found = contest.bands(DIGITS) | own
    if not long:
        del found["frechet"]    # it needs more pictures than a short contest has, to see a variance a tenth off
    return {name: found[name] for name in BANDED if name in found}


def bands(settings: Settings) -> dict[str, Band]:
    """The 99% bands of real digits at the n shown, of the readings for which they were measured."""
    return _bands(settings.long)


def learnt_from() -> pictures.Pictures:
    """The digits that all families learn from."""
    return pictures.read(DIGITS, "train", TRAINING_PICTURES)


def fresh(seed: int, n: int) -> torch.Tensor:
    """Digits that no family sees.  -> (n, 1, 28, 28) uint8"""
    return pictures.strokes(n, runtime.rng(seed))[0]


def seen(parts) -> Iterator:
    """Pictures in parts, as the readings want them. A generator: its value is the Seen, of all."""
    found = []
    for part in parts:
        for some in part.split(AT_ONCE):
            found.append(readings.seen(some))
            yield
    return Seen(*(torch.cat([getattr(each, name) for each in found]) for name in ("features", "chances", "edges")))


class Digits:
    """Pictures, as a ground that the families meet on: see contest.Points."""

    pace = UPDATES

    def __init__(self, settings: Settings):
        import torch._dynamo  # noqa: F401  # torch loads it with the first optimiser, for seconds: it should not be one family's time

        self.settings, self.pictures, self.real = settings, learnt_from().pictures, None

    def learner(self, family: str):
        return digit_learners.learner(family, self.pictures, self.settings.seed, self.settings.balance)

    def look(self, family: str, index: int, given, seconds: float, cpu_s: float):
        """A long contest is read at every look, another only at the last: drawing a thousand pictures takes a diffusion model long."""
        settings, last = self.settings, index == LOOKS
        n = WIDE if settings.long and last else SHOWN if settings.long or last else FIRST
        if self.real is None:
            real = fresh(contest.REFERENCE_SEED + settings.seed, WIDE if settings.long else SHOWN)
            self.real = yield from seen([real])
        parts, work = [], drawings(given, family, n, runtime.rng(contest.SAMPLE_SEED + settings.seed))
        for part in work:
            parts.append(part)
            yield
        found = {}
        if n > FIRST:
            fake = yield from seen(parts)
            found = judged(self.real[:n], fake)
            if n < WIDE:
                del found["frechet"]    # it is read from as many as its band
        return Look(family, index, given.updates, seconds, cpu_s, given.loss, parts[0], found, found.get("found"))

    def end(self, look: Look, given):
        """The likelihood of fresh pictures with noise in them, the same for all."""
        n, seed = HELD if self.settings.long else HELD_FEW, contest.HELD_SEED + self.settings.seed
        x = fresh(seed, n).float() / 255
        x = x + BLUR * torch.randn(x.shape, generator=runtime.rng(seed))
        likelihood = yield from given.likelihood(x)
        many = TIMED.get(look.family, SHOWN)
        return End(look, likelihood, contest.per_sample_s(given, many), given.chosen() or "")


def run(settings: Settings) -> Iterator[State]:
    """The contest on digits, as contest.play tells it."""
    yield from contest.play(settings, Digits(settings))
