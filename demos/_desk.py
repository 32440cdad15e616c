"""A lab on screen: the eight parts that every lab shares, laid out once and wired once."""

import inspect
import logging
from itertools import islice

import gradio as gr

from demos import _cost, _links, _recorded, _say
from demos._controls import Choice, Text, as_sent
from demos._form import Part, fits, form, held, markup
from demos._lab import Lab, asked_of, play
from demos._home import Home
from demos._screen import screen
from demos._session import Result
from demos._words import words
from genai_core.errors import BadInput
from policy.errors import BadInput as BadPolicyInput

WAIT_S = 0.3      # between two looks at the queue: a closed tab is noticed only when the generator yields
STOPPED_S = 2.0   # how long Reset waits for a run to end
MATH = [{"left": "$$", "right": "$$", "display": True}, {"left": "$", "right": "$", "display": False}]
LOADING = "Loading the libraries; only the first run after a start waits for this."
EXAMPLE_SET = "The settings are filled in; press Run."
OOPS = "This run broke, and that is our mistake, not yours. Your settings are kept; the details are in the server's log."


def in_form(lab: Lab) -> dict:
    """{name: control} of what stands under "More" in one form."""
    return {n: lab.controls[n] for n in lab.more if fits(lab.controls[n]) and n not in lab.live}


def more_markup(lab: Lab, key: str) -> str:
    formed = in_form(lab)
    beside = {name: lab.controls[name].write(lab.controls[name].default) for name in asked_of(lab.where) if name not in formed}
    part = Part(tuple(formed), title="More", fold="shut", look="more", where=lab.where, beside=beside)
    return markup(key, formed, (part,), words(key).controls())


def kept(lab: Lab, key: str) -> dict:
    """What stands still in a lab, by elem_id."""
    found = {f"{key}-{name}": control.kept() for name, control in lab.controls.items() if hasattr(control, "kept")}
    return found | ({f"{key}-more": more_markup(lab, key)} if in_form(lab) else {})


