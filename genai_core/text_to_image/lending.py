"""Drawing by name: the pocket model where this process runs, a big one on a GPU that a Space lends for a minute."""

import os
from collections.abc import Iterator

from genai_core.errors import BadInput

LENT_S = 60  # how long a ZeroGPU Space lends its GPU to one drawing


def lent_gpu(function):
    """The function, run on the GPU that a ZeroGPU Space lends while it runs; anywhere else the function itself."""
    if not os.environ.get("SPACES_ZERO_GPU"):
        return function
    try:
        import spaces
    except ImportError:
        return function
    return spaces.GPU(duration=LENT_S)(function)


@lent_gpu
def _big_frames(model: str, prompt: str, **asked) -> Iterator:
    from genai_core.text_to_image.big import load
    from genai_core.text_to_image.sampling import frames

    try:
        pipeline = load(model)
    except BadInput as error:
        raise BadInput(str(error), instead={"model": "pocket"}) from None
    yield from frames(pipeline, prompt, **asked)


def frames_of(model: str, prompt: str, **asked) -> Iterator:
    """sampling.frames of the model of that name or in that folder. BadInput, within 10 s, where it cannot be had."""
    if model != "pocket":
        return _big_frames(model, prompt, **asked)
    from genai_core.text_to_image.pipeline import load
    from genai_core.text_to_image.sampling import frames

    return frames(load(), prompt, **asked)
