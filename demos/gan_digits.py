"""GAN on digits: the lectures' networks learn to draw, turn by turn and line by line; and five mistakes, each beside the right loop."""

from collections.abc import Iterator
from functools import partial

from demos import _digits as digits
from demos import _figures as figures
from demos._controls import Choice, Range, Seed, Switch, Text
from demos._gan_digit_views import WORDS, Story, film_view, lines_view
from demos._lab import Lab, Moment, Predict, View
from demos._page import lab_tab
from demos._session import Quantity
from genai_core import measuring
from genai_core.digit_gans.settings import CASES, DATA, NETWORKS, PARTS, STATISTICS, Settings

D = Settings()
CHOICES = ("At most 3", "4 to 7", "At least 8")
OBJECTIVES = {"non_saturating": "Non-saturating (the slide's)", "minimax": "Minimax", "least_squares": "Least squares",
              "wasserstein_clip": "Wasserstein, weights clipped", "wasserstein_gp": "Wasserstein, gradient penalty",
              "spectral": "Hinge with spectral norm", "r1": "Non-saturating with R1 penalty"}

CONTROLS = {
    "part": Choice("What happens", PARTS, D.part),
    "data": Choice("Data", DATA, D.data),
    "network": Choice("Networks", NETWORKS, D.network),
    "objective": Choice("Objective", OBJECTIVES, D.objective),
    "epochs": Range("Epochs", 1, 50, D.epochs),
    "rate": Range("Learning rate", 0.0001, 0.01, D.rate, 0.0001),
    "optimiser": Choice("Optimiser", {"adam": "Adam", "nadam": "NAdam", "rmsprop": "RMSProp", "sgd": "SGD"}, D.optimiser),
    "beta1": Range("Memory of Adam and NAdam", 0, 0.95, D.beta1, 0.05),
    "d_updates": Range("Discriminator's updates", 1, 10, D.d_updates),
    "conditional": Switch("Tell both the digit", D.conditional),
    "statistics": Choice("Batch norm, when drawing", STATISTICS, D.statistics),
    "pictures": Range("Training pictures", 1000, 60_000, D.pictures, 1000),
    "earlier": Text("Go on from", "", longest=2000, optional=True, placeholder="the start"),
    "seed": Seed(),
}
IN_VIEW = ("part", "data", "network", "objective", "epochs", "seed")


def run(*, memory, **controls) -> Iterator[Moment]:
    """A moment every ten turns, and one for the readings at the end. memory: this visit's kept moments, and its last table."""
    from genai_core.digit_gans import experiment, forks, readings, recording

    settings, last = Settings(**controls), memory.get("last")
    state, moments = forks.run(settings, memory)
    story = Story(settings, measured())
    if last and story.began and last[0].lineage(story.began) == settings.lineage(story.began):
        story.ghost = last[1]
    if state:
        story.rows, story.film = list(state.rows), list(state.film)
    try:
        for moment in moments:
            if isinstance(moment, experiment.Frame):
                story.rows.append(recording.row(moment))
                if experiment.on_film(moment.index, moment.steps) or len(story.rows) == 1:
                    story.film.append(recording.shot(moment))
                if moment.told:
                    story.turn = recording.lines_of(moment)
                forks.keep(memory, settings, moment, story.rows, story.film)
            if story.rows:
                yield Moment(moment.index, moment.steps, story.view)
            else:
                yield Moment(moment.index, moment.steps, partial(before, moment.index))
        story.end = readings.told(moment.models, settings)
        yield Moment(moment.index, moment.steps, story.view)
    finally:
        if story.rows and not story.wrong:
            memory["last"] = settings, tuple(story.rows)


def measured() -> dict:
    """Figures over ten seeds, as measured last; none where they never were."""
    try:
        return measuring.read("gan_digits")["figures"]
    except FileNotFoundError:
        return {}


def before(turn: int) -> View:
    """The first turns, before there is anything to look at."""
    return View({}, WORDS["before"].format(turn=turn))


def replay(recording) -> View:
    """The recorded run at its end, with its film."""
    story = Story(Settings(**recording.manifest["settings"]), measured())
    *film, last = recording.frames
    story.rows, story.film, story.turn, story.end = [dict(row) for row in recording.rows], film, film[-1]["lines"], last["end"]
    return story.view()


def verdict(shown: dict[str, Quantity]) -> str:
    """Which guess came true: how many of the ten digits are among its pictures."""
    if "digits_found" not in shown:
        return WORDS["no judge"]
    found = shown["digits_found"].value
    return CHOICES[0] if found <= 3 else CHOICES[1] if found <= 7 else CHOICES[2]


def notebook(**controls) -> dict:
    from genai_core.digit_gans.export import notebook as made

    return made(Settings(**controls))


def sources() -> tuple:
    """What ran, for "Under the hood": the slide's loop, ours, and the networks."""
    from genai_core.digit_gans.loop import Loop
    from genai_core.models import digit_gan as g

    return (Loop.turn, g.DigitGAN.turns, g.lecture_generator, g.lecture_discriminator, g.notes_generator, g.notes_discriminator,
            g.conv_generator, g.conv_discriminator)


LAB = Lab(controls=CONTROLS, run=run, more=tuple(name for name in CONTROLS if name not in IN_VIEW), predict=Predict(CHOICES, verdict),
          pictures={"film": film_view, "curves": figures.curves_view, "lines": lines_view, "sheet": digits.tiles_view},
          sources=sources, replay=replay, notebook=notebook, remembers=True, picks=("film",), unit="turn",
          examples=tuple({k: v for k, v in case.items() if k != "seed"} for case in CASES.values()),
          example_names=tuple(WORDS[f"name {name}"] for name in CASES))
TAB = lab_tab("Learn", 45, "GAN on digits", LAB)
