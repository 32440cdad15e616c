"""The frame's own sentences and the records that its small screens show. Plain data in, plain data out."""

import csv
import io
import math

from demos import _cost
from demos._lab import Lab, Shown


def line(text: str, badge: str = "", kind: str = "", part: float = 0.0, busy: bool = False) -> dict:
    """What stands above the picture. badge: what the picture is, "live" or "recorded run"; empty: it stays as it was.

    kind: "wait", "error", or "" for all is well. part: share done, 0 to 1. busy: more will follow by itself.
    """
    return {"kind": kind, "badge": badge, "text": text, "part": f"{100 * part:.0f}%", "busy": busy}


def waiting(place: int, seconds: int) -> dict:
    soon = "starts in a moment" if seconds <= 1 else f"starts in about {seconds} s"
    return line(f"Place {place} in the queue: your run {soon}. Stop gives the place back.", kind="wait", busy=True)


def not_done(what: str, error: Exception | str) -> dict:
    """what: "Not run" or "Not taken". error: its text is for the user."""
    return line(f"{what}. {error}", kind="error")


def set_back(lab: Lab, values: dict) -> str:
    """What the page has set in place of what could not be had."""
    said = [f"{lab.controls[name].label} is set back to {getattr(lab.controls[name], 'options', {}).get(value, value)}."
            for name, value in values.items()]
    return " ".join(said)


def running(lab: Lab, shown: Shown) -> dict:
    text = f"Running: {lab.unit} {shown.step:,} of {shown.steps:,}"
    return line(text, badge(shown), part=shown.step / max(1, shown.steps), busy=True)


def ended(lab: Lab, shown: Shown) -> dict:
    at = f"{lab.unit} {shown.step:,} of {shown.steps:,}"
    text = {"finished": f"Finished: {count(shown.steps, lab.unit)} in {shown.seconds:.1f} s.",
            "stopped": f"Stopped at {at}, after {shown.seconds:.1f} s.",
            "cap": f"Stopped at {at}: a run may take {lab.max_seconds:g} s."}[shown.ended]
    if shown.view.recorded and shown.ended == "finished":
        text = f"Finished: {count(shown.steps, lab.unit)} of a run that was made before."
    return line(text, badge(shown), part=shown.step / max(1, shown.steps))


def badge(shown: Shown) -> str:
    return "recorded run" if shown.view.recorded else "live"


def count(n: int, unit: str) -> str:
    """"1 update", "1,000 updates", "50 tosses"."""
    many = "es" if unit.endswith(("s", "x", "ch", "sh")) else "s"
    return f"{n:,} {unit}" + ("" if n == 1 else many)


def guess(lab: Lab, said: str | None, numbers: dict, final: bool) -> dict | None:
    """The guess beside what the run showed; None where the lab asks nothing or the run is not over."""
    if not (lab.predict and final):
        return None
    showed = lab.predict.verdict(numbers)
    note = "You made no guess this time." if not said else "As you guessed." if said == showed else ""
    return {"said": said or "", "showed": showed, "note": note, "right": said == showed}


def readout(words: str, cost: _cost.Cost | None, total: str = "", guessed: dict | None = None, busy: bool = False) -> dict:
    """What stands below the picture: the run in words, the guess, the cost, and the visit's total."""
    return {"words": words, "guess": guessed, "cost": _cost.strip(cost) if cost else [], "total": total, "busy": busy}


def table(rows: tuple[dict, ...]) -> str:
    """The rows as CSV; a cell that a spreadsheet would take for a formula is quoted with an apostrophe."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, names, restval="", lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _cell(value) for name, value in row.items()})
    return out.getvalue()


def _cell(value):
    if isinstance(value, float) and not math.isfinite(value):
        return ""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return value
