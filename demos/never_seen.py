"""Never seen: pairs of colour and shape that no training picture had. The core draws and judges; here it is laid out."""

import math
from collections.abc import Iterator
from functools import partial

import numpy as np

from demos import _figures as figures
from demos._controls import Range, Seed
from demos._lab import Lab, Moment, Predict, View
from demos._page import lab_tab
from demos._session import Quantity
from demos._words import words

WORDS = words("never_seen")
CHOICES = ("Fewer than a third", "About half", "More than two thirds")
FRAMES = {True: (0, 114, 178), False: (213, 94, 0), None: (150, 150, 150)}  # Okabe-Ito blue, vermillion; grey
BORDER, GAP = 4, 4  # pixels
CONTROLS = {
    "n": Range("Pictures of each pair", 1, 4, 4),
    "scale": Range("Guidance scale", 0, 15, 3, 0.5),
    "steps": Range("Steps", 5, 50, 25),
    "seed": Seed(default=920_001),
}


def run(*, n, scale, steps, seed) -> Iterator[Moment]:
    """Moments of a live run, one per pair."""
    from genai_core.data.picturebook import UNSEEN
    from genai_core.text_to_image import load, never_seen

    pairs = []
    for pair in never_seen.plate(load(), n=n, scale=scale, steps=steps, seed=seed):
        pairs.append(pair)
        yield Moment(len(pairs), len(UNSEEN), partial(look, tuple(pairs), len(UNSEEN)))


def look(pairs, of: int) -> View:
    from genai_core.text_to_image import never_seen

    return view([(pair.prompt, pair.right, list(pair.pictures)) for pair in pairs], never_seen.rate(pairs), of,
                tuple(never_seen.row(pair) for pair in pairs))


def replay(recording) -> View:
    """The recorded run at its end."""
    from genai_core.text_to_image.recording import from_png

    drawn = [(f["prompt"], f["right"], [from_png(p) for p in f["pictures"]]) for f in recording.frames]
    return view(drawn, recording.frames[-1]["rate"], recording.scene["pairs"], recording.rows)


def view(drawn, rate: dict, of: int, rows) -> View:
    """drawn: (prompt, verdicts, pictures) of each pair so far, of how many. rate: share of pictures right, with its interval."""
    said = WORDS["sentence"].format(right=rate["right"], of=rate["of"], share=f"{rate['share']:.0%}",
                                    low=f"{rate['low']:.0%}", high=f"{rate['high']:.0%}", pairs=len(drawn), all=of)
    film = [{"images": [figures.image(p) for p in pictures], "step": i,
             "caption": WORDS["caption"].format(prompt=prompt, right=sum(r is True for r in verdicts), of=len(verdicts))}
            for i, (prompt, verdicts, pictures) in enumerate(drawn, 1)]
    return View({"plate": figures.picture_json([figures.image(plate(drawn, of))], f"{said} {WORDS['key']}", smooth=True),
                 "strip": figures.strip_json(film, WORDS["strip"], run=f"{rate} {len(drawn)}")},
                f"{said} {WORDS['key']}", {"right_share": Quantity(rate["low"], rate["share"], rate["high"])}, tuple(rows))


def plate(drawn, of: int) -> np.ndarray:
    """All pictures, the pairs as blocks on a square, each picture in a frame that says whether it is right.  -> (s, s, 3) uint8"""
    side = drawn[0][2][0].shape[0] + 2 * BORDER
    wide = math.ceil(math.sqrt(max(len(pictures) for _, _, pictures in drawn)))  # pictures beside each other in a block
    blocks = math.ceil(math.sqrt(of))
    sheet = np.full((blocks * wide * (side + GAP) - GAP,) * 2 + (3,), 255, np.uint8)
    for place, (_, verdicts, pictures) in enumerate(drawn):
        for i, (right, picture) in enumerate(zip(verdicts, pictures, strict=True)):
            y, x = ((at * wide + within) * (side + GAP) for at, within in ((place // blocks, i // wide), (place % blocks, i % wide)))
            sheet[y:y + side, x:x + side] = FRAMES[right]
            sheet[y + BORDER:y + side - BORDER, x + BORDER:x + side - BORDER] = picture
    return sheet


def verdict(shown: dict[str, Quantity]) -> str:
    share = shown["right_share"].value
    return CHOICES[0] if share < 1 / 3 else CHOICES[1] if share <= 2 / 3 else CHOICES[2]


def sources() -> tuple:
    """What ran, for "Under the hood"."""
    from genai_core.text_to_image import never_seen

    return never_seen.plate, never_seen.verdict


LAB = Lab(controls=CONTROLS, run=run, pictures={"plate": figures.picture_view, "strip": figures.strip_view},
          predict=Predict(CHOICES, verdict), sources=sources, replay=replay, unit="pair")
TAB = lab_tab("Make", 18, "Never seen", LAB)
