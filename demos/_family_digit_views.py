"""The contest on digits as the tab shows it, live and recorded: rows of pictures, readings of them, and the sentence."""

from collections.abc import Iterator
from functools import cache, partial

from demos import _family_views as views
from demos import _figures as figures
from demos._lab import Moment, View
from demos._session import Quantity
from demos._words import words
from genai_core import measuring, recorded
from genai_core.errors import BadInput
from genai_core.families.settings import FAMILIES, LOOKS, Settings

WORDS = words("families")
RECORDED = "digits_recorded"   # the control's value; the recorded run's folder is NAME
NAME = "families_digits"
CHOICE = {RECORDED: WORDS["digits recorded"]} if (recorded.FOLDER / NAME / "manifest.json").is_file() else {}  # of the control Data


def run(settings: Settings) -> Iterator[Moment]:
    """A moment for every piece of learning or looking; new pictures only where there is a new look."""
    from genai_core.families import digit_recording as recording
    from genai_core.families import digits

    story, film, told, seen = Story(settings, recording.scene(settings)), [], [], 0
    for state in digits.run(settings):
        if len(state.looks) > seen:
            film.append(recording.frame(state.looks[-1]))
            seen = len(state.looks)
        told[:] = recording.rows(state)
        yield Moment(state.step, state.steps, partial(story.view, film, told))


def saved_run() -> recorded.Recording:
    """The recorded contest; BadInput where there is none."""
    saved = recorded.read(NAME)
    if saved is None:
        raise BadInput("There is no recorded contest on digits; make it with: python -m genai_core record families_digits")
    return saved


def recorded_settings() -> Settings:
    return Settings(**saved_run().manifest["settings"])


def hint(data: str) -> str:
    """A remark while the recorded contest is chosen: it is what it is."""
    if data != RECORDED:
        return ""
    told = recorded_settings()
    return WORDS["recorded hint"].format(seconds=told.seconds, seed=told.seed)


def kept() -> Iterator[Moment]:
    """The recorded contest, at once."""
    saved = saved_run()
    story = Story(recorded_settings(), saved.scene)
    yield Moment(saved.manifest["steps"], saved.manifest["steps"], partial(story.view, saved.frames, list(saved.rows), recorded=True))


class Story:
    """What all looks at one contest share. sent: how many looks the page has pictures of."""

    def __init__(self, settings: Settings, scene: dict):
        self.settings, self.scene, self.sent = settings, scene, None

    def view(self, film, rows, recorded: bool = False) -> View:
        """film: frames as the core saves them. rows: the table so far."""
        ended = [row for row in rows if row["nats_kind"]]
        read = [row for row in rows if row["energy"] is not None]
        pictures, now = {}, (len(film), len(ended))
        if now != self.sent or len(ended) == len(FAMILIES):
            pictures = {"plate": plate(self.scene, film, rows, whole=len(ended) == len(FAMILIES)),
                        "table": table(self.scene, read, rows) if rows else "",
                        "curves": views.curves(self.scene, read) if self.settings.long else ""}
            self.sent = now
        return View(pictures, sentence(self.settings, self.scene, read, rows), numbers(self.scene, read), tuple(rows), recorded=recorded)


# -- pictures ---------------------------------------------------------------------------------------------------------

def note(row: dict | None) -> str:
    if row is None or row["energy"] is None:
        return ""
    return WORDS["note digits"].format(recognised=f"{row['recognised']:.0%}", found=row["found"])


def plate(scene: dict, film, rows, whole: bool = False) -> str:
    """Rows of digits, real ones first; whole: every look, to scrub."""
    frames = {(f["family"], f["look"]): f for f in film}
    by_look = {(row["family"], row["look"]): row for row in rows}
    now = {family: row["look"] for family, row in views.latest(rows).items()}
    real = {"title": WORDS["real digits"], "note": WORDS["real digits note"], "image": scene["real"]}

    def panel(family: str, look: int | None) -> dict:
        frame, row = frames.get((family, look)), by_look.get((family, look))
        told = {"title": FAMILIES[family], "note": note(row) if frame else WORDS["waits"], "waits": frame is None}
        if frame:
            told |= {name: frame[name] for name in ("image", "near") if name in frame}
        return told

    if whole:
        shots = [(WORDS["caption"].format(share=f"{k / LOOKS:.0%}"), dict.fromkeys(FAMILIES, k)) for k in range(1, LOOKS + 1)]
    else:
        shots = [(WORDS["caption now"], now)]
    told = [{"caption": caption, "panels": [real, *(panel(family, at.get(family)) for family in FAMILIES)]} for caption, at in shots]
    return figures._dump({"label": WORDS["plate label digits"], "wide": True, "near": WORDS["near"], "film": told})


def table(scene: dict, read, rows) -> str:
    """Readings against the band of real digits, what each family says and took, and what each reading can see."""
    price = {"title": WORDS["price title"], "note": WORDS["price note digits"].format(n=scene["held"]), "stack": True,
             "rows": views.price(views.latest(rows)), "columns": WORDS["price columns"].split(" | ")}
    if not read:
        return figures.answer_json([], sections=[price])
    wide = WORDS["wide"].format(wide=f"{scene['wide']:,}") if scene["wide"] else WORDS["not wide"]
    note = WORDS["readings note digits"].format(n=f"{scene['n']:,}", wide=wide)
    what = views.readings(scene, views.latest(read), note)
    return figures.answer_json([], sections=[what, price, *views.sights(scene, measured())])


@cache
def measured() -> dict:
    """What `python -m genai_core measure families` found of the readings that only this contest has."""
    there = (measuring.FOLDER / "families.json").is_file()
    return measuring.read("families")["figures"]["digits"]["readings"] if there else {}


# -- words and numbers ------------------------------------------------------------------------------------------------

def sentence(settings: Settings, scene: dict, read, rows) -> str:
    """The contest in words, from its own numbers."""
    last = views.latest(read)
    if not last:
        return WORDS["before"].format(first=next(iter(FAMILIES.values())))
    best, bands = min(last.values(), key=lambda row: row["energy"]), scene["bands"]
    said = [WORDS["sentence digits"].format(
        time=WORDS[settings.pace].format(seconds=f"{settings.seconds:g}"), best=FAMILIES[best["family"]],
        energy=views.number(best["energy"]), high=views.number(bands["energy"][2]), real=f"{scene['of_classes']['recognised']:.0%}",
        shares=", ".join(WORDS["count"].format(family=FAMILIES[f], inside=f"{row['recognised']:.0%}") for f, row in last.items()))]
    if "vae" in last:
        steep, real = last["vae"]["sharpness"], bands["sharpness"][1]
        softest = min(last, key=lambda family: last[family]["sharpness"])
        said.append(WORDS["blur"].format(family=FAMILIES[softest], steep=views.number(last[softest]["sharpness"]),
                                                vae=views.number(steep), real=views.number(real), share=f"{steep / real:.0%}"))
    if "gan" in last:
        row = last["gan"]
        said.append(WORDS["dropped"].format(coverage=f"{row['coverage']:.0%}", real=f"{bands['coverage'][1]:.0%}", found=row["found"],
                                            entropy=views.number(row["entropy"]), even=views.number(scene["of_classes"]["entropy"])))
    return " ".join(said)


def numbers(scene: dict, read) -> dict[str, Quantity]:
    """What the contest leaves in the ledger."""
    found = views.numbers(scene, read)
    for family, row in views.latest(read).items():
        for name in ("recognised", "found", "entropy", "sharpness"):
            found[f"{family}_{name}"] = Quantity.exact(row[name])
    return found
