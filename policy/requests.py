"""One request to a model: by kind (published bands), by a named model or a size (the published form), or by a given Wh.

Bands are our synthesis of the published figures of their kind. The parts of a band (cards, host, idle) follow the only
published split, Google's of 2025. A model's energy is the EcoLogits form with input tokens as our labelled extension;
its range comes from what is not known about the service: load and batching, size, hardware, PUE.
"""

import difflib
from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from policy import facts, formula, sizes
from policy.errors import BadInput
from policy.estimate import BOUNDARIES, HERE, Estimate, chosen_boundary, estimate, given, given_pue, one
from policy.facts import Fact
from policy.numbers import number

KINDS = {  # kind: (what people call it, other names that a table may use)
    "chat": ("a short chat answer", ("chat answer", "question", "text", "text answer", "chatgpt", "prompt")),
    "code": ("a code generation turn", ("code generation", "coding", "generation", "code turn", "autocomplete")),
    "reasoning": ("a reasoning or debugging turn", ("debugging", "debugging turn", "debug", "agent", "agent step",
                                                    "thinking")),
    "voice": ("a short voice command", ("voice command", "voice to text", "speech", "speech to text", "dictation",
                                        "transcription")),
    "image": ("one generated image", ("picture", "image generation", "generated image", "drawing")),
    "video": ("a generated video of 5 seconds", ("clip", "video clip", "video generation", "generated video")),
    "long": ("a question about a long document", ("long document", "document", "long context", "summary of a document")),
    "classification": ("one classification by a small model", ("classify", "text classification", "label")),
}
BANDS = {"chat": "band_chat", "code": "band_code", "reasoning": "band_reason", "voice": "band_stt", "image": "band_image",
         "video": "band_video5", "long": "band_long", "classification": "band_classification"}
PARTS = {"gpu": "gemini_part_accelerator", "host": "gemini_part_host", "idle": "gemini_part_idle"}
MOST_REQUESTS = 1e12
MOST_TOKENS = 1e7
MOST_WH = 1e6
TYPICAL_OUTPUT = 400
LEFT_OUT = "the given PUE of {pue:g} is not used: the boundary leaves the data centre's overhead out"


def request(kind: str | None = None, *, wh: float | None = None, model: str | None = None,
            active_params_b: float | None = None, total_params_b: float | None = None, input_tokens: float | None = None,
            output_tokens: float | None = None, region: str | None = None, pue: float | None = None, n: float = 1,
            boundary: Iterable[str] | None = None, market: str | None = None) -> Estimate:
    """What n requests cost. Give exactly one of kind, wh (Wh each), model, active_params_b (billions).

    region: zone code or name, None = world average, which is said. pue: None = what the kind or provider implies.
    boundary: names of estimate.BOUNDARIES, None = what the source counts. market: operator for a market-based grid.
    """
    if kind is None and wh is None and model is None and active_params_b is None and total_params_b is not None:
        active_params_b = total_params_b
    ways = {"a kind": kind, "Wh": wh, "a model": model, "a size": active_params_b}
    told = [name for name, x in ways.items() if x is not None]
    if len(told) != 1:
        raise BadInput("Give one of these: a kind of request, Wh for each request, a model's name, or its size"
                       + (f"; got {' and '.join(told)}." if told else "; got none.") + f" Kinds: {', '.join(KINDS)}.")
    n = number(n, "The number of requests", above=0, most=MOST_REQUESTS,
               why="More would be over a hundred for every person alive")
    tokens_in = None if input_tokens is None else number(input_tokens, "The input tokens", least=0, most=MOST_TOKENS)
    tokens_out = None if output_tokens is None else number(output_tokens, "The output tokens", least=0, most=MOST_TOKENS)
    place = {"region": region, "market": market}
    if wh is not None:
        return _of_wh(wh, n, pue, boundary, place)
    if kind is not None:
        return _of_kind(find_kind(kind), n, pue, boundary, place, tokens_in, tokens_out)
    size = sizes.find_model(model) if model is not None else sizes.given_model(active_params_b, total_params_b)
    return _of_model(size, tokens_in, tokens_out, n, pue, boundary, place)


