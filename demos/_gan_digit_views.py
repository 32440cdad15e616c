"""What one look at a GAN of digits shows: film, curves, the turn line by line, readings, and the sentence. Plain data from
genai_core.digit_gans in, figures and words out."""

from demos import _digits as digits
from demos import _figures as figures
from demos import _gan_digit_zoo as zoo
from demos._family_views import TITLES as READINGS
from demos._family_views import measured as measured_readings
from demos._family_views import shown as reading
from demos._family_views import sights
from demos._lab import View
from demos._session import Quantity
from demos._words import minus, words
from genai_core.digit_gans.settings import BATCH, Settings
from genai_core.intervals import wilson

WORDS = words("gan_digits")
D, G, REST = 0, 1, 2        # colours: blue is real and the discriminator's, orange the generator's
WATCHED = 200               # pictures behind the judge's share
EARLY = 4                   # digits that the right loop must draw before a mistake beside it can be judged
JUDGED_ON = "digits_strokes"   # what the readings can see was measured on
KEPT = ("part", "data", "network", "conditional", "pictures", "seed")   # what a run that goes on must not change
SCORES = ("least_squares", "wasserstein_clip", "wasserstein_gp")   # objectives whose D is no probability


def lines_view(elem_id: str, value: str = ""):
    return figures.figure_view("lines", elem_id, value)


def film_view(elem_id: str, value: str = ""):
    """The film, whose button goes on from the moment shown: the event `click` carries {control: value}."""
    import gradio as gr

    template = (figures.ASSETS / "ui" / "fig_strip.html").read_text(encoding="utf-8")
    return gr.HTML(value, html_template=template, elem_id=elem_id,
                   js_on_load="genlens.strip(element, props, watch, (settings) => trigger('click', settings));")


