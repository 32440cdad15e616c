"""Steer with CLIP: a network that only compares pictures with sentences pushes the drawing. The core computes; here it is drawn."""

import math
from collections.abc import Iterator
from functools import partial

from demos import _figures as figures
from demos._controls import Choice, Range, Seed, Switch, Text
from demos._lab import Lab, Moment, Predict, View
from demos._page import lab_tab
from demos._seen import described
from demos._session import Quantity
from demos._words import minus, words

WORDS = words("clip_guidance")
CHOICES = ("Both get better", "The score rises, the picture does not", "Neither gets better")
RISEN = 0.1  # of a cosine: a rise that shows
CONTROLS = {
    "prompt": Text("Prompt", "a yellow star on sky", longest=500),
    "how": Choice("Who pushes", {"noise_aware": "A CLIP that reads noise", "plain": "A plain CLIP",
                                 "climb": "A plain CLIP, no diffusion"}, "plain"),
    "clip_scale": Range("CLIP guidance scale", 0, 60, 20, 0.5),
    "steps": Range("Steps", 2, 100, 25),
    "rounds": Range("Rounds per step", 1, 6, 1),
    "crops": Range("Crops that CLIP sees", 1, 9, 4),
    "through_unet": Switch("Gradient through the UNet"),
    "bound": Range("Longest push, share of the noise (0: no bound)", 0, 2, 0, 0.05),
    "slip": Switch("What if: factor by loop counter"),
    "seed": Seed(),
}
EXAMPLES = ({"how": "plain", "clip_scale": 35, "rounds": 2}, {"how": "noise_aware", "clip_scale": 25, "rounds": 2},
            {"how": "noise_aware", "clip_scale": 25, "rounds": 6, "steps": 50}, {"how": "climb", "steps": 60})


def run(*, prompt, **asked) -> Iterator[Moment]:
    """Moments of a live run, one per step."""
    from genai_core.text_to_image import inside

    shots, rows = [], []
    name = f"{prompt} {asked}"
    for made in inside.insides(prompt, **asked):
        rows.append(inside.row(made))
        yield Moment(made.index, made.steps, partial(look, name, prompt, made, shots, rows))


def look(name: str, prompt: str, made, shots: list, rows: list) -> View:
    from genai_core.text_to_image import inside
    from genai_core.text_to_image.watching import found

    done = made.index == made.steps
    shots.append({"images": [figures.image(made.steered), figures.image(inside.heat(made.gradient)),
                             *([figures.image(inside.sheet(made.crops), "jpeg")] if made.crops is not None else [])],
                  "caption": WORDS["caption"].format(step=made.index, steps=made.steps), "step": made.index})
    pictures = [p for p in (made.plain, made.steered) if p is not None]
    said = WORDS["running"].format(step=made.index, steps=made.steps)
    numbers = {}
    if done:
        reading = found(made.steered)
        said, numbers = finished(prompt, rows[-1], reading), quantities(prompt, rows[-1], reading)
    return view(name, [figures.image(p) for p in pictures], shots, rows, made.steps, said, numbers, 0 if done else len(shots) - 1)


def replay(recording) -> View:
    """The recorded run at its end."""
    from genai_core.text_to_image.recording import reading as kept

    url = "data:image/png;base64,{}".format
    told, last, prompt = recording.manifest, recording.frames[-1], recording.manifest["settings"]["prompt"]
    shots = [{"images": [url(f["steered"]), url(f["heat"]), *([f"data:image/jpeg;base64,{f['crops']}"] if f["crops"] else [])],
              "step": f["step"], "caption": WORDS["caption"].format(step=f["step"], steps=told["steps"])} for f in recording.frames]
    reading = kept(last)
    return view("recorded", [url(last["plain"]), url(last["steered"])], shots, recording.rows, told["steps"],
                f"“{prompt}”. {finished(prompt, recording.rows[-1], reading)}", quantities(prompt, recording.rows[-1], reading))


