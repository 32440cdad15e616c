"""One run of the tab: a VAE learns digits, is looked at on the way, and is examined at the end. The core computes, the tab draws."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch

from genai_core import course, elbo, models, recognition, runtime
from genai_core.data import pictures
from genai_core.errors import BadInput
from genai_core.latents import codes
from genai_core.latents.portable import portable
from genai_core.latents.settings import BATCH, Settings
from genai_core.training import train

LOOK_EVERY = 25          # updates between two frames, and one after each epoch: about 0.1 s of work
WATCHED, SHOWN, SAMPLES = 200, 8, 16
HELD, DRAWN = 1000, 400  # held-out pictures that are examined, and those of them whose codes are drawn
JUDGED = 500             # pictures drawn from the prior for the judge
DRAWS = (1, 4, 16, 64, 256)  # codes behind each importance-weighted bound
EACH = 2                 # held-out pictures of each class to choose from
BOUNDED = 32             # pictures that it is computed for
SAMPLE_SEED, LOOK_SEED, BOUND_SEED, JUDGE_SEED = 301, 302, 303, 304


@dataclass(frozen=True)
class Frame:
    """After `index` updates. loss, reconstruction, kl: nats per picture, means over the pictures since the frame before.
    epoch: full epochs done; epoch_loss: mean over the last one's pictures where it has just ended, else None, the lecture's figure.
    kl_each: (L,) KL of each latent on held-out pictures, nats. samples (16, S, S) and again (8, S, S): 0-1, drawn from the prior,
    and held-out pictures decoded from their mean code."""

    index: int
    steps: int
    epoch: int
    loss: float
    reconstruction: float
    kl: float
    epoch_loss: float | None
    kl_each: torch.Tensor
    samples: torch.Tensor
    again: torch.Tensor


@dataclass(frozen=True)
class Bound:
    """The importance-weighted bound with `draws` codes per picture: nats, mean over pictures and its standard error."""

    draws: int
    mean: float
    error: float


@dataclass(frozen=True)
class End:
    """What the finished model is. model: as JSON, for a browser. reconstruction, kl_each (L,): the negative ELBO's halves on held-out
    pictures. means: (400, L) of their posteriors; labels (400,). recognised: share of prior samples that the judge is sure of,
    or None without a judge. bounds: for growing numbers of draws. factors: names of the known ones, r2: (F,) from all
    latents, r2_each: (L, F) from each alone, directions: (F, L); empty where none are known. digits: (20, S, S) uint8 held-out pictures,
    two of each class, and digit_labels (20,)."""

    model: dict
    reconstruction: float
    kl_each: torch.Tensor
    means: torch.Tensor
    labels: torch.Tensor
    recognised: float | None
    bounds: tuple[Bound, ...]
    factors: tuple[str, ...]
    r2: torch.Tensor
    r2_each: torch.Tensor
    directions: torch.Tensor
    digits: torch.Tensor
    digit_labels: torch.Tensor


def held_out(name: str) -> pictures.Pictures:
    """Pictures that no run learns from: the first 1,000 of the test split, or all of a smaller one."""
    known = pictures.size_of(name, "test")
    return pictures.read(name, "test", min(HELD, known or HELD))


def learnt_from(settings: Settings) -> pictures.Pictures:
    """The run's training pictures; BadInput where they are not on this machine, or too few."""
    known = pictures.size_of(settings.data, "train")
    if known and settings.pictures > known:
        if settings.data != "digits":
            raise BadInput(f"{pictures.TITLES[settings.data]} has {known:,} training pictures; you asked for {settings.pictures:,}.")
        return pictures.read(settings.data)  # the small set, whole
    return pictures.read(settings.data, "train", settings.pictures)