class Desk:
    """One lab in one tab. Holds no state of any visitor: that is in the store, and in the run's own variables."""

    def __init__(self, lab: Lab, place):
        self.lab, self.key, self.place, self.house = lab, place.key, place, place.house
        self.words, self.recording = words(place.key), _recorded.read(place.key, lab)
        missing = set(lab.controls) - set(self.words.controls())
        if missing:
            raise ValueError(f"{self.words.where}: '## Controls' has no line for {', '.join(sorted(missing))}")

    # -- layout -------------------------------------------------------------------------------------------------

    def lay_out(self) -> None:
        lab, id_ = self.lab, self.id
        gr.Markdown(f"## {self.words['question']}\n\n{self.words['idea']}", elem_classes=["gl-question"],
                    latex_delimiters=MATH)
        with gr.Row(elem_classes=["gl-bench"]):
            with gr.Column(scale=4, min_width=280, elem_classes=["gl-controls"]):
                self.guess = gr.Radio(list(lab.predict.choices), label="Predict: " + self.words["predict"],
                                      elem_id=id_("predict"), elem_classes=["gl-predict"]) if lab.predict else gr.State()
                self.guess.preprocess = as_sent
                formed = in_form(lab)
                apart = [n for n in lab.more if n not in formed]
                self.widgets = {n: self._widget(n) for n in lab.controls if n not in lab.more}
                if lab.hint:
                    self.hint = screen("hint", "", id_("hint"))
                with gr.Row(elem_classes=["gl-buttons"]):
                    self.go = gr.Button("Run", variant="primary", elem_id=id_("run"), min_width=80)
                    self.halt = gr.Button("Stop", variant="secondary", elem_id=id_("stop"), min_width=70)
                    self.clear = gr.Button("Reset", variant="secondary", elem_id=id_("reset"), min_width=70)
                self.more = form(more_markup(lab, self.key), formed, id_("more")) if formed else None
                if apart:  # what no form has a field for
                    with gr.Accordion("More, also while it runs" if lab.live else "More to set", open=False, elem_id=id_("apart")):
                        self.widgets |= {n: self._widget(n) for n in apart}
                if lab.examples:
                    names = iter(lab.example_names or [", ".join(map(str, example.values())) for example in lab.examples])
                    groups = [{"title": title, "names": list(islice(names, many))}
                              for title, many in lab.example_groups or (("Try", len(lab.examples)),)]
                    self.examples = screen("examples", {"groups": groups}, id_("examples"))
            with gr.Column(scale=7, min_width=320, elem_classes=["gl-stage"]):
                opening = self._opening()
                self.line = screen("line", opening["line"], id_("line"))
                with gr.Column(elem_classes=["gl-pictures"]):
                    self.pictures = {name: make(elem_id=id_(name)) for name, make in lab.pictures.items()}
                self.readout = screen("readout", opening["readout"], id_("readout"))
        self.home = Home(self.key, lab, self.house, self.recording.rows if self.recording else ())
        with gr.Accordion("Under the hood: the code that runs, and its formula", open=False, elem_id=id_("hood"),
                          elem_classes=["gl-hood"]) as hood:
            code = gr.Markdown("", elem_id=id_("code"), latex_delimiters=MATH, padding=False)
        self._wire()
        hood.expand(self.show_code, None, code, queue=False, show_progress="hidden", api_name=False)
        self.place.settle(self)

    def id(self, name: str) -> str:
        return f"{self.key}-{name}"

    # -- what a link can set ------------------------------------------------------------------------------------

    @property
    def controls(self) -> dict:
        return dict(self.lab.controls)

    @property
    def linked(self) -> list:
        return [*self.inputs.values(), self.home.screen]

    def restored(self, values: dict) -> dict:
        """The updates that show these values, the rest at their defaults."""
        return {self.home.screen: self.home.value(self.lab.defaults() | values)} | self.shown(values)

    # -- the controls on screen: some widgets, and one form for what stands under "More" --------------------------

    @property
    def inputs(self) -> dict:
        """{name: component}, as the handlers take them; the form is "more"."""
        return self.widgets | ({"more": self.more} if self.more else {})

    def shown(self, values: dict, more: dict | None = None) -> dict:
        """The updates that show these checked values; in the form the rest is as in `more`, its values so far."""
        update = {self.widgets[name]: value for name, value in values.items() if name in self.widgets}
        if self.more and (mine := {name: value for name, value in values.items() if name in self.more.value}):
            so_far = more if isinstance(more, dict) else {}
            update[self.more] = self.more.value | so_far | held(self.lab.controls, mine)
        return update

    def warm(self) -> None:
        if self.lab.warm:
            self.lab.warm()

    def _widget(self, name: str):
        widget = self.lab.controls[name].widget(self.words.controls()[name], self.id(name))
        widget.preprocess = as_sent
        return widget

    def _wire(self) -> None:
        values, visit, zone = self.inputs, self.house.visit, self.house.zone
        typed = [widget for name, widget in self.widgets.items() if isinstance(self.lab.controls[name], Text)]
        typed += [self.more] if self.more else []
        further = [self.more] if self.more else []  # what could not be had is set back there
        played = {"inputs_kwargs": {"visit": visit, "zone": zone, "guess": self.guess, **values},
                  "outputs": [visit, self.line, self.readout, self.home.screen, *self.pictures.values(), *further],
                  "show_progress": "hidden", "concurrency_id": "heavy", "concurrency_limit": None}
        starts = [gr.on([self.go.click, *(widget.submit for widget in typed)], self.run, api_name=f"{self.key}_run", **played)]
        starts += [self.widgets[name].drawn(self.run, trigger_mode="always_last", api_name=False, **played)
                   for name, control in self.lab.controls.items() if getattr(control, "starts", False)]
        set_ = {"inputs": [self.more] if self.more else None, "outputs": list(values.values()), "queue": False,
                "show_progress": "hidden", "api_name": False}
        starts += [self.pictures[name].click(self.pick, **set_).success(self.run, trigger_mode="always_last", api_name=False, **played)
                   for name in self.lab.picks]
        if self.lab.examples:
            self.examples.click(self.take_example, **set_ | {"inputs": [visit, *([self.more] if self.more else [])],
                                                             "outputs": [*values.values(), self.line]})
        self.halt.click(self.stop, [visit], None, queue=False, show_progress="hidden", api_name=f"{self.key}_stop")
        self.clear.click(
            self.reset, [visit], [*values.values(), self.guess, self.line, self.readout, self.home.screen,
                                  *self.pictures.values()],
            cancels=starts, queue=False, show_progress="hidden", api_name=f"{self.key}_reset")
        if self.lab.live:
            turned = {name: values[name] for name in self.lab.live}
            gr.on([widget.change for widget in turned.values()], self.turn, inputs_kwargs={"visit": visit, **turned}, outputs=None,
                  queue=False, show_progress="hidden", trigger_mode="always_last", api_name=False)
        if beside := [name for name in asked_of(self.lab.where) if name in self.widgets]:  # in the browser alone: no fields move late
            names = ", ".join(beside)
            gr.on([self.widgets[name].change for name in beside], None, [self.widgets[name] for name in beside], queue=False,
                  js=f"({names}) => {{ genlens.beside('{self.id('more')}', {{{names}}}); return []; }}", api_name=False)
        if self.lab.hint:
            chosen = [widget for name, widget in self.widgets.items() if isinstance(self.lab.controls[name], Choice)]
            gr.on([widget.change for widget in typed + chosen], self.remark, inputs_kwargs=values, outputs=self.hint, queue=False,
                  show_progress="hidden", trigger_mode="always_last", api_name=False)
        if self.recording:  # fetched when the tab is opened: 25 recorded pictures would make the page heavy
            self.place.tab.select(self.unveil, [visit], [*self.pictures.values()], queue=False, show_progress="hidden",
                                  api_name=False)
        self.home.wire(values, self.line)

    # -- what it opens on -----------------------------------------------------------------------------------------

    def _opening(self) -> dict:
        """The recorded run, or an empty stage that says what to do."""
        if self.recording is None:
            return {"line": _say.line("Press Run."), "pictures": {}, "readout": _say.readout("", None)}
        steps = _say.count(self.recording.steps, self.lab.unit)
        said = self.words.get("opening") or f"{steps} with the default settings. Run makes it live."
        cost = _cost.price(self.recording.cpu_s, self.recording.seconds, None)
        return {"line": _say.line(said, "recorded run"),
                "pictures": self.recording.last.pictures,
                "readout": _say.readout(self.recording.last.words, cost)}

    # -- handlers ---------------------------------------------------------------------------------------------------

    def run(self, visit, zone, guess, **values):
        """Gradio's generator for one run: check, wait in the line, play, and leave a Result."""
        more = values.get("more")
        try:
            values = self.lab.check(values)
            if self.lab.predict:
                self.lab.predict.check(guess)
            zone = self.house.check_zone(zone)
            visit = self.house.store.get(visit) or self.house.store.open()
            run = visit.begin(self.key)
        except (BadInput, BadPolicyInput) as error:
            yield {self.line: _say.not_done("Not run", error)}
            return
        ticket = None
        try:
            ticket = self.house.line.join()
            said = {self.house.visit: visit.key}
            while not ticket.wait(WAIT_S):
                if run.stop.is_set():
                    yield {self.line: _say.line("Stopped while it waited; nothing was computed.")}
                    return
                yield said | {self.line: _say.waiting(*ticket.place())}
            if not self.house.ready:
                yield said | {self.line: _say.line(LOADING, kind="wait", busy=True)}
                self.house.prepare()
            yield from self._play(visit, run, ticket, zone, guess, values)
        except BadInput as error:
            back = {name: value for name, value in error.instead.items() if self.more and name in self.more.value}
            yield {self.line: _say.not_done("Not run", f"{error} {_say.set_back(self.lab, back)}".strip())} | self.shown(back, more)
        except BadPolicyInput as error:
            yield {self.line: _say.not_done("Not run", error)}
        except Exception:
            logging.getLogger(__name__).exception("the lab %s broke", self.key)
            yield {self.line: _say.line(OOPS, kind="error")}
        finally:
            if ticket:
                ticket.leave()
            visit.end(self.key, run)

    def _play(self, visit, run, ticket, zone, guess, values):
        """The looks of one run as Gradio updates; its Result goes to the ledger however it ends."""
        shown, noted = None, False
        before = visit.results()

        def note(ended: str) -> Result:
            cost = _cost.price(shown.cpu_s, shown.seconds, zone, shown.card_wh)
            link = _links.write(self.key, self.lab.controls, values | shown.view.settings)
            result = Result(self.key, link, values.get("seed"),
                            shown.view.numbers, cost, "recorded" if shown.view.recorded else "live", ended)
            visit.note(result)
            return result

        try:
            for shown in play(self.lab, values, run.stop.is_set, visit.memory(self.key)):
                self.house.store.get(visit.key)  # in use: not the one to go when room is short
                ticket.part = shown.step / max(1, shown.steps)
                view = shown.view
                cost = None if view.recorded else _cost.price(shown.cpu_s, shown.seconds, zone, shown.card_wh)
                update = {self.house.visit: visit.key, **{self.pictures[n]: v for n, v in view.pictures.items()}}
                if shown.ended:
                    note(shown.ended)
                    noted = True
                    visit.keep_table(self.key, shown.rows)
                    guessed = _say.guess(self.lab, guess, view.numbers, shown.ended == "finished")
                    yield update | {self.line: _say.ended(self.lab, shown), self.home.screen: self.home.value(values | view.settings),
                                    self.readout: _say.readout(view.words, cost, _cost.total(visit.results(), zone), guessed)}
                else:
                    yield update | {self.line: _say.running(self.lab, shown),
                                    self.readout: _say.readout(view.words, cost, _cost.total(before, zone), busy=True)}
            if shown is None:
                yield {self.line: _say.line("Stopped before its first step; nothing was computed.")}
        finally:
            if shown and not noted:  # the page was closed: what was spent is still counted
                note("stopped")

    def remark(self, **values) -> str:
        """What the lab has to say about settings that are not run yet; nothing while they cannot be used."""
        try:
            return self.lab.hint(**self.lab.check(values))
        except BadInput:
            return ""

    def turn(self, visit, **values) -> None:
        """A control was turned: the run under way takes it, if it can be used; where none is, the next run reads it anyway."""
        visit = self.house.store.get(visit)
        if visit and visit.running(self.key) and (turned := visit.memory(self.key).get("turned")) is not None:
            try:
                turned.append({name: self.lab.controls[name].check(value) for name, value in values.items()})
            except BadInput:
                return

    def pick(self, event: gr.EventData, more=None):
        """A setting was pressed in a picture: the controls take what it names, if it can be used; the rest stays as it is."""
        asked = event._data if isinstance(event._data, dict) else {}
        try:
            taken = {name: self.lab.controls[name].check(value) for name, value in asked.items() if name in self.lab.controls}
        except BadInput:
            taken = {}
        return dict.fromkeys(self.inputs.values(), gr.skip()) | self.shown(taken, more)

    def take_example(self, event: gr.EventData, visit, more=None):
        """An example was pressed: the controls take its settings, the rest stays as it is; and it is said that Run comes next."""
        try:
            taken, visit = self.lab.examples[int(event._data["example"])], self.house.store.get(visit)
        except (KeyError, TypeError, ValueError, IndexError):
            return dict.fromkeys([*self.inputs.values(), self.line], gr.skip())
        said = gr.skip() if visit and visit.running(self.key) else _say.line(EXAMPLE_SET)
        return dict.fromkeys(self.inputs.values(), gr.skip()) | self.shown(taken, more) | {self.line: said}

    def unveil(self, visit):
        """The tab was opened: show the recorded run, unless this visit has already run something here."""
        visit = self.house.store.get(visit)
        if visit and visit.has_run(self.key):
            return dict.fromkeys(self.pictures.values(), gr.skip())
        return {self.pictures[name]: drawn for name, drawn in self.recording.last.pictures.items()}

    def stop(self, visit):
        """Ask this visit's run to end; the run itself then says where it stopped."""
        visit = self.house.store.get(visit)
        if visit:
            visit.stop(self.key)

    def reset(self, visit):
        """Defaults and the recorded run again. A run under way is stopped first."""
        visit = self.house.store.get(visit)
        run = visit.stop(self.key) if visit else None
        if run:
            run.ended.wait(STOPPED_S)
        opening = self._opening()
        blank = {n: opening["pictures"].get(n, "") for n in self.pictures}
        return {self.guess: None, self.line: opening["line"], self.readout: opening["readout"], self.home.screen: self.home.value(),
                **self.shown(self.lab.defaults()),
                **{self.pictures[n]: v for n, v in blank.items()}}

    def show_code(self) -> str:
        """The source of the very functions that ran, under the formula they implement."""
        parts = [self.words.get("formula")]
        for source in self.lab.sources() if callable(self.lab.sources) else self.lab.sources:
            where = f"{source.__module__.replace('.', '/')}.py"
            parts.append(f"`{where}`\n\n```python\n{inspect.getsource(source).rstrip()}\n```")
        return "\n\n".join(p for p in parts if p)
