"""The guidance frontier: the harder a prompt is followed, the more alike the pictures. The core draws and judges; here it is laid out."""

import math
from collections.abc import Iterator
from functools import cache, partial

from demos import _figures as figures
from demos._controls import Choice, Range, Seed
from demos._lab import Lab, Moment, Predict, View
from demos._page import lab_tab
from demos._session import Quantity
from demos._words import words

WORDS = words("guidance_frontier")
CHOICES = ("More of them right, and as different", "More of them right, but more alike", "No more of them right")
KINDS = {"cfg": "Classifier-free guidance", "noise_aware": "A CLIP that reads noise", "plain": "A plain CLIP"}
TALL = 230     # pixels of a plot's height: many dots stand close together
ALIKE = 0.9  # of the loosest pictures' diversity: what is below it is more alike
CONTROLS = {
    "kind": Choice("Who guides", KINDS, "cfg"),
    "scale": Range("Guidance scale", 0, 60, 8, 0.5),
    "prompts": Range("Prompts, four pictures each", 1, 6, 2),
    "seed": Seed(default=1),
}


@cache
def curves() -> dict[str, tuple[dict, ...]]:
    """The recorded rows of each kind, by rising scale; none where nothing was recorded."""
    from genai_core import recorded

    saved = recorded.read("guidance_frontier")
    rows = saved.rows if saved else ()
    return {kind: tuple(sorted((row for row in rows if row["kind"] == kind), key=lambda row: row["scale"])) for kind in KINDS}


def run(*, kind, scale, prompts, seed) -> Iterator[Moment]:
    """Moments of one live point: a look shows the point of the prompts that are finished."""
    from genai_core.text_to_image import frontier, load

    asked, made, shots = frontier.asked_for(prompts), None, []
    for done, of, point in frontier.approach(load(), kind, scale, asked=asked, seed=seed):
        if point:
            made = point
            shots.append({"images": [figures.image(picture) for picture in point.latest], "step": done,
                          "caption": asked[len(shots)][1]})
        yield Moment(done, of, partial(look, kind, made, tuple(shots), f"{kind} {scale} {seed}", done == of))


def look(kind: str, point, shots, name: str, done: bool) -> View:
    from genai_core.text_to_image import frontier

    if point is None:
        return view(None, WORDS["drawing"])
    row = frontier.row(point)
    said = WORDS["sentence"].format(kind=KINDS[kind], scale=f"{row['scale']:g}", right=point.right["right"], of=point.right["of"],
                                    low=f"{row['right_low']:.0%}", high=f"{row['right_high']:.0%}",
                                    diversity=f"{row['diversity_share']:.1%}", similarity=f"{row['similarity']:.2f}")
    strip = figures.strip_json(list(shots), WORDS["prompts"], run=name)
    first = (curves()[kind] or (row,))[0]
    said += " " + WORDS["beside"].format(scale=f"{first['scale']:g}", prompts=frontier.PROMPTS, own=len(shots))
    return view(row, said, quantities(row, first) if done else {}, strip, (row,))


def replay(recording) -> View:
    """The recorded frontier, with the four pictures of each point to scrub."""
    url, prompt = "data:image/png;base64,{}".format, recording.scene["prompts"][0]
    frames = sorted(recording.frames, key=lambda frame: frame["kind"] == "cfg")  # the kind that is set in the controls stands last
    best = max((row for row in recording.rows if row["kind"] == "cfg"), key=lambda row: row["right_share"])
    first = next(row for row in recording.rows if row["kind"] == "cfg")
    said = WORDS["recorded"].format(points=len(recording.rows), scale=f"{best['scale']:g}", right=f"{best['right_share']:.0%}",
                                    loose=f"{first['diversity_share']:.1%}", tight=f"{best['diversity_share']:.1%}")
    strip = figures.strip_json(
        [{"images": [url(picture) for picture in frame["pictures"]], "step": i,
          "caption": WORDS["caption"].format(kind=KINDS[frame["kind"]], scale=f"{frame['scale']:g}", prompt=prompt)}
         for i, frame in enumerate(frames, 1)], WORDS["strip"], run="recorded")
    return view(None, said, quantities(best, first), strip, recording.rows)


def quantities(row: dict, first: dict) -> dict[str, Quantity]:
    """The point's numbers; first: the loosest recorded point of the same kind, that it is compared with."""
    return {"right_share": Quantity(row["right_low"], row["right_share"], row["right_high"]),
            "right_at_first": Quantity.exact(first["right_share"]),
            "diversity_share": Quantity.exact(row["diversity_share"]), "diversity_at_first": Quantity.exact(first["diversity_share"]),
            "similarity": Quantity.exact(row["similarity"])}


def view(live: dict | None, said: str, numbers=None, strip: str = "", rows=()) -> View:
    """live: the row of the live point. strip: four pictures a frame."""
    shown = [*(row for rows in curves().values() for row in rows), *([live] if live else [])]
    spread = [100 * row["diversity_share"] for row in shown] or [0, 100]
    frontier = figures.curves_json(panels(live), WORDS["axes"], 1 + math.ceil(max(spread)), first=max(0, math.floor(min(spread)) - 1),
                                   unit=WORDS["diversity"], hint=WORDS["hint"], tall=TALL)
    return View({"frontier": frontier, "strip": strip}, said, numbers or {}, tuple(rows))


def panels(live: dict | None) -> list[dict]:
    """Similarity, and the share that is right, over diversity; the recorded kinds as curves, a live point beside them."""
    made = []
    for title, key, percent in ((WORDS["similarity"], "similarity", False), (WORDS["right"], "right_share", True)):
        lines = [figures.line(KINDS[kind], [100 * row["diversity_share"] for row in rows], [row[key] for row in rows], colour,
                              tags=[f"{row['scale']:g}" for row in rows])
                 for colour, (kind, rows) in enumerate(curves().items()) if rows]
        if live:
            lines.append(figures.line(WORDS["live"], [100 * live["diversity_share"]], [live[key]], 3, tags=[f"{live['scale']:g}"]))
        made.append({"title": title, "unit": "", "lines": lines, "percent": percent} | ({"low": 0, "high": 1} if percent else {}))
    return made


def verdict(shown: dict[str, Quantity]) -> str:
    if shown["right_share"].value <= shown["right_at_first"].value:
        return CHOICES[2]
    return CHOICES[1] if shown["diversity_share"].value < ALIKE * shown["diversity_at_first"].value else CHOICES[0]


def sources() -> tuple:
    """What ran, for "Under the hood"."""
    from genai_core.text_to_image import frontier

    return frontier.approach, frontier.diversity_share


LAB = Lab(controls=CONTROLS, run=run,
          pictures={"frontier": figures.curves_view, "strip": figures.strip_view},
          predict=Predict(CHOICES, verdict), sources=sources, replay=replay)
TAB = lab_tab("Make", 16, "How hard to steer", LAB)
