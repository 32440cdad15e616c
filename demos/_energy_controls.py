"""What the tab "What it costs" lets a visitor set: the names are the keys in links and stay for ever."""

from demos._controls import Choice, Switch, Text
from demos._form import Amount, Maybe, Part, Several
from policy import energy, requests, sizes, training

VIEWS = ("request", "session", "training", "claim")
GUESSES = ("The chat answer", "About the same", "The video, up to 30 times", "The video, over 30 times")
OWN = {"model": "A model by name", "size": "A model of a given size", "wh": "A given number of Wh"}
LECTURE = "activity, count\nvoice command, 20\ncode generation, 20\ndebugging turn, 10"
SESSIONS = {"The lecture's vibe coding": LECTURE,
            "15 questions, 10 images, 3 videos": "activity, count\nquestion, 15\nimage, 10\nvideo, 3"}
LB = 453.59237  # grams
CLAIM = {"c_mwh": "energy_mwh", "c_tonnes": "tonnes", "c_grid": "grid", "c_pue": "pue", "c_gpus": "gpus", "c_hours": "hours",
         "c_watts": "watts", "c_requests": "requests", "c_wh": "wh_per_request"}


def zones() -> dict[str, str]:
    return {code: name for name, code in energy.zones()}


def request_controls() -> dict:
    kinds = {kind: name[0].upper() + name[1:] for kind, (name, _) in requests.KINDS.items()}
    return {
        "guess": Maybe(Choice("Predict", {g: g for g in GUESSES}, "")),
        "kind": Choice("Kind of request", kinds | OWN, "chat"),
        "model": Text("Model", "gpt-4o", longest=80, placeholder="gpt-4o"),
        "active": Amount("Active parameters", 8, "billion"),
        "total": Amount("All parameters", None, "billion", needed=False),
        "wh": Amount("Energy of one request", 3, "Wh"),
        "tokens_in": Amount("Input tokens", 500),
        "tokens_out": Amount("Output tokens", 400),
        "n": Amount("How many", 1),
        "count": Choice("What is counted", {"source": "As published", "own": "My choice"}, "source"),
        "boundary": Several("Counted", {"gpu": "Cards", "host": "Host", "idle": "Idle", "pue": "PUE",
                                        "embodied": "Making them"}, "gpu,host,pue"),
        "pue": Amount("PUE", None, needed=False),
    }


def session_controls() -> dict:
    return {
        "rows": Text("Activities", LECTURE, longest=6000, lines=7, placeholder=LECTURE),
        "flat": Amount("Flat figure", 3, "Wh"),
        "list_price": Maybe(Choice("List price of", {"": "no model"} | priced(), "")),
        "days": Amount("Days", 1),
        "people": Amount("People", 1),
    }


def training_controls(runs: dict[str, str]) -> dict:
    """runs: {id: title} of the published runs."""
    return {
        "run": Choice("Run", runs | {"own": "My own run: cards, hours, watts", "mwh": "My own run: a given energy"},
                      next(iter(runs))),
        "mwh": Amount("Energy", 1287, "MWh"),
        "gpus": Amount("Graphics cards", 8),
        "hours": Amount("Hours", 72),
        "watts": Amount("Power of a card", 700, "W"),
        "load": Amount("Share drawn", 0.7, "of 1"),
        "grid": Amount("Grid", None, "g/kWh", needed=False),
        "train_pue": Amount("PUE", 1.2),
        "inside": Switch("The energy already holds the PUE"),
    }


def claim_controls() -> dict:
    def asked(label, unit="", **units):
        return Amount(label, None, unit, needed=False, units=units)

    return {"c_mwh": asked("Energy", "MWh", Wh=1e-6, kWh=1e-3, GWh=1e3, TWh=1e6),
            "c_tonnes": asked("Carbon", "t", g=1e-6, kg=1e-3, lb=LB / 1e6, tonnes=1, kt=1e3),
            "c_grid": asked("Grid", "g/kWh", **{"kg/kWh": 1e3, "kg/MWh": 1, "lb/MWh": LB / 1e3}),
            "c_pue": asked("PUE"), "c_gpus": asked("Graphics cards"),
            "c_hours": asked("Hours", "h", hours=1, days=24, years=8760), "c_watts": asked("Watts of each", "W", kW=1e3),
            "c_requests": asked("Requests"), "c_wh": asked("Energy of one request", "Wh", J=1 / 3600, kJ=1 / 3.6, kWh=1e3)}


def place_controls() -> dict:
    known = dict(list(zones().items())[1:])
    return {"region": Choice("Region", {"world": "None chosen: world average"} | known, "world"),
            "other": Choice("Compare with", {"world": "No second region"} | known, "world"),
            "market": Choice("Carbon", {"location": "Location-based", "google": "Google's purchases",
                                        "meta": "Meta's purchases"}, "location")}


def everything() -> dict:
    """All controls by name, but the view."""
    return place_controls() | request_controls() | session_controls() | training_controls(training_titles()) | claim_controls()


def parts(text) -> tuple[Part, ...]:
    """The form from top to bottom. text: the tab's words."""
    training_pue = "view=training&run=own|mwh"
    return (
        Part(("guess",), "view=request", text["predict"], look="predict"),
        Part(("kind",), "view=request"),
        Part(("model",), "view=request&kind=model", lists={"model": tuple(sizes.models())}),
        Part(("active", "total"), "view=request&kind=size", half=("active", "total")),
        Part(("tokens_in", "tokens_out"), "view=request&kind=model|size", half=("tokens_in", "tokens_out")),
        Part(("wh",), "view=request&kind=wh"),
        Part(("rows",), "view=session", buttons=tuple((title, {"rows": rows}) for title, rows in SESSIONS.items()),
             file=("Open a CSV file", "rows")),
        Part(("flat", "list_price", "days", "people"), "view=session", half=("flat", "list_price", "days", "people")),
        Part(("run",), "view=training"),
        Part(("mwh", "inside"), "view=training&run=mwh"),
        Part(("gpus", "hours", "watts", "load"), "view=training&run=own", half=("gpus", "hours", "watts", "load")),
        Part(("train_pue",), training_pue, half=("train_pue",)),
        Part(tuple(claim_controls()), "view=claim", note=text["claim note"], half=tuple(claim_controls())),
        Part(("region", "other"), "view=request|session|training", choices={"region": "grid", "other": "grid"}),
        Part(("grid",), "view=training&run=own|mwh"),
        Part(("market",), "view=request|session|training"),
        Part(("n", "pue", "count"), "view=request", text["more"], fold="shut", half=("n", "pue")),
        Part(("boundary",), "view=request&count=own"),
    )


def training_titles() -> dict[str, str]:
    """Published runs with an energy, as the menu names them."""
    return {id: run.name for id, run in training.runs().items()
            if run.value("energy_mwh") is not None and not id.startswith("table4_")}


def priced() -> dict[str, str]:
    """Models whose list price is known."""
    return {name: name for name in sizes.models() if requests.api_cost_usd(name, 1, 1) is not None}
