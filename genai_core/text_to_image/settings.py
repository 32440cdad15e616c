"""What can be asked of a drawing, with its ranges, and a sentence for whatever lies outside them."""

import math
from dataclasses import dataclass, fields, replace

from genai_core.data.captions import split_words
from genai_core.errors import BadInput

GUIDANCE = ("none", "cfg", "clip", "both")
SCHEDULERS = ("ddim", "ddpm", "dpm++", "euler")
CLIPS = ("noise_aware", "plain")
LONGEST = 500  # characters
RANGES = {  # name: (what a sentence calls it, lowest, highest, whole numbers only)
    "scale": ("Guidance scale", 0, 30, False), "clip_scale": ("CLIP guidance scale", 0, 100, False),
    "bound": ("The bound on the guidance step", 0, 10, False), "steps": ("Steps", 1, 200, True),
    "n": ("The number of pictures", 1, 4, True), "rounds": ("Rounds per step", 1, 10, True),
    "crops": ("The number of crops", 1, 16, True), "seed": ("The seed", 0, 2**31 - 1, True)}


@dataclass(frozen=True)
class Settings:
    """guidance: "none" is the empty prompt alone, "cfg" follows the prompt by `scale` (1 is the prompt alone), "clip"
    steers the empty prompt by the gradient of CLIP, "both" does both.

    negative: what the picture should not be. For cfg it stands where the empty prompt stood; for CLIP its similarity is
    taken off. scheduler: one of SCHEDULERS, or None for the pipeline's own.

    CLIP guidance. clip: "noise_aware" reads the noisy latents and the timestep, "plain" reads crops of the decoded
    predicted clean picture. clip_scale: weight of the gradient. rounds: how often each step is taken; between two
    rounds the step is undone with fresh noise. crops: of the plain CLIP, the first being the whole picture.
    through_unet: follow the plain CLIP's gradient through the UNet as well. bound: the longest guidance step, as a
    share of the predicted noise; 0 is no bound. slip: what if the factor were looked up by the loop counter, not
    by the timestep.
    """

    prompt: str
    guidance: str = "cfg"
    scale: float = 3.0
    steps: int = 25
    seed: int = 0
    n: int = 1
    negative: str = ""
    scheduler: str | None = None
    clip: str = "noise_aware"
    clip_scale: float = 25.0
    rounds: int = 2
    crops: int = 4
    through_unet: bool = False
    bound: float = 0.0
    slip: bool = False

    @property
    def free(self) -> bool:
        """Whether two predictions are combined: classifier-free guidance."""
        return self.guidance in ("cfg", "both") and self.scale != 1.0

    @property
    def steered(self) -> bool:
        """Whether CLIP steers."""
        return self.guidance in ("clip", "both")


# Named ways to steer by CLIP alone. "quick" is what a lab opens with, "careful" takes its time, "plain" is for the lesson.
PRESETS = {
    "quick": {"guidance": "clip", "clip": "noise_aware", "clip_scale": 25.0, "rounds": 2, "steps": 25},
    "careful": {"guidance": "clip", "clip": "noise_aware", "clip_scale": 25.0, "rounds": 6, "steps": 50},
    "plain": {"guidance": "clip", "clip": "plain", "clip_scale": 35.0, "rounds": 2, "crops": 4, "steps": 25},
}
OPTIONS = tuple(field.name for field in fields(Settings) if field.name != "prompt")


def _number(name: str, value) -> float | int:
    title, low, high, whole = RANGES[name]
    bad = isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value)
    if whole and (bad or value != int(value)):
        raise BadInput(f"{title} must be a whole number from {low} to {high}; you gave {value!r}.")
    if bad or not low <= value <= high:
        raise BadInput(f"{title} must be {'from' if whole else 'a number from'} {low} to {high}; you gave {value!r}.")
    return int(value) if whole else float(value)


def one_line(text: str, what: str) -> str:
    """The text with its white space made single; BadInput where it is too long or has no words."""
    line = " ".join(str(text or "").split())
    if len(line) > LONGEST:
        raise BadInput(f"The {what} has {len(line):,} characters; at most {LONGEST} are read. One sentence is enough.")
    if line and not split_words(line):
        raise BadInput(f"The {what} has no words in it. Describe a picture, for example: a yellow star on sky.")
    return line


def check(prompt: str, **asked) -> Settings:
    """The settings, cleaned; raises BadInput with a sentence that says what was wrong and what would be right."""
    given = Settings(prompt, **asked)
    for name, options in (("guidance", GUIDANCE), ("scheduler", SCHEDULERS), ("clip", CLIPS)):
        value = getattr(given, name)
        if value not in options and not (name == "scheduler" and value is None):
            title = {"guidance": "Guidance", "scheduler": "The scheduler", "clip": "The kind of CLIP"}[name]
            raise BadInput(f"{title} must be one of {', '.join(options)}; you gave {value!r}.")
    if given.guidance == "none":
        prompt, negative = " ".join(str(prompt or "").split()), ""
    else:
        prompt, negative = one_line(prompt, "prompt"), one_line(given.negative, "negative prompt")
        if not prompt:
            raise BadInput("The prompt is empty. Describe a picture, for example: a red circle above a blue square on gray.")
    for name in ("through_unet", "slip"):
        if not isinstance(getattr(given, name), bool):
            raise BadInput(f"{name} must be true or false; you gave {getattr(given, name)!r}.")
    return replace(given, prompt=prompt, negative=negative, **{name: _number(name, getattr(given, name)) for name in RANGES})
