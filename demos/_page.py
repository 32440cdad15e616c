"""The page around the tabs: header, groups, link handling, and what all visitors' runs share."""

import gc
import importlib
import threading
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import gradio as gr

from demos import GROUPS, Tab, _links
from demos._controls import as_sent
from demos._desk import Desk, kept
from demos._lab import MAX_SECONDS, Lab
from demos._line import Line
from demos._package import package_page
from demos._screen import screen
from demos._session import Store
from demos._words import words
from policy import energy

WARM = ("torch", "genai_core.training", "genai_core.data", "genai_core.models")
WARM_AFTER_S = 5.0   # nobody has come: then warm up anyway
WARMED = "* Warmed up: the first run of every tab starts at once."
SETTLE_S = 0.7       # the first page has loaded: let the browser finish before the imports compete with it


class House:
    """What labs share: the store, the line for heavy work, the visit's key and the grid. One per page, made by `page`."""

    def __init__(self):
        self.store, self.line, self.places = Store(), Line(cap_s=MAX_SECONDS), {}
        self._prepared, self._seen = threading.Lock(), threading.Event()
        self.ready = False

    def prepare(self) -> None:
        """Before heavy work: one thread per run, set once. Two runs at torch's default were measured ten times slower."""
        with self._prepared:
            if not self.ready:
                from genai_core import runtime

                runtime.set_threads(1)
                self.ready = True

    def warm(self, say=None) -> None:
        """Import the heavy libraries behind the first page, so that the first run does not wait for them.

        At the usual priority: a thread made nicer would, on a busy machine, sit on the interpreter's lock and be kept
        from running by others, and with it the whole server.
        """
        if self._seen.wait(WARM_AFTER_S):
            threading.Event().wait(SETTLE_S)
        for name in WARM:
            importlib.import_module(name)
            gc.freeze()  # what stays for good: looking through it again and again stops everybody for 0.1 to 0.4 s
        self.prepare()
        for place in self.places.values():
            if place.settled:
                place.settled.warm()
                gc.freeze()
        if say:
            say(WARMED)

    def start_warming(self, say=None) -> None:
        """In a thread of its own; say(WARMED) comes at its end."""
        threading.Thread(target=self.warm, args=(say,), name="warm", daemon=True).start()

    def check_zone(self, zone) -> str | None:
        """The grid's code, None for the world average; BadInput where there is none of that name."""
        return None if zone in (None, "", "world") else energy.find_zone(str(zone)[:80])

    def welcome(self, request: gr.Request):
        """A page was opened: give it a visit, and restore what its link says."""
        self._seen.set()
        update = {self.visit: self.store.open(request.session_hash or "").key}
        query = str(request.query_params)
        key, values, wrong = _links.read(query, {key: place.controls for key, place in self.places.items()})
        if key:
            update |= self.places[key].restore(values)
        if wrong:
            update[self.notice] = {"lines": wrong}
        return update

    def goodbye(self, request: gr.Request) -> None:
        """A page was closed: stop its runs and forget what it made."""
        self.store.leave(request.session_hash or "")


class Settled(Protocol):
    """What a tab tells its place, so that links can set it: a lab's Desk, or a tab of another kind.

    controls: {name: control}, the names kept for ever. linked: the components that a link sets.
    """

    controls: dict
    linked: list

    def restored(self, values: dict) -> dict:
        """The updates that show these checked values."""

    def warm(self) -> None:
        """Load, behind the first page, what the first use would otherwise wait for."""


@dataclass
class Place:
    """A tab's place on the page. key: its module. What has settled here takes part in links; else only the tab opens."""

    key: str
    group: str
    house: House
    shelf: gr.Tabs
    tab: gr.Tab
    settled: Settled | None = None

    @property
    def controls(self) -> dict:
        return dict(self.settled.controls) if self.settled else {}

    @property
    def linked(self) -> list:
        return list(self.settled.linked) if self.settled else []

    def settle(self, settled: Settled) -> None:
        self.settled = settled

    def restore(self, values: dict) -> dict:
        """The updates that open this tab with these values."""
        update = {self.house.groups: gr.Tabs(selected=self.group), self.shelf: gr.Tabs(selected=self.key)}
        return update | self.settled.restored(values) if self.settled and values else update


def lab_tab(group: str, order: int, title: str, lab: Lab) -> Tab:
    """The Tab of a lab: `TAB = lab_tab("Learn", 10, "In the plane", LAB)`."""

    def build(place: Place) -> None:
        Desk(lab, place).lay_out()

    return Tab(group, order, title, build, lab=True, light=partial(package_page, lab) if lab.package else None,
               kept=partial(kept, lab))


def page(tabs: list[Tab]) -> gr.Blocks:
    """All tabs in their groups. A group without tabs is not shown."""
    house, text = House(), words("_page")
    with gr.Blocks(title="GenLens", delete_cache=(600, 3600)) as blocks:
        house.visit = gr.State()
        house.zone = screen("grid", "world", "grid", render=False)
        house.zone.preprocess = as_sent
        screen("header", {"name": "GenLens", "sentence": text["sentence"]}, "header")
        house.notice = screen("notice", {"lines": []}, "notice")
        with gr.Tabs(elem_id="groups", overflow_behavior="wrap") as house.groups:
            for group in GROUPS:
                inside = [tab for tab in tabs if tab.group == group]
                if inside:
                    with gr.Tab(group, id=group, elem_id=f"group-{group.lower()}"):
                        shelve(group, inside, house)
        with gr.Row(elem_classes=["gl-foot"]):
            gr.Markdown(text["foot"])
            house.zone.render()
        shelves = {id(p.shelf): p.shelf for p in house.places.values()}.values()
        linked = [component for place in house.places.values() for component in place.linked]
        blocks.load(house.welcome, None, [house.visit, house.notice, house.groups, *shelves, *linked], queue=False,
                    show_progress="hidden", api_name=False)
        blocks.unload(house.goodbye)
        for event in blocks.fns.values():  # programs may still call it by name; only the page need not carry its description
            if event.api_visibility == "public":
                event.api_visibility = "undocumented"
    blocks.house = house
    return blocks


def shelve(group: str, tabs: list[Tab], house: House) -> None:
    """The tabs of one group, side by side."""
    with gr.Tabs(elem_id=f"tabs-{group.lower()}", elem_classes=["gl-shelf"], overflow_behavior="wrap") as shelf:
        for tab in tabs:
            with gr.Tab(tab.title, id=tab.key, elem_id=f"tab-{tab.key}") as opened:
                place = house.places[tab.key] = Place(tab.key, group, house, shelf, opened)
                tab.build(place)
