"""A lab on screen: the eight parts that every lab shares, laid out once and wired once."""

import inspect
import json
import logging
import secrets
from pathlib import Path
from urllib.parse import quote

import gradio as gr

from demos import _cost, _links, _recorded, _say
from demos._controls import Text, as_sent
from demos._lab import Lab, play
from demos._session import Result
from demos._words import words
from genai_core.errors import BadInput
from policy.errors import BadInput as BadPolicyInput

UI = Path(__file__).resolve().parent.parent / "assets" / "ui"
WAIT_S = 0.3      # between two looks at the queue: a closed tab is noticed only when the generator yields
STOPPED_S = 2.0   # how long Reset waits for a run to end
MATH = [{"left": "$$", "right": "$$", "display": True}, {"left": "$", "right": "$", "display": False}]
OOPS = "This run broke, and that is our mistake, not yours. Your settings are kept; the details are in the server's log."


def ui(name: str) -> str:
    return (UI / name).read_text(encoding="utf-8")


def screen(name: str, value, elem_id: str) -> gr.HTML:
    """A small piece of screen: assets/ui/<name>.html, a template that escapes, and <name>.js where there is one."""
    script = ui(f"{name}.js") if (UI / f"{name}.js").is_file() else None
    return gr.HTML(value, html_template=ui(f"{name}.html"), js_on_load=script, elem_id=elem_id,
                   elem_classes=["gl-screen"], apply_default_css=False)