def run(settings: Settings) -> Iterator[Frame | Bound | End]:
    """Learn, with a Frame every 25 updates and after every epoch; then the Bounds, and the End.

    The weights are those of `genai_core.course.epochs` with the same settings, bit for bit: looking changes nothing. The lecture's
    own run draws what the lecture's code draws after torch.manual_seed(seed).
    """
    data, held = learnt_from(settings), held_out(settings.data)
    if settings.lecture:
        model, stream = course.lecture_vae(settings.seed)
    else:
        model, stream = models.build("digit_vae", settings.seed, **settings.model(data.size)), None
    batches = -(-len(data) // BATCH)
    steps, asked = settings.epochs * batches, model.beta

    def warm(done: int) -> None:
        if settings.warmup:
            model.beta = asked * min(1.0, done / (settings.warmup * batches))

    since, whole = Means(), Means()
    warm(0)
    given = course.knobs(settings.rate, BATCH, summed=settings.lecture)
    for step in train(model, data.pictures, steps, settings.seed, given, stream=stream):
        for means in (since, whole):
            means.add(step.losses | step.notes, step.rows)
        if not torch.isfinite(torch.tensor(step.losses["loss"])):
            raise BadInput(f"The loss is no number any more after {step.index:,} updates: take a learning rate below {settings.rate:g}.")
        warm(step.index)
        ended = step.index % batches == 0
        if ended or step.index % batches % LOOK_EVERY == 0:
            told = since.take()
            yield Frame(step.index, steps, step.index // batches, told["loss"], told["reconstruction"], told["kl"],
                        whole.take()["loss"] if ended else None, *look(model, held.pictures))
    model.beta = asked
    model.requires_grad_(False)
    bounds = []
    for bound in importance(model, held.pictures[:BOUNDED]):
        bounds.append(bound)
        yield bound
    yield examined(model, held, tuple(bounds))


class Means:
    """Means over pictures, of several numbers at once."""

    def __init__(self):
        self.sums: dict[str, float] = {}
        self.rows = 0

    def add(self, numbers: dict[str, float], rows: int) -> None:
        for name, value in numbers.items():
            self.sums[name] = self.sums.get(name, 0.0) + value * rows
        self.rows += rows

    def take(self) -> dict[str, float]:
        """The means; from here on it begins anew."""
        told = {name: value / self.rows for name, value in self.sums.items()}
        self.__init__()
        return told


@torch.no_grad()
def look(model, held: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """KL of each latent (L,), pictures from the prior (16, S, S), and the first eight again (8, S, S). Changes no stream of training."""
    mean, logvar = model.posterior(held[:WATCHED])
    return elbo.kl(mean, logvar).mean(0), model.sample(SAMPLES, runtime.rng(SAMPLE_SEED))[:, 0], model.decode(mean[:SHOWN])[:, 0]


def importance(model, x: torch.Tensor) -> Iterator[Bound]:
    """The importance-weighted bound of log p(x) for more and more draws, the same pictures each time."""
    rng, error = runtime.rng(BOUND_SEED), len(x) ** 0.5
    for draws in DRAWS:
        each = elbo.importance_weighted(model.log_weights(x, draws, rng))  # (B,)
        yield Bound(draws, each.mean().item(), (each.std() / error).item())


def examined(model, held: pictures.Pictures, bounds: tuple[Bound, ...] = ()) -> End:
    """The finished model on held-out pictures."""
    reconstruction, kl_each = course.negative_elbo(model, held.pictures, runtime.rng(LOOK_SEED))
    mean = torch.cat([model.encode(part) for part in held.pictures.split(500)])
    recognised, names, empty = None, (), torch.zeros(0)
    if held.name in recognition.JUDGES:
        recognised = recognition.recognised_share(model.sample(JUDGED, runtime.rng(JUDGE_SEED)), held.name)
    r2, r2_each, moves = empty, empty, empty
    if held.factors is not None:
        from genai_core.data.strokes import FACTORS

        names = tuple(FACTORS)
        r2, r2_each = codes.predicted(mean, held.factors)
        moves = codes.directions(mean, held.factors)
    rows = torch.cat([(held.labels == label).nonzero()[:EACH, 0] for label in range(10)])
    return End(portable(model), reconstruction, kl_each, mean[:DRAWN], held.labels[:DRAWN], recognised, bounds, names, r2, r2_each,
               moves, held.pictures[rows, 0], held.labels[rows])