def find_kind(text: str) -> str:
    """The kind for its name or another name of it, in any case."""
    known = {name: kind for kind, (_, others) in KINDS.items() for name in (kind, *others)}
    wanted = " ".join(str(text).casefold().replace("-", " ").replace("_", " ").split())
    wanted = wanted if wanted in known else wanted.removesuffix("s")
    if wanted in known:
        return known[wanted]
    near = difflib.get_close_matches(wanted, known, 1, 0.75)
    hint = f" Did you mean {known[near[0]]}?" if near else ""
    raise BadInput(f"There is no kind of request {str(text).strip()[:40]!r}.{hint} Known: {', '.join(KINDS)}; "
                   "for another give its Wh.")


def band(kind: str) -> Fact:
    """Wh of one request of this kind: low, central, high of our synthesis; details say what it counts."""
    row = facts.load("energy_requests")[BANDS[kind]]
    return replace(row, unit="Wh")


@cache
def published(kind: str) -> tuple[Fact, ...]:
    """Every published figure of this kind in Wh per request, oldest first: the dots of the chart. Not the band."""
    rows = [replace(row, unit="Wh") for row in facts.load("energy_requests").values()
            if kind in row.details["kinds"].split() and not row.id.startswith("band_") and in_wh(row.unit)]
    return tuple(sorted(rows, key=lambda row: row.source.year))


def in_wh(unit: str) -> bool:
    """Whether a row counts Wh for one request: "kWh/1000 inferences" is Wh for each."""
    return unit.startswith("Wh/") and unit != "Wh/output token" or unit == "kWh/1000 inferences"


def _of_wh(wh, n, pue, boundary, place) -> Estimate:
    wh = number(wh, "The energy of a request", above=0, most=MOST_WH)
    each = given("wh_given", wh, "Wh", "energy of one request as given")
    if pue is None:
        ratio, said = one("PUE, taken to be inside the given Wh"), "the given Wh is taken as it is, any PUE inside"
    else:
        ratio = given_pue(pue)
        said = f"the given Wh is taken as that of the machines; the data centre's PUE of {pue:g} comes on top"
    it = facts.product("it_wh", "energy as given", "Wh", (each, _times(n)), HERE)
    return estimate("requests at a given Wh", it, factors=(each,), pue=ratio, **place,
                    boundary=chosen_boundary(boundary or ()), assumptions=(f"{_count(n)} at {wh:g} Wh each", said))


def _of_kind(kind, n, pue, boundary, place, tokens_in, tokens_out) -> Estimate:
    row, k = band(kind), facts.load("infrastructure")["pue_hyperscale"]
    counted = [part for part in (*PARTS, "pue") if row.details[part] == "yes"]
    wanted = chosen_boundary(counted + (["pue"] if pue is not None else []) if boundary is None else boundary)
    inside = one("no PUE in the band")
    if "pue" in counted:
        inside = given("pue_inside", k.central, "ratio", "PUE inside the band")
    shares = {part: facts.load("energy_requests")[id].central for part, id in PARTS.items()}
    whole = sum(shares[part] for part in PARTS if part in counted)
    share = sum(shares[part] for part in PARTS if part in wanted) / whole
    if not share:
        raise BadInput("Count at least the graphics cards, the host or the idle machines.")
    it = facts.product("it_wh", f"energy of the machines for {KINDS[kind][0]}", "Wh", (row, _times(n)), HERE,
                       scale=share / inside.central)
    ratio = one("PUE not counted") if "pue" not in wanted else inside if pue is None and "pue" in counted else (
        given_pue(pue) if pue is not None else k)
    each = tuple(_part(part, it, shares[part] / whole / share, counted, row) for part in PARTS if part in wanted)
    said = [f"{_count(n)}: {KINDS[kind][0]}, band {facts.two_digits(row.low)} to {facts.two_digits(row.high)} Wh, "
            f"our synthesis of {len(published(kind))} published figures"]
    said.append("counted: " + ", ".join(BOUNDARIES[part] for part in wanted)
                + ("" if "pue" in wanted else "; no overhead of a data centre: give a PUE to add it"))
    if set(wanted) - {"pue", "embodied"} != set(counted) - {"pue"}:
        said.append("parts added or left out by Google's split of 2025: cards 0.14, host 0.06, idle 0.02 of 0.24 Wh")
    if pue is not None and "pue" not in wanted:
        said.append(LEFT_OUT.format(pue=pue))
    elif pue is not None and "pue" in counted:
        said.append(f"the band already holds a PUE of about {k.central:g}; it was replaced by {pue:g}")
    if "embodied" in wanted:
        said.append("manufacture is not known for a kind of request; name a model to count it")
    if tokens_in is not None or tokens_out is not None:
        said.append("a band is for a typical request of its kind, so tokens do not change it; name a model to count them")
    return estimate(KINDS[kind][0], it, factors=(row,), pue=ratio, **place, boundary=wanted,
                    parts=(*each, *_overhead(it, ratio)), assumptions=tuple(said))


