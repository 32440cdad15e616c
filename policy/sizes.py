"""Sizes of language models, from model_sizes.csv: active and total parameters, speed, and who serves them."""

import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from policy import facts
from policy.errors import BadInput
from policy.facts import Fact, Source

BIGGEST_B = 100_000.0  # a hundred trillion parameters: beyond anything built
OWN = Source("given by the user", "", "2026", "seen_primary")


@dataclass(frozen=True)
class Model:
    """active, total: billions of parameters. speed: tokens/s, first_token: s, both None where not known."""

    name: str
    provider: str
    active: Fact
    total: Fact
    known: bool  # the provider publishes the size
    speed: Fact | None = None
    first_token: Fact | None = None

    def facts(self) -> tuple[Fact, ...]:
        return tuple(row for row in (self.active, self.total, self.speed, self.first_token) if row is not None)


@cache
def models() -> Mapping[str, Model]:
    """Name -> Model, in the order of the file."""
    rows, found = facts.load("model_sizes"), {}
    for name in dict.fromkeys(row.details["model"] for row in rows.values()):
        active = rows[f"{name}/active"]
        found[name] = Model(name, active.details["provider"], active, rows[f"{name}/total"],
                            active.details["size_known"] == "yes", rows.get(f"{name}/tokens_per_s"),
                            rows.get(f"{name}/first_token_s"))
    return MappingProxyType(found)


def find_model(text: str) -> Model:
    """By our name or the library's, in any case."""
    known = {}
    for name, model in models().items():
        known |= {name.casefold(): model, model.active.details["library_name"].casefold(): model}
    wanted = text.strip().casefold()
    if wanted in known:
        return known[wanted]
    near = difflib.get_close_matches(wanted, known, 1, 0.6)
    hint = f"Did you mean {known[near[0]].name}? " if near else ""
    raise BadInput(f"The size of a model {text.strip()[:40]!r} is not known here. {hint}Known: {', '.join(models())}. "
                   "For another give its size: --active-params and --total-params, in billions.")


def given_model(active_params_b: float, total_params_b: float | None = None, name: str = "your model") -> Model:
    """A model of a size that the user gives; total None: a dense model, all parameters active."""
    total_params_b = active_params_b if total_params_b is None else total_params_b
    for what, x in (("active", active_params_b), ("total", total_params_b)):
        if isinstance(x, bool) or not isinstance(x, int | float) or not math.isfinite(x) or not 0 < x <= BIGGEST_B:
            raise BadInput(f"The {what} parameters must be a number of billions above 0 and up to {BIGGEST_B:,.0f}; "
                           f"got {str(x)[:40]}.")
    if active_params_b > total_params_b:
        raise BadInput("Active parameters cannot be more than all of them; "
                       f"got {active_params_b:g} of {total_params_b:g} billion.")
    def fact(id, x, what):
        return Fact(id, x, x, x, "billion parameters", what, OWN, "assumed")
    return Model(name, "", fact("active_params", float(active_params_b), "active parameters"),
                 fact("total_params", float(total_params_b), "total parameters"), True)
