"""The responsible-AI checklist: what is missing before a use of AI is responsible, as a list, a file and a map of frameworks."""

import gradio as gr

from demos import Tab
from demos._checklist_desk import FUNCTIONS, KEY
from demos._controls import Choice
from demos._words import words
from policy.checklist import catalogue

LOADED = '<div class="ck"><p class="ck-quiet">The checklist is being loaded.</p></div>'


class Linked:
    """The tab's part in links: ?tab=checklist&profile=course. The page's own script reads it, so that no answer is overwritten."""

    def __init__(self):
        profiles = catalogue().profiles
        self.controls = {"profile": Choice("Profile", {id: profile.title for id, profile in profiles.items()}, next(iter(profiles)))}
        self.linked: list = []

    def restored(self, values: dict) -> dict:
        return {}

    def warm(self) -> None:
        """Nothing here is slow."""


def build(place) -> None:
    """The list is one component: sixty widgets would make the page heavy."""
    text = words(KEY)
    gr.Markdown(f"## {text['question']}\n\n{text['idea']}", elem_classes=["gl-question"])
    gr.HTML("", html_template=LOADED, elem_id="checklist-desk", elem_classes=["gl-screen"], apply_default_css=False,
            js_on_load="genlens.checklistDesk(element, server);", server_functions=list(FUNCTIONS))
    place.settle(Linked())


TAB = Tab("Decide", 20, "Checklist", build)