def _of_model(model, tokens_in, tokens_out, n, pue, boundary, place) -> Estimate:
    out, read = TYPICAL_OUTPUT if tokens_out is None else tokens_out, tokens_in or 0.0
    if not out and not read:
        raise BadInput("A request without tokens costs nothing; give input or output tokens above 0.")
    wanted = chosen_boundary(("gpu", "host", "pue", "embodied") if boundary is None else boundary)
    rows, spread = facts.load("infrastructure"), facts.load("uncertainty")
    wh = _centres(model, out, read)
    idle = facts.load("energy_requests")
    idle_share = idle[PARTS["idle"]].central / (idle[PARTS["gpu"]].central + idle[PARTS["host"]].central)
    parts_wh = {"gpu": wh["gpu"], "host": wh["host"], "idle": idle_share * (wh["gpu"] + wh["host"])}
    kept = {part: x for part, x in parts_wh.items() if part in wanted}
    if not kept:
        raise BadInput("Count at least the graphics cards, the host or the idle machines.")
    constants = facts.load("formula")
    based = (*model.facts(), *(constants[id] for id in ("gpu_alpha", "gpu_gamma", "server_power", "batch")),
             *((constants["input_per_token"],) if read else ()))
    centre = Fact("request_it_wh", *(sum(kept.values()),) * 3, "Wh",
                  f"energy of the machines for one answer of {model.name}", HERE, "modelled", based)
    size = "size_known" if model.known else "size_unknown"
    unsure = tuple(_around_one(spread[id]) for id in ("utilisation", size, "hardware"))
    it = facts.product("it_wh", f"energy of the machines, {model.name}", "Wh", (centre, *unsure, _times(n)), HERE)
    served = rows.get(f"pue_serving_{model.provider}", rows["pue_hyperscale"])
    if "pue" not in wanted:
        ratio = one("PUE not counted")
    else:
        ratio = _pue(served, spread["pue"]) if pue is None else given_pue(pue)
    made = None
    if "embodied" in wanted:
        made = facts.product("embodied_g", "making the machines", "gCO2e", (constants["embodied_gpu"], _times(n)), HERE,
                             scale=wh["embodied_g"] / constants["embodied_gpu"].central)
    each = tuple(Fact(f"part_{part}", *(x / centre.central * y for y in (it.low, it.central, it.high)), "Wh",
                      _part_name(part), HERE, "modelled", (it,)) for part, x in kept.items())
    said = [f"{_count(n)} to {model.name}, {out:g} output and {read:g} input tokens each"
            + ("" if tokens_out is not None else " (a typical answer: no output tokens were given)")
            + ("" if tokens_in is not None else "; input not counted: none was given"),
            f"published EcoLogits form, {model.active.central:g} of {model.total.central:g} billion parameters active"
            + ("" if model.known else ", a guess of the library: the provider does not publish it")]
    if read:
        said.append("input tokens: our extension, from ML.ENERGY; nothing cached. Reasoning tokens count as output")
    said.append("counted: " + ", ".join(BOUNDARIES[part] for part in wanted))
    if pue is not None and "pue" not in wanted:
        said.append(LEFT_OUT.format(pue=pue))
    if "idle" in wanted:
        said.append("idle machines by Google's split of 2025: a tenth of cards and host")
    onsite = rows.get(f"wue_serving_{model.provider}")
    return estimate(f"requests to {model.name}", it, factors=unsure, pue=ratio, onsite=onsite, **place, embodied_g=made,
                    parts=(*each, *_overhead(it, ratio)), api_cost=api_cost_usd(model.name, out, read, n),
                    boundary=wanted, assumptions=tuple(said))