def view(name, pictures, shots, rows, steps, said, numbers, start: int = 0) -> View:
    """pictures: without CLIP and with it, or with it alone. start: shots that the browser has already."""
    titles = [WORDS["without"], WORDS["with"]] if len(pictures) == 2 else [WORDS["with"]]
    strip = [WORDS["expected"], WORDS["gradient"], WORDS["crops"]][:len(shots[-1]["images"])]
    return View({"picture": figures.picture_json(pictures, said, titles=titles),
                 "strip": figures.strip_json(shots[start:], WORDS["strip"], titles=strip, run=name, start=start, group="clip_guidance"),
                 "curves": figures.curves_json(panels(rows), WORDS["curves"], steps, unit="step", first=1, group="clip_guidance",
                                               hint=WORDS["curves hint"])}, said, numbers, tuple(rows))


def panels(rows) -> list[dict]:
    steps = [r["step"] for r in rows]

    def line(key, colour, dash=False):
        return figures.line(WORDS[key], steps, [math.nan if r[key] is None else r[key] for r in rows], colour, dash=dash)

    made = [{"title": WORDS["score"], "unit": WORDS["cosine"], "low": -0.4, "high": 1.0, "lines": [line("similarity", 1)]}]
    if rows[-1]["similarity_without"] is not None:
        made[0]["lines"].append(line("similarity_without", 0, dash=True))
        made.append({"title": WORDS["push"], "unit": WORDS["share"], "lines": [line("push_share", 2)]})
    return made


def right(prompt: str, reading) -> bool:
    """Does an object that the checker finds have a colour and a shape of the prompt?"""
    from genai_core.data.captions import split_words

    said = split_words(prompt)
    return bool(reading and any(thing.colour in said and thing.shape and any(w.startswith(thing.shape) for w in said)
                                for thing in reading.objects))


def quantities(prompt: str, row: dict, reading) -> dict[str, Quantity]:
    numbers = {"similarity": Quantity.exact(row["similarity"]), "right": Quantity.exact(float(right(prompt, reading)))}
    if row["similarity_without"] is not None:
        numbers["similarity_without"] = Quantity.exact(row["similarity_without"])
    return numbers


def cosine(value: float) -> str:
    """−0.25, with a minus that is as wide as a digit."""
    return minus(f"{value:.2f}")


def finished(prompt: str, row: dict, reading) -> str:
    seen = described(reading, WORDS["nothing"], WORDS["some shape"])
    if row["similarity_without"] is None:
        return WORDS["climbed"].format(score=cosine(row["similarity"]), seen=seen)
    return WORDS["finished"].format(score=cosine(row["similarity"]), without=cosine(row["similarity_without"]), seen=seen)


def verdict(shown: dict[str, Quantity]) -> str:
    before = shown["similarity_without"].value if "similarity_without" in shown else 0.0
    risen = shown["similarity"].value - before > RISEN
    return CHOICES[0] if risen and shown["right"].value else CHOICES[1] if risen else CHOICES[2]


def warm() -> None:
    """Open the models behind the first page."""
    from genai_core import text_to_image
    from genai_core.text_to_image.similarity import guide

    text_to_image.load()
    guide()


def sources() -> tuple:
    """What ran, for "Under the hood"."""
    from genai_core.text_to_image import climbing, guidance, schedulers

    return guidance.Steering.steered, schedulers.factor, climbing.climb


LAB = Lab(controls=CONTROLS, run=run,
          pictures={"picture": figures.picture_view, "strip": figures.strip_view, "curves": figures.curves_view},
          more=("rounds", "crops", "through_unet", "bound", "slip"), predict=Predict(CHOICES, verdict), sources=sources,
          replay=replay, examples=EXAMPLES, example_names=tuple(WORDS["examples"].splitlines()), warm=warm)
TAB = lab_tab("Make", 15, "Steer with CLIP", LAB)
