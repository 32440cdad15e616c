"""Words to picture: the tokenizer, the pocket Stable Diffusion, and the loop that draws with it.

What needs torch is imported when it is first asked for, so that a page can name this package without waiting.
"""

import importlib

from genai_core.data.captions import WORDS, unknown_words

_WHERE = {"POCKET": "pipeline", "load": "pipeline", "GUIDANCE": "settings", "Settings": "settings", "check": "settings",
          "Frame": "sampling", "frames": "sampling", "climb": "climbing", "guide": "similarity"}
__all__ = ["WORDS", "unknown_words", *_WHERE]


def __getattr__(name: str):
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_WHERE[name]}"), name)