def _centres(model: sizes.Model, out: float, read: float) -> dict[str, float]:
    """Wh of cards and host and g of manufacture: the middle of the form at both ends of a guessed size."""
    speed, wait = (row.central if row else None for row in (model.speed, model.first_token))
    ends = [(model.active.low, model.total.low), (model.active.high, model.total.high)] if not model.known else [
        (model.active.central, model.total.central)]
    found = {"gpu": 0.0, "host": 0.0, "embodied_g": 0.0}
    for active, total in ends:
        seconds = formula.latency_s(active, out, speed, wait)
        found["gpu"] += (formula.gpu_energy_wh(active, total, out) + formula.input_energy_wh(active, read)) / len(ends)
        found["host"] += formula.host_energy_wh(total, seconds) / len(ends)
        found["embodied_g"] += formula.embodied_g(total, seconds) / len(ends)
    return found


def api_cost_usd(model: str, output_tokens: float, input_tokens: float, n: float = 1) -> Fact | None:
    """The provider's list price of n requests in US dollars; None where no price is in infrastructure.csv."""
    rows = facts.load("infrastructure")
    ends = [(rows.get(f"api_{end}_{model}"), tokens) for end, tokens in (("in", input_tokens), ("out", output_tokens))]
    if None in [row for row, _ in ends]:
        return None
    parts = tuple(facts.product(f"api_{i}", row.what, "USD", (row,), HERE, scale=n * tokens / 1e6)
                  for i, (row, tokens) in enumerate(ends))
    return facts.total("api_cost_usd", f"list price of {model}", parts, HERE)


def _around_one(factor: Fact) -> Fact:
    """An uncertainty "within a factor a" as a Fact of centre 1, low 1/a, high a."""
    return replace(factor, low=1 / factor.central, central=1.0, high=factor.central, mark="assumed")


def _pue(row: Fact, least: Fact) -> Fact:
    wide = facts.within_factor(row, least)
    return replace(wide, low=max(1.0, wide.low))


def _times(n: float) -> Fact:
    return given("n", n, "requests", "number of requests")


def _count(n: float) -> str:
    return "1 request" if n == 1 else f"{n:,.0f} requests" if n == int(n) else f"{n:g} requests"


def _part_name(part: str) -> str:
    return {"gpu": "graphics cards", "host": "host", "idle": "idle machines", "pue": "overhead of the data centre"}[part]


def _part(part: str, it: Fact, share: float, counted: list[str], row: Fact) -> Fact:
    split = facts.load("energy_requests")[PARTS[part]]
    return Fact(f"part_{part}", it.low * share, it.central * share, it.high * share, "Wh", _part_name(part), HERE,
                "modelled", (row, split))


def _overhead(it: Fact, pue: Fact) -> tuple[Fact, ...]:
    """Wh of cooling and losses: (PUE - 1) times the machines'."""
    if pue.high == 1:
        return ()
    extra = replace(pue, low=pue.low - 1, central=pue.central - 1, high=pue.high - 1)
    return (facts.product("part_pue", _part_name("pue"), "Wh", (it, extra), HERE),)
