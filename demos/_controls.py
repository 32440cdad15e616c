"""What a lab lets you set. Each control knows its widget, its limits, and how it is written in a link.

The limits are checked here and not by Gradio, because Gradio answers a bad value with a toast of its own, and a value
can also come from a link or through the API. `check` never changes a value in silence: it accepts, or says what is right.
"""

import math
from dataclasses import dataclass

from genai_core.errors import BadInput

LONGEST_ECHO = 40  # characters of a bad value that are repeated to the user


def as_sent(payload):
    """Replaces a widget's own preprocessing, so that a bad value reaches `check` and is answered next to the run."""
    return payload


def echo(value) -> str:
    """The user's value as we repeat it, short."""
    text = str(value)
    return repr(text if len(text) <= LONGEST_ECHO else text[:LONGEST_ECHO] + "…")


@dataclass(frozen=True)
class Range:
    """A slider from low to high in steps. default, low, high and step in the control's own unit, named in the label."""

    label: str
    low: float
    high: float
    default: float
    step: float = 1

    @property
    def whole(self) -> bool:
        return all(float(v).is_integer() for v in (self.low, self.high, self.step))

    def check(self, value) -> float:
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            raise BadInput(f"{self.label}: {echo(value)} is no number; give one from {self.low:g} to {self.high:g}.") from None
        if not self.low <= number <= self.high:  # also refuses nan
            raise BadInput(f"{self.label}: {echo(value)} is out of range; it goes from {self.low:g} to {self.high:g}.")
        if self.whole and not number.is_integer():
            raise BadInput(f"{self.label}: {echo(value)} is not a whole number; it goes from {self.low:g} to {self.high:g}.")
        return int(number) if self.whole else number

    def read(self, text: str) -> float:
        return self.check(text)

    def write(self, value) -> str:
        return str(int(value)) if float(value).is_integer() else repr(float(value))  # repr reads back to the same bits

    def widget(self, info: str, elem_id: str):
        import gradio as gr

        return gr.Slider(self.low, self.high, self.default, step=self.step, label=self.label, info=info or None,
                         elem_id=elem_id, buttons=[])


@dataclass(frozen=True)
class Seed:
    """The seed of every random draw: a whole number. Same seed, same run."""

    label: str = "Seed"
    default: int = 0
    high: int = 2**31 - 1

    def check(self, value) -> int:
        try:
            number = float(value)
            if math.isfinite(number) and number.is_integer() and 0 <= number <= self.high:
                return int(number)
        except (TypeError, ValueError, OverflowError):
            pass
        what = "it is empty" if value in (None, "") else f"{echo(value)} cannot be used"
        raise BadInput(f"{self.label}: {what}; give a whole number from 0 to {self.high}.")

    def read(self, text: str) -> int:
        return self.check(text)

    def write(self, value) -> str:
        return str(value)

    def widget(self, info: str, elem_id: str):
        import gradio as gr

        return gr.Number(self.default, precision=0, label=self.label, info=info or None, elem_id=elem_id)


@dataclass(frozen=True)
class Choice:
    """One of a few named options. options: {value as in links: title as on screen}, fixed order."""

    label: str
    options: dict[str, str]
    default: str

    def check(self, value) -> str:
        if not isinstance(value, str) or value not in self.options:
            raise BadInput(f"{self.label}: {echo(value)} is not there; choose one of {', '.join(self.options)}.")
        return value

    def read(self, text: str) -> str:
        return self.check(text)

    def write(self, value) -> str:
        return value

    def widget(self, info: str, elem_id: str):
        import gradio as gr

        kind = gr.Radio if len(self.options) <= 4 else gr.Dropdown
        return kind([(title, value) for value, title in self.options.items()], value=self.default, label=self.label,
                    info=info or None, elem_id=elem_id)


@dataclass(frozen=True)
class Switch:
    """On or off."""

    label: str
    default: bool = False

    def check(self, value) -> bool:
        if not isinstance(value, bool):
            raise BadInput(f"{self.label}: {echo(value)} is neither on nor off; give true or false.")
        return value

    def read(self, text: str) -> bool:
        return self.check({"on": True, "off": False}.get(text, text))

    def write(self, value) -> str:
        return "on" if value else "off"

    def widget(self, info: str, elem_id: str):
        import gradio as gr

        return gr.Checkbox(self.default, label=self.label, info=info or None, elem_id=elem_id)


@dataclass(frozen=True)
class Text:
    """A line that the user types. longest: most characters taken; optional: it may be empty. The lab itself says what else is
    wrong with it."""

    label: str
    default: str = ""
    longest: int = 300
    lines: int = 1
    placeholder: str = ""
    optional: bool = False

    def check(self, value) -> str:
        if not isinstance(value, str):
            raise BadInput(f"{self.label}: {echo(value)} is no text.")
        if not value.strip() and not self.optional:
            raise BadInput(f"{self.label}: it is empty; type something first.")
        if len(value) > self.longest:
            raise BadInput(f"{self.label}: {len(value):,} characters are too many; at most {self.longest} are read.")
        return value

    def read(self, text: str) -> str:
        return self.check(text)

    def write(self, value) -> str:
        return value

    def widget(self, info: str, elem_id: str):
        import gradio as gr

        return gr.Textbox(self.default, label=self.label, info=info or None, lines=self.lines,
                          placeholder=self.placeholder, elem_id=elem_id)
