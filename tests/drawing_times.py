"""How long one picture takes: ours against a plain StableDiffusionPipeline call, in pairs that alternate, equal threads."""

import statistics
import time

from genai_core import runtime, text_to_image
from genai_core.errors import BadInput
from genai_core.text_to_image.settings import PRESETS

PROMPT = "a red circle above a blue square on gray"
STEPS, SCALE, PAIRS = 25, 3.0, 5
WATCH = ("similarity", "ratio", "gradient", "crops")
WAYS = {  # name: (settings, how it is watched)
    "strip_off": ({"guidance": "cfg", "scale": SCALE, "steps": STEPS}, {"strip": False}),
    "strip_on": ({"guidance": "cfg", "scale": SCALE, "steps": STEPS}, {"strip": True}),
    "strip_on_all_watched": ({"guidance": "cfg", "scale": SCALE, "steps": STEPS}, {"strip": True, "watch": WATCH}),
    **{f"clip_{name}": (given, {"strip": False}) for name, given in PRESETS.items()},
    "clip_quick_strip_on_all_watched": (PRESETS["quick"], {"strip": True, "watch": WATCH}),
}


def seconds(call) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def measure(steps: int | None = None, pairs: int = PAIRS) -> dict:
    """{way: {"times_plain": median ratio, "seconds": median}}; a way that cannot be had here says why. steps: for all."""
    threads = runtime.set_threads(None)
    pipeline = text_to_image.load()
    plain_steps = steps or STEPS

    def plain(seed):
        return pipeline(PROMPT, num_inference_steps=plain_steps, guidance_scale=SCALE, generator=runtime.rng(seed), output_type="np")

    def ours(seed, given, shown):
        asked = {**given, **({"steps": steps} if steps else {})}
        for _ in text_to_image.frames(pipeline, PROMPT, seed=seed, **asked, **shown):
            pass

    told: dict = {"threads": threads, "pairs": pairs, "steps": plain_steps}
    plain(0)
    for name, (given, shown) in WAYS.items():
        try:
            ours(0, given, shown)
        except BadInput as error:
            told[name] = str(error)
            continue
        timed = []
        for seed in range(1, pairs + 1):  # who goes first changes, so that neither always finds warm memory
            calls = [lambda seed=seed: plain(seed), lambda seed=seed: ours(seed, given, shown)]  # noqa: B023
            order = (0, 1) if seed % 2 else (1, 0)
            spent = dict(sorted((which, seconds(calls[which])) for which in order))
            timed.append((spent[0], spent[1]))
        told[name] = {"times_plain": round(statistics.median(b / a for a, b in timed), 3),
                      "seconds": round(statistics.median(b for _, b in timed), 3),
                      "plain_seconds": round(statistics.median(a for a, _ in timed), 3)}
    return told
