"""A control on which one draws, or picks an example, or opens a picture file. Drawn by assets/js/pad.js.

Its value is a JSON string {"kind": "drawing" | "example" | "file", "name", "image"}; image is a data URL. A link keeps
an example by its name; a drawing or a file is too long for it and stays where it is.
"""

import base64
import binascii
import json
from dataclasses import dataclass, field

from demos._controls import echo
from genai_core.errors import BadInput

KINDS = ("drawing", "example", "file")
MOST_BYTES = 5_000_000
LONGEST_NAME = 200


@dataclass(frozen=True)
class Example:
    """name: in links, kept for ever. title: as read out. image: a data URL."""

    name: str
    title: str
    image: str


@dataclass(frozen=True)
class Sheet:
    """What was on the pad. name: of the example or file. data: the file's bytes, b"" for an example or an empty sheet."""

    kind: str
    name: str
    data: bytes


@dataclass(frozen=True)
class Pad:
    """width, height: of the picture, in pixels. inks, papers: {name: CSS colour}, the first is on at the start; with one
    there is no choice. stroke: width of the pen at the start, in pixels of the picture, which goes from thin to thick.
    uploads: whether a file can be opened. default: name of the example at the start, "" for an empty sheet.
    starts: whether each stroke, example and file runs the lab.
    """

    label: str
    width: int = 64
    height: int = 64
    inks: dict[str, str] = field(default_factory=lambda: {"black": "#16161a"})
    papers: dict[str, str] = field(default_factory=lambda: {"white": "#fcfcfc"})
    stroke: float = 5.0
    thin: float = 1.0
    thick: float = 12.0
    examples: tuple[Example, ...] = ()
    uploads: bool = False
    example: str = ""
    starts: bool = True

    @property
    def default(self) -> str:
        return self.picked(self.example) if self.example else json.dumps({"kind": "drawing", "name": "", "image": ""})

    @staticmethod
    def picked(name: str) -> str:
        """The value where this example is on the pad."""
        return json.dumps({"kind": "example", "name": name, "image": ""})

    def sheet(self, value: str) -> Sheet:
        """What a value holds; BadInput, with a sentence, for what this pad cannot have made."""
        try:
            told = json.loads(value or "{}")
            kind, name, image = (told.get(part) or "" for part in ("kind", "name", "image"))
            data = base64.b64decode(image.partition(",")[2], validate=True)
        except (ValueError, TypeError, AttributeError, binascii.Error):
            raise BadInput(f"{self.label}: {echo(value)} is no picture from this pad.") from None
        if kind not in KINDS or not isinstance(name, str) or kind == "file" and not self.uploads:
            raise BadInput(f"{self.label}: {echo(value)} is no picture from this pad.")
        if kind == "example" and name not in {example.name for example in self.examples}:
            known = ", ".join(example.name for example in self.examples)
            raise BadInput(f"{self.label}: there is no example {echo(name)}; there are {known}.")
        if len(data) > MOST_BYTES:
            raise BadInput(f"{self.label}: {len(data) / 1e6:.0f} MB are too many; at most {MOST_BYTES / 1e6:.0f} are taken.")
        return Sheet(kind, name[:LONGEST_NAME], data)

    def check(self, value) -> str:
        self.sheet(value)
        return value

    def read(self, text: str) -> str:
        if text in ("drawing", "file"):
            raise BadInput(f"{self.label}: a link does not keep a {text}; {'draw' if text == 'drawing' else 'open'} it again.")
        return self.check(self.picked(text))

    def write(self, value) -> str:
        sheet = self.sheet(value)
        return sheet.name if sheet.kind == "example" else sheet.kind

    def kept(self) -> dict:
        """What the pad's script needs to know."""
        return {"label": self.label, "width": self.width, "height": self.height, "inks": self.inks, "papers": self.papers,
                "stroke": self.stroke, "thin": self.thin, "thick": self.thick, "uploads": self.uploads, "most": MOST_BYTES,
                "examples": [vars(example) for example in self.examples]}

    def widget(self, info: str, elem_id: str):
        import gradio as gr

        from demos._static import holds

        packed = base64.b64encode(json.dumps(self.kept()).encode()).decode("ascii")  # so that no template reads it as its own
        carried = "" if holds(elem_id, self.kept()) else f' data-set="{packed}"'
        return gr.HTML(self.default, html_template=f'<div class="pad"{carried}></div>', elem_id=elem_id, label=self.label,
                       js_on_load=f"genlens.pad(element, props, watch, () => trigger('drawn'), '{elem_id}');")