class Desk:
    """One lab in one tab. Holds no state of any visitor: that is in the store, and in the run's own variables."""

    def __init__(self, lab: Lab, place):
        self.lab, self.key, self.place, self.house = lab, place.key, place, place.house
        self.words, self.recording = words(place.key), _recorded.read(place.key)
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
                self.widgets = {n: self._widget(n) for n in lab.controls if n not in lab.more}
                if lab.hint:
                    self.hint = screen("hint", "", id_("hint"))
                with gr.Row(elem_classes=["gl-buttons"]):
                    self.go = gr.Button("Run", variant="primary", elem_id=id_("run"), min_width=80)
                    self.halt = gr.Button("Stop", variant="secondary", elem_id=id_("stop"), min_width=70)
                    self.clear = gr.Button("Reset", variant="secondary", elem_id=id_("reset"), min_width=70)
                if lab.more:
                    with gr.Accordion("More", open=False, elem_id=id_("more")):
                        self.widgets |= {n: self._widget(n) for n in lab.more}
                if lab.examples:
                    gr.Examples([list(example.values()) for example in lab.examples],
                                [self.widgets[name] for name in lab.examples[0]], label="Try", elem_id=id_("examples"),
                                api_name=False)
            with gr.Column(scale=7, min_width=320, elem_classes=["gl-stage"]):
                opening = self._opening()
                self.line = screen("line", opening["line"], id_("line"))
                with gr.Row(elem_classes=["gl-pictures"]):
                    self.pictures = {name: make(elem_id=id_(name)) for name, make in lab.pictures.items()}
                self.readout = screen("readout", opening["readout"], id_("readout"))
        self.home = screen("home", self._home(), id_("home"))
        with gr.Accordion("Under the hood: the code that runs, and its formula", open=False, elem_id=id_("hood"),
                          elem_classes=["gl-hood"]) as hood:
            code = gr.Markdown("", elem_id=id_("code"), latex_delimiters=MATH, padding=False)
        self._wire()
        hood.expand(self.show_code, None, code, queue=False, show_progress="hidden", api_name=False)
        self.place.settle(self)

    def id(self, name: str) -> str:
        return f"{self.key}-{name}"

    def _widget(self, name: str):
        widget = self.lab.controls[name].widget(self.words.controls()[name], self.id(name))
        widget.preprocess = as_sent
        return widget

    def _wire(self) -> None:
        values, visit, zone = self.widgets, self.house.visit, self.house.zone
        typed = [widget for name, widget in values.items() if isinstance(self.lab.controls[name], Text)]
        start = gr.on(
            [self.go.click, *(widget.submit for widget in typed)], self.run, inputs_kwargs={"visit": visit, "zone": zone, "guess": self.guess, **values},
            outputs=[visit, self.line, self.readout, self.home, *self.pictures.values()], show_progress="hidden",
            concurrency_id="heavy", concurrency_limit=None, api_name=f"{self.key}_run")
        self.halt.click(self.stop, [visit], None, queue=False, show_progress="hidden", api_name=f"{self.key}_stop")
        self.clear.click(
            self.reset, [visit], [*values.values(), self.guess, self.line, self.readout, self.home,
                                  *self.pictures.values()],
            cancels=[start], queue=False, show_progress="hidden", api_name=f"{self.key}_reset")
        if self.lab.hint:
            gr.on([widget.change for widget in typed], self.remark, inputs_kwargs=values, outputs=self.hint, queue=False,
                  show_progress="hidden", trigger_mode="always_last", api_name=False)
        if self.recording:  # fetched when the tab is opened: 25 recorded pictures would make the page heavy
            self.place.tab.select(self.unveil, [visit], [*self.pictures.values()], queue=False, show_progress="hidden",
                                  api_name=False)
        for taken in (self.take_link, self.take_csv, self.take_notebook):
            listen = getattr(self.home, taken.__name__)
            listen(taken, inputs_kwargs={"visit": visit, **values}, outputs=[self.home, self.line], queue=False,
                   show_progress="hidden", api_name=False)

    # -- what it opens on -----------------------------------------------------------------------------------------

    def _opening(self) -> dict:
        """The recorded run, or an empty stage that says what to do."""
        if self.recording is None:
            return {"line": _say.line("recorded", "ready", "Press Run."), "pictures": {}, "readout": _say.readout("", None)}
        said = f"{_say.count(self.recording.steps, self.lab.unit)} with the default settings. Run makes it live."
        cost = _cost.price(self.recording.cpu_s, self.recording.seconds, None)
        return {"line": _say.line("recorded", "recorded run", said),
                "pictures": self.recording.last.pictures,
                "readout": _say.readout(self.recording.last.words, cost)}

    def _home(self, values: dict | None = None, **more) -> dict:
        link = _links.write(self.key, self.lab.controls, values or self.lab.defaults())
        return {"link": link, "notebook": self.lab.notebook is not None, "file": None, "copy": "", **more}

    # -- handlers ---------------------------------------------------------------------------------------------------

    def run(self, visit, zone, guess, **values):
        """Gradio's generator for one run: check, wait in the line, play, and leave a Result."""
        try:
            values = self.lab.check(values)
            zone = self.house.check_zone(zone)
            visit = self.house.store.get(visit) or self.house.store.open()
            run = visit.begin(self.key)
        except (BadInput, BadPolicyInput) as error:
            yield {self.line: _say.line("error", "not run", str(error))}
            return
        ticket = None
        try:
            ticket = self.house.line.join()
            said = {self.house.visit: visit.key}
            while not ticket.wait(WAIT_S):
                if run.stop.is_set():
                    yield {self.line: _say.line("wait", "stopped", "Stopped while it waited; nothing was computed.")}
                    return
                yield said | {self.line: _say.waiting(*ticket.place())}
            self.house.prepare()
            yield from self._play(visit, run, ticket, zone, guess, values)
        except (BadInput, BadPolicyInput) as error:
            yield {self.line: _say.line("error", "not run", str(error))}
        except Exception:
            logging.getLogger(__name__).exception("the lab %s broke", self.key)
            yield {self.line: _say.line("error", "broken", OOPS)}
        finally:
            if ticket:
                ticket.leave()
            visit.end(self.key, run)

    def _play(self, visit, run, ticket, zone, guess, values):
        """The looks of one run as Gradio updates; its Result goes to the ledger however it ends."""
        shown, noted = None, False
        before = visit.results()

        def note(ended: str) -> Result:
            cost = _cost.price(shown.cpu_s, shown.seconds, zone)
            result = Result(self.key, _links.write(self.key, self.lab.controls, values), values.get("seed"),
                            shown.view.numbers, cost, "live", ended)
            visit.note(result)
            return result

        try:
            for shown in play(self.lab, values, run.stop.is_set, visit.memory(self.key)):
                ticket.part = shown.step / max(1, shown.steps)
                view, cost = shown.view, _cost.price(shown.cpu_s, shown.seconds, zone)
                update = {self.house.visit: visit.key, **{self.pictures[n]: v for n, v in view.pictures.items()}}
                if shown.ended:
                    note(shown.ended)
                    noted = True
                    visit.keep_table(self.key, shown.rows)
                    guessed = _say.guess(self.lab, guess, view.numbers, shown.ended == "finished")
                    yield update | {self.line: _say.ended(self.lab, shown), self.home: self._home(values),
                                    self.readout: _say.readout(view.words, cost, _cost.total(visit.results(), zone), guessed)}
                else:
                    yield update | {self.line: _say.running(self.lab, shown),
                                    self.readout: _say.readout(view.words, cost, _cost.total(before, zone), busy=True)}
            if shown is None:
                yield {self.line: _say.line("wait", "stopped", "Stopped before its first step; nothing was computed.")}
        finally:
            if shown and not noted:  # the page was closed: what was spent is still counted
                note("stopped")

    def remark(self, **values) -> str:
        """What the lab has to say about settings that are not run yet; nothing while they cannot be used."""
        try:
            return self.lab.hint(**self.lab.check(values))
        except BadInput:
            return ""

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
        return {self.guess: None, self.line: opening["line"], self.readout: opening["readout"], self.home: self._home(),
                **{self.widgets[n]: v for n, v in self.lab.defaults().items()},
                **{self.pictures[n]: v for n, v in blank.items()}}

    def take_link(self, visit, **values):
        """The settings as they stand, as a link; the browser copies it."""
        return self._take(values, self._link_taken)

    def take_csv(self, visit, **values):
        """The numbers of this visit's last run here, or of the recorded run, as CSV."""
        visit = self.house.store.get(visit)
        rows = visit and visit.tables.get(self.key) or (self.recording.rows if self.recording else ())
        if not rows:
            return {self.line: _say.line("error", "no numbers", "There are no numbers yet: press Run first.")}
        file = {"name": f"genlens-{self.key}.csv", "type": "text/csv", "text": _say.table(rows)}
        return self._take(values, self._file_taken, file)

    def take_notebook(self, visit, **values):
        """The experiment with these settings as a notebook that runs by itself."""
        return self._take(values, self._notebook_taken)

    def _take(self, values: dict, make, *given) -> dict:
        try:
            return {self.home: make(self.lab.check(values), *given)}
        except BadInput as error:
            return {self.line: _say.line("error", "not taken", str(error))}

    def _link_taken(self, values: dict) -> dict:
        return self._home(values, copy=secrets.token_hex(4))

    def _file_taken(self, values: dict, file: dict) -> dict:
        return self._home(values, file=file | {"number": secrets.token_hex(4)})

    def _notebook_taken(self, values: dict) -> dict:
        text = json.dumps(self.lab.notebook(**values), indent=1)
        file = {"name": f"genlens-{quote(self.key)}.ipynb", "type": "application/x-ipynb+json", "text": text}
        return self._file_taken(values, file)

    def show_code(self) -> str:
        """The source of the very functions that ran, under the formula they implement."""
        parts = [self.words.get("formula")]
        for source in self.lab.sources:
            where = f"{source.__module__.replace('.', '/')}.py"
            parts.append(f"`{where}`\n\n```python\n{inspect.getsource(source).rstrip()}\n```")
        return "\n\n".join(p for p in parts if p)
