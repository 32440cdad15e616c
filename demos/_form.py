"""A form as one component: plain labelled fields whose value is {name: text, or true/false}.

Forty widgets would make the page heavy; one form is one component, one event and one record. Its limits are the
controls' own (demos._controls), so a bad value from the page, a link or the API gets the same sentence. The markup is made
once, at start, from our own words: nothing that a visitor types goes through it.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

import gradio as gr

from demos._controls import Choice, Range, Seed, Switch, Text, as_sent, echo
from demos._static import holds
from genai_core.errors import BadInput

UI = Path(__file__).resolve().parent.parent / "assets" / "ui"
SPELLS = ("`", "${", "{{")  # Gradio's templates would run these
LONGEST = 40                # characters of a number, and of its unit
TYPED = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(.*)")
COUNTS = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}


@dataclass(frozen=True)
class Amount:
    """A number that is typed. default: None for none. needed: an empty field is refused. unit: shown after the label.

    units: {what else may be typed behind the number: how many `unit` that is}, such as {"GWh": 1000}; "million" always may.
    What it may be is for whoever computes with it; here only that it is a number, written with a point.
    """

    label: str
    default: float | None = None
    unit: str = ""
    needed: bool = True
    units: Mapping[str, float] = field(default_factory=dict)

    def check(self, value) -> float | None:
        text = "" if value is None else str(value).strip()
        if not text:
            if self.needed:
                raise BadInput(f"{self.label}: it is empty; give a number.")
            return None
        if "," in text:
            raise BadInput(f"{self.label}: {echo(text)} has a comma; write 1287 or 1.287, with a point for decimals.")
        typed = TYPED.fullmatch(text) if len(text) <= LONGEST else None
        number = float(typed[1]) * self._times(typed[2], text) if typed else math.nan
        if not math.isfinite(number):
            raise BadInput(f"{self.label}: {echo(text)} is no number; write it like 12 or 0.5.")
        return number

    def _times(self, words: str, text: str) -> float:
        """What the words behind a number make of it: 1 for none, a million for "million", 1000 for "GWh" where MWh are meant."""
        known = {name.casefold(): times for name, times in (COUNTS | {self.unit: 1.0} | self.units).items()}
        unknown = [word for word in words.casefold().split() if word not in known]
        if unknown:
            units = f", or with one of the units {', '.join(self.units)}" if self.units else ""
            raise BadInput(f"{self.label}: {echo(text)} is no number; write it like 12 or 0.5{units}.")
        return math.prod(known[word] for word in words.casefold().split())

    def read(self, text: str) -> float | None:
        return self.check(text)

    def write(self, value) -> str:
        return "" if value is None else str(int(value)) if float(value).is_integer() else repr(float(value))


@dataclass(frozen=True)
class Several:
    """Any of a few named options. options: {value: title}. A value is a text of values with commas between."""

    label: str
    options: dict[str, str]
    default: str

    def check(self, value) -> str:
        given = [part for part in str(value or "").split(",") if part]
        if wrong := [part for part in given if part not in self.options]:
            raise BadInput(f"{self.label}: {echo(wrong[0])} is not there; choose among {', '.join(self.options)}.")
        return ",".join(part for part in self.options if part in given)

    def read(self, text: str) -> str:
        return self.check(text)

    def write(self, value) -> str:
        return value


@dataclass(frozen=True)
class Maybe:
    """A Text or another control that may be left empty."""

    control: object

    @property
    def label(self) -> str:
        return self.control.label

    @property
    def default(self):
        return ""

    def check(self, value):
        return "" if value in (None, "") or str(value).strip() == "" else self.control.check(value)

    def read(self, text: str):
        return self.check(text)

    def write(self, value) -> str:
        return "" if value == "" else self.control.write(value)


@dataclass(frozen=True)
class Part:
    """Some fields under a heading, shown where `when` holds: "view=request", "view=request&kind=model|chat"."""

    names: tuple[str, ...]
    when: str = ""
    title: str = ""
    note: str = ""
    fold: str = ""                   # "open" or "shut": the part can be folded
    look: str = ""                   # "predict": it stands out
    half: tuple[str, ...] = ()       # names of fields that need half a line only
    buttons: tuple[tuple[str, dict], ...] = ()  # (title, {name: value}): set these fields with one click
    file: tuple[str, str] = ("", "")            # (title, name): read a file of the visitor's into this field
    choices: Mapping[str, str] = field(default_factory=dict)  # a menu whose options but the first are those kept under this name
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # suggestions for a Text
    where: Mapping[str, str] = field(default_factory=dict)  # a field stands only where this holds, or where it is not at its default
    beside: Mapping[str, str] = field(default_factory=dict)  # what controls outside the form open with, for `where`


def fits(control) -> bool:
    """Whether a form has a field for this control."""
    return isinstance(control, Amount | Several | Maybe | Choice | Range | Seed | Switch | Text)


def markup(key: str, controls: Mapping, parts: tuple[Part, ...], said: Mapping[str, str], view: str = "") -> str:
    """The form's fields. said: {name: what the field does}. view: name of the control that the tab's views set."""
    inside = "".join(_part(key, part, controls, said) for part in parts)
    if view:
        inside = f'<output data-field="{view}" data-kind="view" hidden></output>' + inside
    if found := [spell for spell in SPELLS if spell in inside]:
        raise ValueError(f"the words of {key} hold {found[0]!r}, which Gradio's templates would run")
    return inside


def form(inside: str, controls: Mapping, elem_id: str) -> gr.HTML:
    """The form's component. inside: its markup. Its events: `change`, once the visitor pauses; `submit`, on Enter in a line."""
    carried = "" if holds(elem_id, inside) else inside
    shown = gr.HTML(defaults(controls), html_template=f'<div class="gl-form">{carried}</div>', elem_id=elem_id,
                    js_on_load=f"genlens.form('{elem_id}', element, props, () => trigger('change'), watch, () => trigger('submit'));",
                    elem_classes=["gl-screen"], apply_default_css=False)
    shown.preprocess = as_sent
    return shown


