"""Models that learn from models: engines, regimes, and the exact theory beside them.

Conventions: the truth is P0, a model is fitted once a generation, and generation 0 is the model fitted on n real points
in every regime; so generation g is fit number t = g + 1 of the papers. "mle" divides by n, "unbiased" by n - 1.
"""

import importlib

_PLACES = {"Plan": "plan", "REGIMES": "plan", "Generation": "plan", "ENGINES": "engines", "engine": "engines",
           "generations": "engines", "table": "engines", "summary": "engines", "expected": "engines"}

__all__ = list(_PLACES)


def __getattr__(name: str):
    if name not in _PLACES:
        raise AttributeError(name)
    return getattr(importlib.import_module(f"{__name__}.{_PLACES[name]}"), name)
