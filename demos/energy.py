"""What it costs: a request, a session, a training run, and whether a claim agrees with itself.

Light work throughout: nothing here enters the line for heavy work. Policy computes, this tab draws the answer.
"""

import inspect
import logging
import secrets

import gradio as gr

from demos import Tab, _cost, _links, _say
from demos import _energy_claim, _energy_request, _energy_session, _energy_training
from demos import _energy_controls as controls
from demos import _figures as figures
from demos._controls import Choice
from demos._energy_visit import visit_json
from demos._form import defaults, form, held, markup, used
from demos._screen import screen
from demos._session import Result
from demos._words import words
from genai_core.errors import BadInput
from policy import facts, formula
from policy.errors import BadInput as BadPolicyInput

MATH = [{"left": "$$", "right": "$$", "display": True}, {"left": "$", "right": "$", "display": False}]
OOPS = "This broke, and that is our mistake, not yours. What you typed is kept; the details are in the server's log."
SCREENS = {"request": _energy_request.screen, "session": _energy_session.screen, "training": _energy_training.screen,
           "claim": _energy_claim.screen}
SOURCES = (formula.card_energy_wh, formula.cards, formula.host_energy_wh, formula.input_energy_wh, facts.product)
GUESS = {"guess"}  # not part of a link: it would give the answer away