def used(parts: tuple[Part, ...], values: Mapping) -> set[str]:
    """Names of the fields that are in use with these values; what is hidden cannot be wrong."""
    def holds(condition: str) -> bool:
        name, _, wanted = condition.partition("=")
        return str(values.get(name)) in wanted.split("|")

    return {name for part in parts if not part.when or all(map(holds, part.when.split("&"))) for name in part.names}


def defaults(controls: Mapping) -> dict:
    """What the form opens with, as its fields hold it."""
    return held(controls, {name: control.default for name, control in controls.items()})


def held(controls: Mapping, values: Mapping) -> dict:
    """Checked values as the form's fields hold them: texts, and true or false for a switch."""
    return {name: value if isinstance(value, bool) else controls[name].write(value) for name, value in values.items()}


def _part(key: str, part: Part, controls: Mapping, said: Mapping[str, str]) -> str:
    fields = "".join(_field(key, name, controls[name], said.get(name, ""), part) for name in part.names)
    note = f'<p class="gl-note">{escape(part.note)}</p>' if part.note else ""
    buttons = "".join(f'<button type="button" data-set="{escape(json.dumps(values), quote=True)}">{escape(title)}</button>'
                      for title, values in part.buttons)
    if part.file[0]:
        buttons += (f'<label class="gl-file">{escape(part.file[0])}<input type="file" accept=".csv,.tsv,.txt" '
                    f'data-into="{part.file[1]}"></label>')
    inside = note + f'<div class="gl-fields">{fields}</div>' + (f'<p class="gl-sets">{buttons}</p>' if buttons else "")
    when = f' data-when="{escape(part.when, quote=True)}" hidden' if part.when else ""
    if part.beside:
        when += f' data-beside="{escape(json.dumps(dict(part.beside)), quote=True)}"'
    if part.fold:
        shut = " open" if part.fold == "open" else ""
        return f'<details class="gl-box"{shut}{when}><summary>{escape(part.title)}</summary>{inside}</details>'
    head = f"<h3>{escape(part.title)}</h3>" if part.title else ""
    return f'<section class="gl-box gl-{part.look or "plain"}"{when}>{head}{inside}</section>'


