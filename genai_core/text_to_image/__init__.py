"""Words to picture: the tokenizer, the pocket Stable Diffusion, and the loop that draws with it."""

from genai_core.data.captions import WORDS, unknown_words
from genai_core.text_to_image.pipeline import POCKET, load
from genai_core.text_to_image.sampling import GUIDANCE, Frame, check, frames

__all__ = ["GUIDANCE", "POCKET", "WORDS", "Frame", "check", "frames", "load", "unknown_words"]
