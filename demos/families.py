"""Every family: five ways to learn the same points in the same time, in one table and one plate. The core computes."""

from collections.abc import Iterator
from functools import partial

from demos import _family_digit_views as digits
from demos import _family_views as views
from demos import _figures as figures
from demos._controls import Choice, Range, Seed
from demos._lab import Lab, Moment, Predict, View
from demos._page import lab_tab
from demos._session import Quantity
from demos._words import words
from genai_core.families.settings import BALANCES, DIGITS, FAMILIES, SECONDS, Settings

WORDS = words("families")
TITLES = tuple(FAMILIES.values())

CONTROLS = {
    "data": Choice("Data", {"ring": "Ring of eight", "two_moons": "Two moons", "spiral": "Spiral", DIGITS: "Digits, live"}
                   | digits.CHOICE, "ring"),
    "seconds": Range("Seconds for each family", *SECONDS, 6),
    "pace": Choice("The time is", {"clock": "Seconds that pass", "fixed": "Updates, the same everywhere"}, "clock"),
    "balance": Range("Discriminator's rate, times the generator's", *BALANCES, 2, 0.25),
    "seed": Seed(),
}


def run(**controls) -> Iterator[Moment]:
    """A moment for every tenth of a second of learning; the families take their turns one after the other."""
    if controls["data"] in (DIGITS, digits.RECORDED):
        yield from digits.run(Settings(**controls)) if controls["data"] == DIGITS else digits.kept()
        return
    from genai_core.families import contest, recording

    settings = Settings(**controls)
    scene, film, told, seen = recording.scene(settings), [], [], 0
    for state in contest.run(settings):
        if len(state.looks) > seen:
            film.append(recording.frame(state.looks[-1]))
            seen = len(state.looks)
        told[:] = recording.rows(state)
        if told:
            yield Moment(state.step, state.steps, partial(view, settings, scene, film, told))
        else:
            yield Moment(1, state.steps, partial(before, scene))


def before(scene: dict) -> View:
    """Nothing has been looked at yet: the data, and empty places."""
    return View({"plate": views.plate(scene, [], []), "table": "", "curves": ""}, WORDS["before"].format(first=TITLES[0]))


def view(settings: Settings, scene: dict, film, rows) -> View:
    """film: frames as the core saves them. rows: the table so far."""
    ended = [row for row in rows if row["nats_kind"]]
    pictures = {"plate": views.plate(scene, film, rows, whole=len(ended) == len(FAMILIES)), "table": views.table(scene, rows),
                "curves": views.curves(scene, rows)}
    return View(pictures, sentence(settings, scene, rows), views.numbers(scene, rows), tuple(rows))


def replay(recording) -> View:
    """The recorded contest at its end, with its film."""
    return view(Settings(**recording.manifest["settings"]), recording.scene, recording.frames, recording.rows)


def sentence(settings: Settings, scene: dict, rows) -> str:
    """The contest in words, from its own numbers."""
    last = views.latest(rows)
    best = min(last.values(), key=lambda row: row["energy"])
    counts = ", ".join(WORDS["count"].format(family=FAMILIES[f], inside=views.inside(scene, row)) for f, row in last.items())
    said = WORDS["sentence"].format(
        time=WORDS[settings.pace].format(seconds=f"{settings.seconds:g}"), best=FAMILIES[best["family"]],
        energy=views.number(best["energy"]), high=views.number(scene["bands"]["energy"][2]), of=len(scene["bands"]), counts=counts,
        n=f"{scene['n']:,}")
    gan = last.get("gan")
    if gan and gan["modes_found"] is not None:
        said += " " + WORDS["modes all" if gan["modes_found"] == 8 else "modes"].format(found=gan["modes_found"])
    return said


def verdict(shown: dict[str, Quantity]) -> str:
    """Which guess came true: the family whose points are nearest to the data."""
    distances = {title: shown[f"{family}_energy"].value for family, title in FAMILIES.items() if f"{family}_energy" in shown}
    return min(distances, key=distances.get)


def notebook(**controls) -> dict:
    from genai_core.families import export

    if controls["data"] == digits.RECORDED:
        return export.notebook(digits.recorded_settings())
    return export.notebook(Settings(**controls))


def sources() -> tuple:
    """What ran, for "Under the hood"."""
    from genai_core.families import contest, digit_learners, mixture
    from genai_core.families.digits import of_classes
    from genai_core.quality import frechet, neighbours, pictures

    return (contest.play, mixture.em_step, neighbours.neighbours, frechet.between_gaussians, digit_learners.PictureMixture, of_classes,
            pictures.sharpness)


EXAMPLES = {"fair": {}, "collapse": {"balance": 1}, "moons": {"data": "two_moons"}, "repeat": {"pace": "fixed"},
            "digits": {"data": DIGITS, "balance": 1}} | {"minute": {"data": name} for name in digits.CHOICE}


def example(changes: dict) -> dict:
    """Settings to start from, as the controls' values."""
    return {name: control.default for name, control in CONTROLS.items() if name != "seed"} | changes


LAB = Lab(controls=CONTROLS, run=run, pictures={"plate": views.plate_view, "table": figures.answer_view, "curves": figures.curves_view},
          more=("pace", "balance"), predict=Predict(TITLES, verdict), sources=sources, replay=replay, notebook=notebook, unit="look",
          examples=tuple(example(changes) for changes in EXAMPLES.values()),
          example_names=tuple(WORDS[f"name {name}"] for name in EXAMPLES), hint=lambda *, data, **_: digits.hint(data))
TAB = lab_tab("Learn", 60, "Every family", LAB)
