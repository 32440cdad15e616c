"""Words to picture: a sentence becomes a picture, step by step. The core computes; here its answer is drawn."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from demos import _figures as figures
from demos._controls import Choice, Range, Seed, Text
from demos._lab import Lab, Moment, Predict, View
from demos._page import lab_tab
from demos._seen import described
from demos._session import Quantity
from demos._words import words

WORDS = words("text_to_image")
CHOICES = ("in the first third of the steps", "in the middle", "in the last third")
EXAMPLES = ("a large yellow star on sky", "two small blue squares on beige", "a large striped green heart on a white background",
            "a red circle above a blue square on gray")
PULLED = {"unheard": 0, "heard": 3, "shouted": 15}  # one sentence and one seed under three scales: what guidance does
SAME = {"guidance": "cfg", "model": "pocket", "negative": "", "n": 1, "seed": 1, "steps": 25, "scheduler": "ddim"}

CONTROLS = {
    "prompt": Text("Prompt", EXAMPLES[0], longest=500, placeholder=EXAMPLES[0]),
    "scale": Range("Guidance scale", 0, 15, 3, 0.5),
    "steps": Range("Steps", 1, 100, 25),
    "n": Range("Pictures", 1, 4, 1),
    "guidance": Choice("What steers", {"cfg": "The prompt", "none": "Nothing", "clip": "CLIP alone", "both": "Prompt and CLIP"}, "cfg"),
    "negative": Text("Not this", "", longest=500, placeholder="such as: stripes", optional=True),
    "scheduler": Choice("Scheduler", {"ddim": "DDIM", "ddpm": "DDPM", "dpm++": "DPM-Solver++", "euler": "Euler"}, "ddim"),
    "clip": Choice("Which CLIP", {"noise_aware": "One that reads noise", "plain": "A plain one"}, "noise_aware"),
    "clip_scale": Range("CLIP guidance scale", 0, 60, 25, 0.5),
    "rounds": Range("Rounds per step", 1, 6, 2),
    "model": Choice("Model", {"pocket": "Pocket model", "sd15": "Stable Diffusion 1.5", "sd-turbo": "SD-Turbo"}, "pocket"),
    "seed": Seed(default=1),
}


@dataclass(frozen=True)
class Shot:
    """A frame as it is shown: data URLs of the noisy and the predicted clean pictures."""

    step: int
    timestep: int
    noisy: tuple[str, ...]
    clean: tuple[str, ...]

    def caption(self, steps: int) -> str:
        return WORDS["caption"].format(step=self.step, steps=steps, timestep=self.timestep)


def run(*, prompt, model, **asked) -> Iterator[Moment]:
    """Moments of a live run, one per denoising step. A big model is opened from this machine or the hub, which is asked for
    3 s; its pictures are compared with the sentence only where CLIP is there for the steering already."""
    from genai_core import text_to_image
    from genai_core.text_to_image.lending import frames_of

    shots: list[Shot] = []
    frames = []
    text_to_image.check(prompt, **asked)
    name, heard = f"{model} {prompt} {asked}", asked_for(prompt, **asked)
    watch = ("similarity", "ratio") if model == "pocket" or asked["guidance"] in ("clip", "both") else ("ratio",)
    for frame in frames_of(model, prompt, watch=watch, **asked):
        frames.append(frame)
        yield Moment(frame.index, frame.steps, partial(look, name, heard, frames, shots))


def asked_for(prompt: str, *, guidance: str, scale: float, **_) -> str:
    """What was asked for, said again beside what came of it: two runs are compared by it."""
    scaled = WORDS["at scale"].format(scale=f"{scale:g}") if guidance in ("cfg", "both") else ""
    return "" if guidance == "none" else f"“{prompt}”{scaled}. "


def look(name: str, heard: str, frames, shots: list[Shot]) -> View:
    """The run so far. Shots that were sent before are not sent again, until the last step sends them all."""
    from genai_core.text_to_image.watching import rows_of

    known = len(shots)
    last = frames[-1]
    kind = "png" if last.index == last.steps else "jpeg"
    for frame in frames[known:]:
        shots.append(Shot(frame.index, frame.timestep, tuple(figures.image(p, "jpeg") for p in frame.noisy),
                          tuple(figures.image(p, kind if frame is last else "jpeg") for p in frame.clean)))
    done = last.index == last.steps
    said = heard + finished(frames) if done else WORDS["running"].format(step=last.index, steps=last.steps)
    numbers = settling(frames) if done else {}
    return view(name, shots, last.steps, said, numbers, rows_of(frames), 0 if done else known)


def replay(recording) -> View:
    """The recorded run at its end."""
    from genai_core.text_to_image.recording import from_png, reading

    steps = recording.manifest["steps"]
    shots = [Shot(f["step"], f["timestep"], (f"data:image/png;base64,{f['noisy']}",),
                  (f"data:image/png;base64,{f['clean']}",)) for f in recording.frames]
    pictures = [from_png(f["clean"])[None] for f in recording.frames]
    asked = recording.manifest["settings"]
    said = asked_for(**asked) + tell([reading(recording.frames[-1])], settled_at(pictures), steps)
    return view("recorded", shots, steps, said,
                {"settled_step": Quantity.exact(settled_at(pictures), "step"), "steps": Quantity.exact(steps)},
                recording.rows)


def view(name: str, shots, steps: int, said: str, numbers: dict, rows, known: int = 0) -> View:
    """Figures from shots; known: how many of them the browser has already."""
    many = len(shots[-1].clean)
    titles = [WORDS["noisy"], WORDS["clean"]]
    film = [{"images": [shot.noisy[0], shot.clean[0]], "caption": shot.caption(steps), "step": shot.step}
            for shot in shots[known:]]
    curves = figures.curves_json(panels(rows), WORDS["curves"], steps, unit="step", first=1, group="text_to_image",
                                 hint=WORDS["curves hint"])
    return View({"curves": curves, "picture": figures.picture_json(list(shots[-1].clean), said,
                                                 titles=[str(i + 1) for i in range(many)] if many > 1 else None),
                 "strip": figures.strip_json(film, WORDS["strip"], titles=titles, run=name, start=known, group="text_to_image")},
                said, numbers, tuple(rows))


def panels(rows) -> list[dict]:
    """Similarity of each picture, and how far guidance moved each step, over the steps."""
    steps, made = [r["step"] for r in rows], []
    for kind in ("similarity", "push_share"):
        names = [k for k in rows[0] if k.startswith(kind)]
        if not names:
            continue
        lines = [figures.line(WORDS[kind] if len(names) == 1 else f"{i}", steps, [math.nan if r[k] is None else r[k] for r in rows], i - 1)
                 for i, k in enumerate(names, 1)]
        still = kind == "push_share" and not any(r[k] for r in rows for k in names)  # no axis of millionths around a push of 0
        span = {"low": 0, "high": 0.1} if still else {}
        made.append({"title": WORDS[f"{kind} title"], "unit": WORDS[f"{kind} unit"], "lines": lines} | span)
    return made


def settled_at(pictures) -> int:
    from genai_core.text_to_image.watching import settled

    return settled(pictures)


def settling(frames) -> dict[str, Quantity]:
    """The numbers of a finished run."""
    return {"settled_step": Quantity.exact(settled_at([f.clean for f in frames]), "step"),
            "steps": Quantity.exact(frames[-1].steps)}


def finished(frames) -> str:
    """The end of a run in words, from its own pixels."""
    from genai_core.text_to_image.watching import found

    return tell([found(p) for p in frames[-1].clean], settled_at([f.clean for f in frames]), frames[-1].steps)


def tell(readings, settled: int, steps: int) -> str:
    seen = [describe(reading) for reading in readings]
    if len(seen) > 1:
        seen = [f"{index}: {text}" for index, text in enumerate(seen, 1)]
    return WORDS["finished"].format(seen="; ".join(seen), settled=settled, steps=steps)


def describe(reading) -> str:
    return described(reading, WORDS["nothing"], WORDS["some shape"])


def verdict(shown: dict[str, Quantity]) -> str:
    """Which guess came true: the third of the run in which the picture settled."""
    share = shown["settled_step"].value / max(1.0, shown["steps"].value)
    return CHOICES[0] if share <= 1 / 3 else CHOICES[1] if share <= 2 / 3 else CHOICES[2]


def hint(*, prompt, guidance, model, **_) -> str:
    """Words that the pocket model never read, named before anything runs; what a big one needs."""
    from genai_core.data import captions, picturebook, shapes

    if model != "pocket":
        return WORDS["big"]

    missing = captions.unknown_words(prompt)
    if not missing or guidance == "none":
        return ""
    said = [WORDS["did you mean"].format(word=word, known=known) if known else f"“{word}”" for word, known in missing[:6]]
    return WORDS["unknown"].format(words=", ".join(said), shapes=", ".join(shapes.SHAPES),
                                   colours=", ".join(picturebook.COLOURS), backgrounds=", ".join(picturebook.BACKGROUNDS))


def package(*, prompt, model, **asked) -> bytes:
    """Notebook and weights that draw the same picture by themselves."""
    from genai_core.text_to_image import export

    return export.package(prompt, model, **asked)


def warm() -> None:
    """Open the model behind the first page."""
    from genai_core import text_to_image

    text_to_image.load()


def examples() -> tuple[dict, ...]:
    """Sentences to try, then one sentence under three scales with all else the same."""
    return (*({"prompt": text} for text in EXAMPLES),
            *(SAME | {"prompt": EXAMPLES[2], "scale": CONTROLS["scale"].check(scale)} for scale in PULLED.values()))


def sources() -> tuple:
    """What ran, for "Under the hood"."""
    from genai_core.models.picture_diffusion import PictureDiffusion
    from genai_core.text_to_image import frames

    return frames, PictureDiffusion.turns


LAB = Lab(controls=CONTROLS, run=run,
          pictures={"picture": figures.picture_view, "strip": figures.strip_view, "curves": figures.curves_view},
          more=("negative", "scheduler", "clip", "clip_scale", "rounds", "model"), predict=Predict(CHOICES, verdict),
          example_names=(*EXAMPLES, *(WORDS[f"name {name}"] for name in PULLED)),
          example_groups=((WORDS["try prompts"], len(EXAMPLES)), (WORDS["try pulled"], len(PULLED))),
          sources=sources, replay=replay, examples=examples(), hint=hint, warm=warm, package=package)
TAB = lab_tab("Make", 10, "Words to picture", LAB)