class Story:
    """What all looks at one run share. rows: its table. film: shots. turn: the latest turn line by line. end: readings, or None.
    measured: figures over seeds, {} where they never were measured. case: the broken game that it is
    held against; broken: that game's table, if this visit has it. began: the turn that the run was taken up at, 0 for the
    start. ghost: the table of the run that it left there."""

    def __init__(self, settings: Settings, measured: dict | None = None, case: str = zoo.NONE, broken: list[dict] | None = None):
        self.measured, self.case, self.broken = measured or {}, case, broken or []
        self.s, self.rows, self.film, self.turn, self.end = settings, [], [], [], None
        *earlier, _ = settings.parts if settings.part == "train" else [None]
        self.began, self.ghost = earlier[-1][0] if earlier else 0, ()
        self.sent, self.told = 0, None   # shots that the browser has, and the turn whose lines it has
        self.steps = settings.epochs * -(-settings.pictures // BATCH) if settings.data != "digits" else 0

    def view(self) -> View:
        said = self.sentence()
        pictures = {"film": self.strip(), "curves": self.curves(said)}
        if self.turn is not self.told or self.end:  # what the browser has already need not be sent again
            pictures |= {"lines": self.lines(), "sheet": self.sheet()}
            self.told = self.turn
        return View(pictures, said, self.numbers(), tuple(self.rows))

    @property
    def wrong(self) -> bool:
        """Whether a mistake is made beside the right loop."""
        return self.s.part != "train"

    # -- pictures -------------------------------------------------------------------------------------------------

    def strip(self) -> str:
        """While it runs only what the browser does not have yet; all of it at the end."""
        start = 0 if self.end else min(self.sent, max(0, len(self.film) - 1))
        self.sent = len(self.film)
        frames = [{"images": shot["images"], "caption": WORDS["frame"].format(turn=shot["turn"]), "step": shot["turn"]}
                  for shot in self.film]
        if not frames:
            return ""
        move = None
        if not self.wrong:
            for frame in frames:
                frame["past"] = self.s.past(frame["step"])
            move = {"name": WORDS["move"], "note": WORDS["move note"], "settings": {name: getattr(self.s, name) for name in KEPT}}
        titles = WORDS["titles wrong" if self.wrong else "titles told" if self.s.conditional else "titles"].split(" | ")
        return figures.strip_json(frames[start:], WORDS["film wrong" if self.wrong else "film label"], titles=titles, start=start,
                                  group="gan_digits", run=str(self.s), wide=True, move=move,
                                  zoo=zoo.offered(self.case, self.measured, self.checked()))

    def curves(self, said: str) -> str:
        panels, ghost = [], [row for row in self.ghost if row["turn"] >= self.began]
        last, most = self.rows[-1]["turn"], [row["turn"] for row in self.ghost][-1:]
        sides = (("wrong_", WORDS["with mistake"], False), ("", WORDS["without"], True)) if self.wrong else (("", "", False),)

        def lines(*columns):
            told = [(self.rows, *side) for side in sides] + ([(ghost, "", WORDS["ghost"], True)] if ghost else [])
            return [figures.line(f"{name}{said}", [r["turn"] for r in rows], [gap(share(r, side, column)) for r in rows], colour,
                                 faint=faint) for rows, side, said, faint in told for column, name, colour in columns]

        panels.append({"title": WORDS["losses"], "unit": self.unit, "log": self.wrong or None,
                       "lines": lines(("d_loss", WORDS["d"], D), ("g_loss", WORDS["g"], G))})
        bounded = all(part.objective not in SCORES for _, part in self.s.parts)
        says = {"title": WORDS["says" if bounded else "scores"], "unit": "",
                "lines": lines(("on_real", WORDS["of real"], D), ("on_fake", WORDS["of fakes"], G))}
        if bounded:
            says |= {"low": 0, "high": 1}
            says["lines"].append(figures.line(WORDS["cannot tell"], [0, max(last, self.steps, *most)], [0.5, 0.5], REST, dash=True))
        panels.append(says)
        hint = "hint wrong" if self.wrong else "hint ghost" if ghost else "hint unjudged"
        if self.rows[0]["recognised"] is not None:
            hint = "hint" if hint == "hint unjudged" else hint
            judge = lines(("recognised", WORDS["sure"], REST), ("found", WORDS["found"], G),
                          *([("asked", WORDS["asked"], D)] if "asked" in self.rows[0] else ()))
            panels.append({"title": WORDS["judge"], "unit": "", "percent": True, "low": 0, "high": 1, "lines": judge})
        return figures.curves_json(panels, said, max(last, self.steps, *most), unit="turn", group="gan_digits", mark=self.began or None,
                                   hint=WORDS[hint])

    @property
    def chance(self) -> bool:
        return self.s.objective not in SCORES

    @property
    def unit(self) -> str:
        return "nats" if self.s.objective in ("minimax", "non_saturating", "r1") else ""

    def lines(self) -> str:
        """The turn after the newest shot, as the page steps through it."""
        if not self.turn:
            return ""
        told = []
        for line in self.turn:
            numbers = {name: short(value) for name, value in line["numbers"].items()}
            told.append({**{key: line[key] for key in ("who", "code", "tiles", "n", "wrong") if key in line},
                         "said": WORDS[f"line {line['name']}"].format(**numbers, broke=self.rows[-1].get("wrong_broke", ""))})
        at = max(shot["turn"] for shot in self.film)
        title = WORDS["lines title wrong" if self.wrong else "lines title"].format(turn=f"{at:,}")
        return figures._dump({"lines": told, "title": title, "note": WORDS["lines note"],
                              "phases": {"d": WORDS["phase d"], "g": WORDS["phase g"]}, "label": WORDS["lines label"],
                              "all": WORDS["all lines"], "line": WORDS["line"]})

    def sheet(self) -> str:
        """Why the mistake does what it does; and at the end the readings, how often each digit came, and real digits."""
        blocks = [digits.block(WORDS[f"why title {self.s.part}"], WORDS[f"why {self.s.part}"])] if self.wrong else []
        if self.end:
            columns = self.end["columns"]
            if columns:
                names = [WORDS[f"column {name}"] for name in columns]
                rows = [[READINGS[name], *(reading(name, values[name]) for values in columns.values())] for name in columns["floor"]]
                blocks.append(digits.block(WORDS["readings title"], WORDS["readings note"].format(n=f"{self.end['n']:,}"),
                                           table={"head": ["", *names], "rows": rows}))
                rows = [[WORDS[f"column {name}"], *map(str, counts)] for name, counts in self.end["counts"].items()]
                blocks.append(digits.block(WORDS["counts title"], WORDS["counts note"].format(n=f"{self.end['n']:,}"),
                                           table={"head": ["", *map(str, range(10))], "rows": rows}))
            real = {"tiles": self.end["real"], "n": 20, "side": self.end["size"], "name": "", "about": WORDS["real title"]}
            blocks.append(digits.block(WORDS["real title"], WORDS["real note"], [real]))
            if JUDGED_ON in measured_readings() and self.s.data == "strokes":
                [told] = sights({"measured": JUDGED_ON})
                rows = [row["cells"] for row in told["rows"]]
                blocks.append(digits.block(told["title"], told["note"], table={"head": told["columns"], "rows": rows}))
        return digits.tiles_json(blocks) if blocks else ""

    # -- words and numbers ----------------------------------------------------------------------------------------

    def checked(self) -> str:
        """At the end: whether the game is broken, or repaired; it is said beside the buttons that break it."""
        return " ".join(zoo.check(self.s, self.case, self.rows, self.broken, self.measured)) if self.end else ""

    def sentence(self) -> str:
        """The run in words, from its own numbers."""
        row = self.rows[-1]
        said = [WORDS["sentence"].format(turn=f"{row['turn']:,}", epochs=row["epoch"], all=self.s.epochs)]
        said += [WORDS["taken up"].format(turn=f"{self.began:,}")] if self.began else []
        if not self.wrong:
            which = "chances" if self.chance else "means"
            said.append(WORDS[which].format(real=short(row["on_real"]), fake=short(row["on_fake"])))
            if row["recognised"] is not None:
                said.append(WORDS["judged"].format(share=percent(row["recognised"]), of=WATCHED, found=row["found"]))
            if row.get("asked") is not None:
                said.append(WORDS["asked for"].format(share=percent(row["asked"])))
            return " ".join([*said, *self.remark()])
        if row["wrong_broke"]:
            return " ".join([*said, WORDS["broke"].format(broke=row["wrong_broke"]), *self.over_seeds()])
        for side in ("", "wrong_"):
            told = {name: short(row[side + name]) for name in ("on_real", "on_fake", "d_loss", "g_loss")}
            said.append(WORDS[f"side {side or 'right'}".strip("_")].format(**told))
            if row[f"{side}recognised"] is not None:
                said.append(WORDS["draws"].format(share=percent(row[f"{side}recognised"]), found=row[f"{side}found"]))
        return " ".join([*said, self.compared(row), *self.over_seeds()]).strip()

    def over_seeds(self) -> list[str]:
        """At the end of a mistake's run what `python -m genai_core measure gan_digits` found of it."""
        right, wrong = (self.measured.get(f"{self.s.part}_{side}") for side in ("right", "wrong"))
        if not (self.end and right and wrong):
            return []
        return [WORDS["measured mistake"].format(right=right["right"], wrong=wrong["right"], of=right["of"], turns=f"{right['turns']:,}")]

    def remark(self) -> list[str]:
        """Beside RMSProp and Nadam what was measured of them."""
        both = [self.measured.get(f"remark_{name}") for name in ("rmsprop", "nadam")]
        if not (self.end and all(both) and self.s.optimiser in ("rmsprop", "nadam")):
            return []
        told = {name: figure["right"] for name, figure in zip(("rmsprop", "nadam"), both, strict=True)}
        return [WORDS["measured remark"].format(**told, of=both[0]["of"], turns=f"{both[0]['turns']:,}")]

    def compared(self, row: dict) -> str:
        """What the mistake did, as this run shows it."""
        pairs = [(r[name], r[f"wrong_{name}"]) for r in self.rows for name in ("d_loss", "g_loss", "recognised", "found")]
        if all(a == b for a, b in pairs):
            return WORDS["same"]
        if row["recognised"] is None:
            return ""
        if row["found"] < EARLY:
            return WORDS["too early"]
        right, wrong = (wilson(row[f"{side}recognised"], WATCHED) for side in ("", "wrong_"))
        if row["wrong_found"] >= row["found"] - 1 and wrong[2] >= right[0]:
            return WORDS["no difference"]
        return WORDS["worse"]

    def numbers(self) -> dict[str, Quantity]:
        """What the run leaves in the ledger; of a mistake the numbers of the loop that makes it, and those of the right one."""
        row, found = self.rows[-1], {}
        sides = {"wrong_": "", "": "right_"} if self.wrong else {"": ""}
        for side, name in sides.items():
            for column in ("d_loss", "g_loss", "on_real", "on_fake"):
                if row[side + column] is not None:
                    found[name + column] = Quantity.exact(row[side + column], self.unit if "loss" in column else "")
            if row[f"{side}recognised"] is not None:
                found[f"{name}recognised_share"] = Quantity(*wilson(row[f"{side}recognised"], WATCHED))
            if row[f"{side}found"] is not None or row[f"{side}broke"]:
                found[f"{name}digits_found"] = Quantity.exact(row[f"{side}found"] or 0)
            if row.get(f"{side}asked") is not None:
                found[f"{name}asked_share"] = Quantity(*wilson(row[f"{side}asked"], WATCHED))
        for side in ("gan", "wrong"):
            for name, value in (self.end["columns"].get(side, {}) if self.end else {}).items():
                found[name] = Quantity.exact(value)
        return found


def share(row: dict, side: str, column: str):
    """A value of the table; of the digits found, their tenth part."""
    value = row[side + column]
    return value / 10 if column == "found" and value is not None else value


def gap(value):
    return float("nan") if value is None else value


def short(value) -> str:
    """A number of a turn: whole where it is a count, else three digits that matter."""
    if value is None:
        return "–"
    if float(value).is_integer() and abs(value) >= 2:
        return f"{value:,.0f}"
    text = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3f}" if abs(value) >= 0.01 or value == 0 else f"{value:.2g}"
    return minus(text)


def percent(share: float) -> str:
    return f"{100 * share:.0f}%"
