"""A case on the board: alone here, or with a class in a room from phones (demos/_room_page.py)."""

import gradio as gr

from demos import Tab
from demos._controls import Choice, as_sent
from demos._room_page import RoomPage
from demos._screen import screen
from demos._words import words
from policy import board, discussion
from policy.errors import BadInput

OPENS_ON = "second-language"


class Discuss:
    """The tab. Holds no state of a visitor: the dot is in the browser, a room is in the database."""

    def __init__(self, place):
        self.key, self.words = place.key, words(place.key)
        options = {case.id: case.title for case in discussion.cases().values()}
        self.controls = {"case": Choice("Case", options, OPENS_ON)}

    def lay_out(self) -> None:
        gr.Markdown(f"## {self.words['question']}\n\n{self.words['idea']}", elem_classes=["gl-question"])
        self.board = screen("place", self.opened(OPENS_ON), f"{self.key}-board")
        self.board.preprocess = as_sent
        self.board.submit(self.placed, [self.board], [self.board], queue=False, show_progress="hidden",
                          api_name=f"{self.key}_place")
        gr.Markdown(self.words["room"], elem_classes=["gl-question", "gl-room-words"])
        screen("room", {"note": self.words["opened"]}, f"{self.key}-room")
        with gr.Accordion("Lesson plans and prompts", open=False, elem_id=f"{self.key}-plans"):
            gr.Markdown(f"{self.words['plans']}\n\n{plans_text()}")

    def opened(self, case: str) -> dict:
        """What the board shows before anything is placed."""
        return {"open": case, "sent": None, "answer": None}

    def placed(self, shown):
        """The authors' view beside the visitor's dot, or a sentence on what is wrong."""
        sent = shown.get("sent") if isinstance(shown, dict) else None
        sent = sent if isinstance(sent, dict) else {}
        answer = {"case": sent.get("case"), "twist": sent.get("twist"), "wrong": ""}
        try:
            answer |= self.answer(**{name: sent.get(name) for name in ("case", "intent", "impact", "twist")})
        except BadInput as error:
            answer["wrong"] = str(error)
        known = isinstance(sent.get("case"), str) and sent["case"] in self.controls["case"].options
        opened = self.opened(sent["case"] if known else OPENS_ON)
        return opened | {"sent": sent, "answer": answer}

    def answer(self, case, intent, impact, twist) -> dict:
        found = discussion.find_case(case)
        mine = discussion.placement(found, intent, impact, twist)
        view = board.place_words(*mine.authors)
        beside = "Your dot lies within their range." if mine.within else "Your dot lies outside their range."
        contested = f" {found.why_contested}" if found.why_contested else ""
        old = discussion.age_note(found.as_of)
        return {"mine": f"{mine.words}. {mine.question}", "authors": {"at": mine.authors, "width": mine.width},
                "view": f"The authors' view: {view}. {beside}{contested} {self.words['authors']}", "ask": " ".join(found.ask),
                "source": " ".join(filter(None, [found.provenance(), old]))}

    # -- links, see demos._page.Settled ---------------------------------------------------------------------------------

    @property
    def linked(self) -> list:
        return [self.board]

    def restored(self, values: dict) -> dict:
        return {self.board: self.opened(values.get("case", OPENS_ON))}

    def warm(self) -> None:
        """Nothing here is slow."""


def told(key: str) -> dict:
    """Every case as it is told, and no view on any of them; for the board's script."""
    return {f"{key}-board": [{"id": each.id, "title": each.title, "text": each.text, "note": each.content_note,
                              "contested": each.contested, "twists": [twist.text for twist in each.twists]}
                             for each in discussion.cases().values()]}


def plans_text() -> str:
    """Plans and prompts as Markdown; the notes are not in it."""
    lines = [f"- **{plan.title}** ({plan.minutes} min): {', '.join(discussion.prompts()[id].title for id in plan.prompts)}"
             for plan in discussion.plans().values()]
    asked = [f"- **{prompt.title}** ({prompt.minutes} min): {prompt.prompt}" for prompt in discussion.prompts().values()]
    dates = {prompt.as_of for prompt in discussion.prompts().values()}
    note = " ".join(f"As of {discussion.day(date)}. {discussion.age_note(date)}" for date in sorted(dates))
    return "\n".join([*lines, "", *asked, "", note])


def build(place) -> None:
    tab = Discuss(place)
    tab.lay_out()
    place.settle(tab)


def light():
    """The rooms' own pages, served under /discuss/."""
    return RoomPage().app()


TAB = Tab("Decide", 30, "Discussion", build, light=light, kept=told)
