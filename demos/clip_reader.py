"""What CLIP sees: a picture in, words out. The core reads; here its answer is drawn."""

from collections.abc import Iterator
from functools import cache, partial

from demos import _figures as figures
from demos import _readings as readings
from demos._controls import Choice, Text
from demos._lab import Lab, Moment, Predict, View
from demos._pad import Example, Pad
from demos._page import lab_tab
from demos._session import Quantity
from demos._words import minus, words
from genai_core.data.picturebook import BACKGROUNDS, COLOURS
from genai_core.text_to_image import hub, looking

WORDS = words("clip_reader")
CHOICES = ("more than 90%", "50% to 90%", "less than half")
SHOWN = 4          # words of a factor
STAGES = 3


def _css(colours: dict) -> dict[str, str]:
    return {name: "#%02x%02x%02x" % rgb for name, rgb in colours.items()}


@cache
def scenes() -> dict[str, str]:
    """The examples as data URLs."""
    return {name: figures.image(picture) for name, picture in looking.pictures().items()}


def pad() -> Pad:
    drawn = tuple(Example(name, looking.CAPTIONS[name], image) for name, image in scenes().items())
    return Pad("Picture", inks=_css(COLOURS), papers=_css(BACKGROUNDS), stroke=8, thin=2, thick=24, examples=drawn, uploads=True,
               example=looking.FIRST)


CONTROLS = {
    "picture": pad(),
    "captions": Text("Captions, one a line", "\n".join(looking.CAPTIONS.values()), longest=2500, lines=6),
    "clip": Choice("Which CLIP", {"pocket": "Pocket CLIP", **dict.fromkeys(hub.CLIPS, "ViT-B-32, from the hub")}, "pocket"),
}


def run(*, picture, captions, clip) -> Iterator[Moment]:
    """Moments of one look: the picture, single words, captions."""
    import numpy as np

    from genai_core.text_to_image.pictures import read_picture

    sheet, notes = CONTROLS["picture"].sheet(picture), ()
    if sheet.kind == "example":
        pixels = looking.pictures()[sheet.name]
    elif sheet.data:
        given = read_picture(sheet.data, f"“{sheet.name}”" if sheet.name else "The drawing")
        pixels, notes = given.pixels, given.notes
    else:
        pixels = np.full((64, 64, 3), 252, np.uint8)  # an empty sheet
    for stage, found in enumerate(looking.looks(pixels, captions.splitlines(), clip), 1):
        yield Moment(stage, STAGES, partial(look, found, figures.image(found["seen"]), notes))


def look(found: dict, seen: str, notes=()) -> View:
    """What is known so far. seen: the picture as CLIP got it, a data URL."""
    drawn = {"seen": figures.picture_json([seen], tell(found, notes))}
    if "words" in found:
        drawn["bars"] = readings.bars_json(panels(found), WORDS["bars label"])
    if "matrix" in found:
        best = found["texts"].index(found["ranking"][0]["text"])
        side = [{"image": seen, "name": WORDS["your picture"]},
                *({"image": image, "name": looking.CAPTIONS[name]} for name, image in scenes().items())]
        drawn["matrix"] = readings.matrix_json(
            WORDS["matrix"], WORDS["matrix note"], side, found["texts"], found["matrix"],
            WORDS["matrix label"].format(number=best + 1, text=found["texts"][best]))
    return View(drawn, tell(found, notes), numbers(found), tuple(looking.rows_of(found)))


def panels(found: dict) -> list[dict]:
    """The bars: captions first, then the likeliest words of each factor."""
    listed = []
    if "ranking" in found:
        listed.append(readings.bars(WORDS["captions"], WORDS["captions note"], [
            (f"{found['texts'].index(row['text']) + 1}. {row['text']}", row["share"],
             minus(f"{percent(row['share'])} · {row['similarity']:.2f}")) for row in found["ranking"]]))
    for factor, told in found["words"].items():
        rows = [(row["text"], row["share"], percent(row["share"])) for row in told[:SHOWN]]
        listed.append(readings.bars(WORDS[factor], WORDS["words note"], rows))
    return listed


def percent(share: float) -> str:
    return "<1%" if share < 0.005 else f"{100 * share:.0f}%"


def numbers(found: dict) -> dict[str, Quantity]:
    """The numbers of a look, as far as they are known."""
    told = {f"{factor}_share": Quantity.exact(rows[0]["share"]) for factor, rows in found.get("words", {}).items()}
    if "ranking" in found:
        first = found["ranking"][0]
        told |= {"best_share": Quantity.exact(first["share"]), "best_similarity": Quantity.exact(first["similarity"])}
    return told


def tell(found: dict, notes=()) -> str:
    """The look in words, from its own numbers."""
    if "words" not in found:
        said = WORDS["looking"].format(size=len(found["seen"]))
    else:
        first = {factor: rows[0]["text"] for factor, rows in found["words"].items()}
        read = WORDS["sentence" if first["count"] == "one" else "sentence many"].format(**first)
        said = WORDS["reading"].format(words=f"“{read}”")
        if ranking := found.get("ranking"):
            best, *others = [{"text": row["text"], "share": percent(row["share"])} for row in ranking[:2]]
            second = "".join(WORDS["second"].format(**other) for other in others)
            said = WORDS["finished"].format(best=best["text"], share=best["share"], second=second, words=f"“{read}”")
    return " ".join([said, *notes])


def replay(recording) -> View:
    """The recorded look at its end."""
    return look(recording.frames[-1], scenes()[recording.manifest["settings"]["picture"]])


def verdict(shown: dict[str, Quantity]) -> str:
    """Which guess came true."""
    share = shown["best_share"].value
    return CHOICES[0] if share > 0.9 else CHOICES[1] if share >= 0.5 else CHOICES[2]


def warm() -> None:
    """Open CLIP behind the first page."""
    for _ in looking.looks(looking.pictures()[looking.FIRST], ["a red circle"]):
        pass


def sources() -> tuple:
    """What ran, for "Under the hood"."""
    from genai_core.text_to_image import reading

    return looking.looks, reading.similarity, reading.shares, reading.words_of


LAB = Lab(controls=CONTROLS, run=run, pictures={"seen": figures.picture_view, "matrix": readings.matrix_view, "bars": readings.bars_view},
          more=("clip",), predict=Predict(CHOICES, verdict), sources=sources, replay=replay, unit="look", warm=warm)
TAB = lab_tab("Make", 60, "What does CLIP see?", LAB)
