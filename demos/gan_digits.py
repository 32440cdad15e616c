"""GAN on digits: the lectures' networks learn to draw, turn by turn and line by line; five mistakes, each beside the right loop; three
games broken on purpose; and objective by architecture, recorded."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from demos import _digits as digits
from demos import _figures as figures
from demos import _gan_digit_zoo as zoo
from demos._bands import phase_view
from demos._controls import Choice, Range, Seed, Switch, Text
from demos._gan_digit_views import WORDS, Story, film_view, lines_view
from demos._lab import Lab, Moment, Predict, View
from demos._page import lab_tab
from demos._session import Quantity
from genai_core import measuring
from genai_core.digit_gans import plate
from genai_core.digit_gans.settings import CASES, DATA, NETWORKS, PARTS, STATISTICS, Settings
from genai_core.digit_gans.zoo import CASES as BROKEN
from genai_core.digit_gans.zoo import changed

D = Settings()
CHOICES = ("At most 3", "4 to 7", "At least 8")
OBJECTIVES = {"non_saturating": "Non-saturating (the slide's)", "minimax": "Minimax", "least_squares": "Least squares",
              "wasserstein_clip": "Wasserstein, weights clipped", "wasserstein_gp": "Wasserstein, gradient penalty",
              "spectral": "Hinge with spectral norm", "r1": "Non-saturating with R1 penalty"}


def measured() -> dict:
    """Figures over seeds, as measured last; none where they never were."""
    try:
        return measuring.read("gan_digits")["figures"]
    except FileNotFoundError:
        return {}


# broken games to repair, once `python -m genai_core measure gan_digits` has found that they do break
GAMES = {"case": Choice("Check a repair of", zoo.CASES, zoo.NONE)} if zoo.offered(zoo.NONE, measured()) else {}
CONTROLS = {
    "part": Choice("What happens", PARTS, D.part),
    "data": Choice("Data", DATA, D.data),
    "network": Choice("Networks", NETWORKS, D.network),
    "objective": Choice("Objective", OBJECTIVES, D.objective),
    "epochs": Range("Epochs", 1, 50, D.epochs),
    "rate": Range("Learning rate", 0.0001, 0.1, D.rate, 0.0001),
    "optimiser": Choice("Optimiser", {"adam": "Adam", "nadam": "NAdam", "rmsprop": "RMSProp", "sgd": "SGD"}, D.optimiser),
    "beta1": Range("Memory of Adam and NAdam", 0, 0.95, D.beta1, 0.05),
    "d_updates": Range("Discriminator's updates", 1, 10, D.d_updates),
    "balance": Range("Discriminator's rate, times the generator's", 0.1, 10, D.balance, 0.1),
    "conditional": Switch("Tell both the digit", D.conditional),
    "statistics": Choice("Batch norm, when drawing", STATISTICS, D.statistics),
    "pictures": Range("Training pictures", 1000, 60_000, D.pictures, 1000),
    "earlier": Text("Go on from", "", longest=2000, optional=True, placeholder="the start"),
    **GAMES,
    "seed": Seed(),
}
IN_VIEW = ("part", "data", "network", "objective", "epochs", "seed")


def settings_of(*, case: str = zoo.NONE, **controls) -> Settings:
    """The controls' values as the core's Settings; what is only checked is no part of a run."""
    return Settings(**controls)


def run(*, memory, **controls) -> Iterator[Moment]:
    """A moment every ten turns, and one for the readings at the end. memory: this visit's kept moments, and its last table."""
    from genai_core.digit_gans import experiment, forks, readings, recording

    settings, case, last = settings_of(**controls), controls.get("case", zoo.NONE), memory.get("last")
    state, moments = forks.run(settings, memory)
    story = Story(settings, measured(), case, memory.get(f"broken {case}"))
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
        if case != zoo.NONE and not changed(settings, BROKEN[case].settings):
            memory[f"broken {case}"] = list(story.rows)
        yield Moment(moment.index, moment.steps, partial(ended, story))
    finally:
        if story.rows and not story.wrong:
            memory["last"] = settings, tuple(story.rows)


def ended(story: Story) -> View:
    """The last look, with the recorded plate below it."""
    view = story.view()
    return replace(view, pictures=view.pictures | drawn_plate(story.s))


def drawn_plate(settings: Settings) -> dict[str, str]:
    return {"plate": zoo.plate_json(settings, OBJECTIVES, NETWORKS)} if PLATE else {}


def before(turn: int) -> View:
    """The first turns, before there is anything to look at."""
    return View({}, WORDS["before"].format(turn=turn))


def replay(recording) -> View:
    """The recorded run at its end, with its film."""
    story = Story(Settings(**recording.manifest["settings"]), measured())
    *film, last = recording.frames
    story.rows, story.film, story.turn, story.end = [dict(row) for row in recording.rows], film, film[-1]["lines"], last["end"]
    return ended(story)


def verdict(shown: dict[str, Quantity]) -> str:
    """Which guess came true: how many of the ten digits are among its pictures."""
    if "digits_found" not in shown:
        return WORDS["no judge"]
    found = shown["digits_found"].value
    return CHOICES[0] if found <= 3 else CHOICES[1] if found <= 7 else CHOICES[2]


def notebook(**controls) -> dict:
    from genai_core.digit_gans.export import notebook as made

    return made(settings_of(**controls))


def sources() -> tuple:
    """What ran, for "Under the hood": the slide's loop, ours, and the networks."""
    from genai_core.digit_gans.loop import Loop
    from genai_core.models import digit_gan as g

    return (Loop.turn, g.DigitGAN.turns, g.lecture_generator, g.lecture_discriminator, g.notes_generator, g.notes_discriminator,
            g.conv_generator, g.conv_discriminator)


PLATE = {"plate": phase_view} if plate.kept() else {}   # `python -m genai_core record gan_digits_plate` makes it
LAB = Lab(controls=CONTROLS, run=run, more=tuple(name for name in CONTROLS if name not in IN_VIEW), predict=Predict(CHOICES, verdict),
          pictures={"film": film_view, "curves": figures.curves_view, "lines": lines_view, "sheet": digits.tiles_view} | PLATE,
          sources=sources, replay=replay, notebook=notebook, remembers=True, picks=("film", *PLATE), unit="turn",
          examples=tuple({k: v for k, v in case.items() if k != "seed"} for case in CASES.values()),
          example_names=tuple(WORDS[f"name {name}"] for name in CASES))
TAB = lab_tab("Learn", 45, "GAN on digits", LAB)