def _named(name: str, part: Part, control) -> str:
    """The attributes that name a field, and say where it stands: never hidden is what has been set to something of its own."""
    named = f'class="gl-field{" half" if name in part.half else ""}" data-field="{name}"'
    if name not in part.where:
        return named
    usual = held({name: control}, {name: control.default})[name]
    return f'{named} data-where="{escape(part.where[name], quote=True)}" data-usual="{escape(str(usual).lower(), quote=True)}"'


def _field(key: str, name: str, control, info: str, part: Part) -> str:
    id_, label, named = f"{key}-{name}", escape(control.label), _named(name, part, control)
    suggested, choices = part.lists.get(name), part.choices.get(name, "")
    control = control.control if isinstance(control, Maybe) else control
    small = f'<small id="{id_}-info">{escape(info)}</small>' if info else ""
    told = f' aria-describedby="{id_}-info"' if info else ""
    if isinstance(control, Range):
        ends = f'min="{control.low:g}" max="{control.high:g}" step="{control.step:g}"'
        return (f'<div {named} data-kind="range" id="{id_}"><label for="{id_}-number">{label}</label>'
                f'<span class="gl-slide"><input type="range" {ends} aria-label="range slider for {label}"{told}>'
                f'<input type="number" id="{id_}-number" {ends} autocomplete="off"{told}></span>{small}</div>')
    if isinstance(control, Switch):
        return (f'<div {named} data-kind="switch"><label class="gl-tick"><input type="checkbox" '
                f'id="{id_}"{told}>{label}</label>{small}</div>')
    if isinstance(control, Several) or isinstance(control, Choice) and len(control.options) <= 4:
        many = isinstance(control, Several)
        boxes = "".join(f'<label><input type="{"checkbox" if many else "radio"}" name="{id_}" value="{escape(value)}">'
                        f"{escape(title)}</label>" for value, title in control.options.items() if value)
        return (f'<fieldset {named} data-kind="{"many" if many else "radio"}" id="{id_}"{told}>'
                f"<legend>{label}</legend>{small}<div class='gl-pills'>{boxes}</div></fieldset>")
    if isinstance(control, Choice):
        own = list(control.options.items())[:1 if choices else None]
        options = "".join(f'<option value="{escape(v)}">{escape(title)}</option>' for v, title in own)
        copy = f' data-choices="{choices}"' if choices else ""
        entry = f'<select id="{id_}"{copy}{told}>{options}</select>'
    elif isinstance(control, Text) and control.lines > 1:
        entry = (f'<textarea id="{id_}" rows="{control.lines}" spellcheck="false" maxlength="{4 * control.longest}" '
                 f'placeholder="{escape(control.placeholder)}"{told}></textarea>')
    else:
        number = isinstance(control, Amount | Range | Seed)
        unit = getattr(control, "unit", "")
        listed = f' list="{id_}-list"' if suggested else ""
        entry = (f'<input type="text" id="{id_}"{" inputmode=decimal" if number else ""}{listed} autocomplete="off" '
                 f'placeholder="{escape(getattr(control, "placeholder", ""))}"{told}>')
        if suggested:
            entry += f'<datalist id="{id_}-list">' + "".join(f'<option value="{escape(s)}">' for s in suggested) + "</datalist>"
        if unit:
            entry = f'<span class="gl-entry">{entry}<span aria-hidden="true">{escape(unit)}</span></span>'
            label += f' <span class="gl-unit-hidden">in {escape(unit)}</span>'
    return f'<div {named} data-kind="text"><label for="{id_}">{label}</label>{entry}{small}</div>'