class CostTab:
    """The tab's wiring. No state of any visitor: that is in the store, and in the form that the browser holds."""

    def __init__(self, place):
        self.place, self.house, self.key = place, place.house, place.key
        self.words = words(place.key)
        titles = {name: self.words[f"view {name}"] for name in controls.VIEWS}
        self.all = {"view": Choice("View", titles, "request")} | controls.everything()
        self.parts = controls.parts(self.words)
        missing = set(self.all) - set(self.words.controls()) - {"view", "guess"} - set(controls.CLAIM)
        if missing:
            raise ValueError(f"{self.words.where}: '## Controls' has no line for {', '.join(sorted(missing))}")

    # -- layout -------------------------------------------------------------------------------------------------------

    def lay_out(self) -> None:
        text, key = self.words, self.key
        gr.Markdown(f"## {text['question']}\n\n{text['idea']}", elem_classes=["gl-question"], latex_delimiters=MATH)
        titles = [{"name": name, "title": text[f"view {name}"]} for name in controls.VIEWS]
        screen("views", {"form": f"{key}-form", "views": titles}, f"{key}-views")
        with gr.Row(elem_classes=["gl-bench"]):
            with gr.Column(scale=4, min_width=280, elem_classes=["gl-controls"]):
                self.form = form(fields(key), self.all, f"{key}-form")
            with gr.Column(scale=7, min_width=320, elem_classes=["gl-stage"]):
                self.line = screen("line", _say.line(""), f"{key}-line")
                self.top = figures.answer_view(f"{key}-answer")
                with gr.Column(elem_classes=["gl-pictures"]):
                    self.dots = figures.dots_view(f"{key}-dots")
                    self.bars = figures.ranges_view(f"{key}-bars")
                    self.regions = figures.ranges_view(f"{key}-regions")
                self.foot = figures.answer_view(f"{key}-more")
        self.home = screen("home", self._home(), f"{key}-home")
        self.ledger = figures.answer_view(f"{key}-ledger")
        with gr.Accordion("Under the hood: the code that runs, and its formula", open=False, elem_id=f"{key}-hood",
                          elem_classes=["gl-hood"]) as hood:
            code = gr.Markdown("", elem_id=f"{key}-code", latex_delimiters=MATH, padding=False)
        light = {"queue": False, "show_progress": "hidden"}
        given = [self.house.visit, self.house.zone, self.form]
        shown = [self.line, self.top, self.dots, self.bars, self.regions, self.foot, self.home, self.ledger]
        self.form.change(self.answer, given, shown, trigger_mode="always_last", api_name=key, **light)
        self.ledger.click(self.keep, given, [self.line, self.ledger], api_name=f"{key}_keep", **light)
        for taken in (self.take_link, self.take_csv):
            getattr(self.home, taken.__name__)(taken, given, [self.home, self.line], api_name=False, **light)
        hood.expand(self.show_code, None, code, api_name=False, **light)
        self.place.settle(self)

    # -- what a link can set --------------------------------------------------------------------------------------------

    @property
    def controls(self) -> dict:
        return {name: control for name, control in self.all.items() if name not in GUESS}

    @property
    def linked(self) -> list:
        return [self.form]

    def restored(self, values: dict) -> dict:
        return {self.form: defaults(self.all) | held(self.all, values)}

    def warm(self) -> None:
        """Read the facts, so that the first visitor need not wait for them."""
        for kind in ("chat", "model"):  # the second also imports the library that is asked beside ours, where there is one
            self.shown(self.checked(defaults(self.all) | {"kind": kind}))
        for view in controls.VIEWS:
            self.shown(self.checked(defaults(self.all) | {"view": view}))

    # -- handlers -------------------------------------------------------------------------------------------------------

    def checked(self, sent) -> dict:
        """The form's values; only the fields of the view that is open can be wrong."""
        if not isinstance(sent, dict):
            raise BadInput("The form is missing; open the page again.")
        sent = defaults(self.all) | {name: value for name, value in sent.items() if name in self.all}
        view = self.all["view"].check(sent["view"])
        needed = used(self.parts, sent)
        return {name: control.check(sent[name]) if name in needed else control.default
                for name, control in self.all.items()} | {"view": view}

    def shown(self, values: dict):
        """The screen of the view that is open."""
        return SCREENS[values["view"]](values, self.words)

    def answer(self, visit, zone, sent):
        """The form changed: the answer, or what is wrong with it, the last answer then staying as it is."""
        try:
            values = self.checked(sent)
            found = self.shown(values)
        except (BadInput, BadPolicyInput) as error:
            return {self.line: _say.not_done("Not worked out", error)}
        except Exception:
            logging.getLogger(__name__).exception("the tab %s broke", self.key)
            return {self.line: _say.line(OOPS, kind="error")}
        return {self.line: _say.line(""), self.top: found.top, self.dots: found.dots, self.bars: found.bars,
                self.regions: found.regions, self.foot: found.foot, self.home: self._home(values),
                self.ledger: visit_json(self._results(visit), self._zone(zone), self.words)}

    def keep(self, visit, zone, sent):
        """Put the answer into the visit's ledger, where a policy can cite it."""
        try:
            values = self.checked(sent)
            found = self.shown(values)
        except (BadInput, BadPolicyInput) as error:
            return {self.line: _say.not_done("Not kept", error)}
        opened = self.house.store.get(visit)
        if opened is None:
            return {self.line: _say.not_done("Not kept", "This visit is too old; open the page again.")}
        opened.note(Result(self.key, self._link(values), None, found.numbers, None, "live"))
        return {self.line: _say.line(""), self.ledger: visit_json(opened.results(), self._zone(zone), self.words, kept=True)}

    def take_link(self, visit, zone, sent):
        """The settings as they stand; the browser copies the link."""
        return self._taken(sent, lambda values: {"copy": secrets.token_hex(4)})

    def take_csv(self, visit, zone, sent):
        """The answer's numbers with their sources."""
        def file(values):
            text = _say.table(self.shown(values).rows)
            return {"file": {"name": f"genlens-{values['view']}.csv", "type": "text/csv", "text": text,
                             "number": secrets.token_hex(4)}}

        return self._taken(sent, file)

    def show_code(self) -> str:
        """The formula, and the functions that compute it."""
        parts = [self.words["formula"]]
        for source in SOURCES:
            where = f"{source.__module__.replace('.', '/')}.py"
            parts.append(f"`{where}`\n\n```python\n{inspect.getsource(source).rstrip()}\n```")
        return "\n\n".join(parts)

    # -- small things -----------------------------------------------------------------------------------------------------

    def _taken(self, sent, what) -> dict:
        try:
            values = self.checked(sent)
            return {self.home: self._home(values) | what(values)}
        except (BadInput, BadPolicyInput) as error:
            return {self.line: _say.not_done("Not taken", error)}

    def _link(self, values: dict) -> str:
        """The link to these values, of the fields in use and changed only."""
        usual = {name: control.default for name, control in self.all.items()}
        said = {name: value for name, value in values.items()
                if name not in GUESS and (name == "view" or value != usual[name])}
        return _links.write(self.key, {name: self.all[name] for name in said}, said)

    def _home(self, values: dict | None = None) -> dict:
        return {"link": self._link(values or {}), "notebook": False, "file": None, "copy": ""}

    def _results(self, visit) -> list[Result]:
        opened = self.house.store.get(visit)
        return opened.results() if opened else []

    def _zone(self, zone) -> str | None:
        try:
            return self.house.check_zone(zone)
        except BadPolicyInput:
            return None


def fields(key: str) -> str:
    """The form's markup, the same for every visitor."""
    text = words(key)
    return markup(key, controls.everything(), controls.parts(text), text.controls(), "view")


def build(place) -> None:
    CostTab(place).lay_out()


TAB = Tab("Impact", 10, "What it costs", build, kept=lambda key: {f"{key}-form": fields(key)})
