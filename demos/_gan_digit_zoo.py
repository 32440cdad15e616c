"""A GAN of digits broken on purpose, and the recorded plate: what the page offers with one press, and what it says of a repair. Plain
data from genai_core.digit_gans in, words and figures out."""

from statistics import fmean

from demos import _bands as bands
from demos._words import words
from genai_core.digit_gans import plate, zoo
from genai_core.digit_gans.settings import Settings

WORDS = words("gan_digits")
NONE, RELIABLE = "none", 0.8
CASES = {name: WORDS[f"case {name}"] for name in (NONE, *zoo.CASES)}
LABELS = {"objective": "the objective", "rate": "the learning rate", "optimiser": "the optimiser", "beta1": "the memory",
          "d_updates": "the discriminator's updates", "balance": "the discriminator's rate, times the generator's,",
          "network": "the networks",
          "data": "the data", "part": "what happens", "epochs": "the epochs", "pictures": "the training pictures",
          "conditional": "whether both are told the digit", "statistics": "the batch norm when drawing"}


# -- broken on purpose --------------------------------------------------------------------------------------------------

def offered(case: str, measured: dict, said: str = "") -> dict | None:
    """The buttons that break a game, of those that were measured to break on most seeds. case: the one that is checked now. said: what
    the check came to."""
    reliable = [name for name in zoo.CASES if (figure := measured.get(f"zoo_{name}")) and figure["share"] >= RELIABLE]
    cases = [{"name": name, "title": CASES[name], "settings": {**zoo.preset(name), "case": name}} for name in reliable]
    return {"name": WORDS["zoo"], "here": case, "cases": cases, "said": said} if cases else None


def check(settings: Settings, case: str, rows: list[dict], before: list[dict], measured: dict) -> list[str]:
    """At the end of a run that is held against a broken one: is it broken, is it repaired. before: the broken run's table, if this
    visit has it."""
    if case == NONE:
        return []
    if settings.part != "train" or rows[-1]["found"] is None:
        return [WORDS["check nothing"]]
    given = zoo.CASES[case]
    turned = zoo.changed(settings, given.settings)
    if not turned:
        said = WORDS[f"broken {case}" if given.broken(rows) else "check escaped"]
        return [said.format(**told(rows)), *over_seeds(case, measured), WORDS["check same"]]
    names = ", ".join(f"{LABELS[name]} to {value(getattr(settings, name))}" for name in turned)
    was = WORDS["check before"].format(before=result(case, before)) if before else ""
    which = "check repaired" if given.repaired(rows) else "check open"
    said = WORDS[which].format(after=result(case, rows), changed=names, wanted=WORDS[f"wanted {case}"])
    known = next((name for name, repair in given.repairs.items() if not zoo.changed(settings, repair)), "")
    return [part for part in (said, was, *over_seeds(known, measured)) if part]


def over_seeds(name: str, measured: dict) -> list[str]:
    """What `python -m genai_core measure gan_digits` found of a broken game, or of a repair; nothing where it never was measured."""
    figure = measured.get(f"zoo_{name}")
    if not figure:
        return []
    return [WORDS["measured case" if name in zoo.CASES else "measured repair"].format(good=figure["right"], of=figure["of"])]


def told(rows: list[dict]) -> dict:
    last = rows[-1]
    return {"found": last["found"], "share": f"{last['recognised']:.0%}", "fake": f"{last['on_fake']:.2g}", "swings": zoo.overtakings(rows)}


def result(case: str, rows: list[dict]) -> str:
    """A run's end in a few words."""
    return WORDS["result swing" if case == "swing" else "result"].format(**told(rows))


def value(given) -> str:
    """A setting or a number as a text."""
    return f"{given:.3g}" if isinstance(given, float) else str(given).replace("_", " ")


# -- the plate ------------------------------------------------------------------------------------------------------------

def plate_json(settings: Settings | None, objectives: dict[str, str], networks: dict[str, str]) -> str:
    """The recorded plate, the cell of these settings marked; "" where none was recorded. objectives, networks: their names."""
    kept = plate.kept()
    if not kept:
        return ""
    here, cells = "", []
    for i, objective in enumerate(plate.OBJECTIVES):
        for j, network in enumerate(plate.NETWORKS):
            made, mine = kept[objective, network], plate.settings_of(objective, network)
            numbers = {"share": f"{made['recognised']:.0%}", "found": made["found"], "broke": made["broke"]}
            about = WORDS["plate about"].format(**numbers, real=value(made["on_real"]), fakes=value(made["on_fake"]), turns=made["turns"])
            cells.append({"text": WORDS["plate broke" if made["broke"] else "plate cell"].format(**numbers), "about": about, "level": 0,
                          "tiles": made["samples"], "settings": {**vars(mine), "case": NONE}})
            here = f"{i},{j}" if mine == settings else here
    first = kept[plate.OBJECTIVES[0], plate.NETWORKS[0]]
    return bands.phase_json(WORDS["plate title"].format(turns=first["turns"]), WORDS["plate label"], "",
                            [objectives[name] for name in plate.OBJECTIVES], [networks[name] for name in plate.NETWORKS], cells, here,
                            WORDS["plate hint"].format(**spreads(kept)))


def spreads(kept: dict[tuple[str, str], dict]) -> dict[str, str]:
    """Between the best and the worst objective, and between the best and the worst network: digits found, on average."""
    def spread(names, place: int) -> str:
        means = [fmean(made["found"] or 0 for key, made in kept.items() if key[place] == name) for name in names]
        return f"{max(means) - min(means):.1f}"

    return {"objectives": spread(plate.OBJECTIVES, 0), "networks": spread(plate.NETWORKS, 1)}
