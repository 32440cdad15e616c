"""Take it home: the settings as a link, the numbers as CSV, the experiment as a notebook.

Files are made when asked for and go to the browser as text; nothing is left on the server's disk.
"""

import json
import secrets

from demos import _links, _say
from demos._lab import Lab
from demos._package import NAME as PACKAGE
from demos._screen import screen
from genai_core.errors import BadInput


class Home:
    """One lab's row of things to take. recorded: the recorded run's table, for who has not run anything yet."""

    def __init__(self, key: str, lab: Lab, house, recorded: tuple[dict, ...]):
        self.key, self.lab, self.house, self.recorded = key, lab, house, recorded
        self.screen = screen("home", self.value(), f"{key}-home")

    def value(self, values: dict | None = None, **more) -> dict:
        """What the row shows: the link to these values (default: the defaults), and what is handed out just now."""
        link = _links.write(self.key, self.lab.controls, values or self.lab.defaults())
        return {"link": link, "notebook": self.lab.notebook is not None,
                "package": self.lab.package is not None, "file": None, "copy": "", **more}

    def wire(self, widgets: dict, line) -> None:
        """widgets: the controls on screen. line: where it says why something cannot be taken."""
        self.line = line
        for taken in (self.take_link, self.take_csv, self.take_notebook, self.take_package):
            getattr(self.screen, taken.__name__)(
                taken, inputs_kwargs={"visit": self.house.visit, **widgets}, outputs=[self.screen, line], queue=False,
                show_progress="hidden", api_name=False)

    def take_link(self, visit, **values):
        """The settings as they stand; the browser copies the link."""
        return self._hand_out(values, self._link)

    def take_csv(self, visit, **values):
        """The numbers of this visit's last run here, or of the recorded run."""
        return self._hand_out(values, self._csv, self.house.store.get(visit))

    def take_notebook(self, visit, **values):
        """The experiment with these settings, to run by itself."""
        return self._hand_out(values, self._notebook)

    def take_package(self, visit, **values):
        """Notebook and weights with these settings: the browser fetches them by a link of their own."""
        return self._hand_out(values, self._package)

    def _hand_out(self, values: dict, make, *given) -> dict:
        try:
            return {self.screen: make(self.lab.check(values), *given)}
        except BadInput as error:
            return {self.line: _say.not_done("Not taken", error)}

    def _link(self, values: dict) -> dict:
        return self.value(values, copy=secrets.token_hex(4))  # a new number each time, so that the browser acts again

    def _csv(self, values: dict, visit) -> dict:
        rows = visit and visit.tables.get(self.key) or self.recorded
        if not rows:
            raise BadInput("There are no numbers yet: press Run first.")
        return self._file(values, f"genlens-{self.key}.csv", "text/csv", _say.table(rows))

    def _notebook(self, values: dict) -> dict:
        text = json.dumps(self.lab.notebook(**values), indent=1)
        return self._file(values, f"genlens-{self.key}.ipynb", "application/x-ipynb+json", text)

    def _package(self, values: dict) -> dict:
        self.lab.package(**values)  # what cannot be packed gets its sentence here, not as a download that fails
        link = _links.write(self.key, self.lab.controls, values)
        return self.value(values, file={"url": f"{self.key}/{PACKAGE}{link}", "number": secrets.token_hex(4)})

    def _file(self, values: dict, name: str, kind: str, text: str) -> dict:
        return self.value(values, file={"name": name, "type": kind, "text": text, "number": secrets.token_hex(4)})
