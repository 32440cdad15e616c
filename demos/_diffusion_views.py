"""What the tab on diffusion draws and says of a run, part by part. The core computes; these turn its frames into pictures."""

import math

from demos import _figures as figures
from demos._session import Quantity
from demos._words import minus, words
from genai_core.intervals import wilson
from genai_core.recorded import pack

WORDS = words("diffusion")
DRAWN = 300             # of a cloud's points, those that are drawn
REACH = {"forward": 2.7, "reverse": 2.7, "train": 1.7, "calls": 1.7}
UNITS = {"forward": "timestep", "train": "update", "reverse": "step", "calls": "network call", "latent": "step"}
COLOURS = {"noisy": 1, "clean": 0, "drawn": 0, "4": 3, "32": 2, "chosen": 0}
LINES = {"ddpm": 0, "ddim": 1, "heun": 2, "langevin": 3}
NAMES = {"ddpm": "DDPM", "ddim": "DDIM", "euler": "Euler", "heun": "Heun", "langevin": "Langevin"}
SCHEDULES = {"cosine": 0, "linear": 1, "scaled": 2}
FIGURES = ("points", "strip", "curves", "levels")
NEAR = 3.0              # noise floors: a network that draws points within this has learnt them


def shot(frame) -> dict:
    """A frame as it is drawn and recorded, JSON: its step, clouds and arrows (packed), pictures (data URLs) and row."""
    return {"step": frame.index, "clouds": {name: pack(points[:DRAWN]) for name, points in frame.clouds.items()},
            "score": None if frame.score is None else pack(frame.score),
            "pictures": {name: figures.image(pixels) for name, pixels in frame.pictures.items()}, "row": frame.row}


class Story:
    """One run: its shots so far, and what is drawn over them. settings: the core's, or equal fields. scene: from `scene`."""

    def __init__(self, settings, scene: dict):
        self.s, self.scene = settings, scene
        self.shots: list[dict] = []
        self.rows: list[dict] = []
        self.losses: tuple = ()
        self.learning = False

    def add(self, made: dict, losses=()) -> None:
        """Take a shot; one without clouds and pictures only says how far the run is."""
        if made["clouds"] or made["pictures"]:
            if not self.shots or made["step"] > self.shots[-1]["step"] or self.s.part == "calls":
                self.shots.append(made)
        if made["row"] and "learning" not in made["row"] and (not self.rows or self.rows[-1] is not made["row"]):
            self.rows.append(made["row"])
        self.losses, self.learning = losses or self.losses, "learning" in made["row"]

    @property
    def pictures(self) -> bool:
        return self.s.part == "latent" or self.s.data == "strokes"

    # -- what is drawn ----------------------------------------------------------------------------------------------

    def view(self, index: int, steps: int, over: bool = False) -> tuple[dict, str, dict]:
        """(pictures, sentence, numbers) after step `index`; over: the whole film may be sent."""
        if not self.rows:
            return {}, WORDS["learning" if self.learning else "under way"].format(index=f"{index:,}", steps=f"{steps:,}"), {}
        said, drawn = self.sentence(), dict.fromkeys(FIGURES, "")
        drawn["strip" if self.pictures else "points"] = (self.strip if self.pictures else self.points)(steps, said, over)
        drawn["curves"] = self.curves(steps, said)
        if self.losses:
            drawn["levels"] = self.levels()
        return drawn, said, self.numbers()

    def points(self, steps: int, said: str, over: bool) -> str:
        last, film = self.shots[-1], self.s.part != "calls"
        shots = [{"step": s["step"], "label": said, "panels": self.panels(s)} for s in self.shots] if film and over else None
        return figures.scatter_json(
            self.scene["real"], self.panels(last), said, last["step"] if film else 1, steps if film else 1, unit=UNITS[self.s.part],
            limit=REACH[self.s.part], base=f"{self.s}" if film else f"{self.s} {len(self.rows)}",
            group="diffusion" if film else "", film=shots)

    def panels(self, made: dict) -> list[dict]:
        found = []
        for name, cloud in made["clouds"].items():
            panel = figures.panel(WORDS[f"cloud {name}"], self.note(name, made["row"]), cloud, COLOURS[name])
            found.append(panel | {"field": made["score"]} if made["score"] and name == "noisy" else panel)
        return found

    def note(self, name: str, row: dict) -> str:
        """A few words beside a square's title."""
        if self.s.part == "forward":
            return f"SNR {decibels(row['snr_db'])}"
        if self.s.part == "reverse":
            return f"σ = {row['sigma']:.2g}" if name == "noisy" else f"distance {row.get('distance', row['distance_clean']):.2f}"
        if self.s.part == "train":
            return f"distance {row['distance']:.2f}"
        return next((f"distance {r['distance']:.2f}" for r in self.rows if (r["sampler"] == "chosen" if name == "chosen" else
                     r["sampler"] == self.s.sampler and str(r["asked"]) == name)), "")

    def strip(self, steps: int, said: str, over: bool) -> str:
        kept = self.shots if over else self.shots[-1:]
        frames = [{"images": list(s["pictures"].values()), "caption": self.caption(s["row"], steps), "step": s["step"]} for s in kept]
        titles = [WORDS[f"picture {name}"] for name in self.shots[-1]["pictures"]]
        return figures.strip_json(frames, WORDS["strip label"].format(said=said), titles=titles, run=f"{self.s}",
                                  start=0 if over else len(self.shots) - 1, group="diffusion" if self.s.part != "calls" else "",
                                  smooth=False)

    def caption(self, row: dict, steps: int) -> str:
        if self.s.part == "forward":
            return f"t = {row['t']:,} of {steps:,}, SNR {decibels(row['snr_db'])}"
        if self.s.part == "train":
            return f"update {row['update']:,}"
        if self.s.part == "calls":
            return WORDS["caption calls"].format(calls=f"{row['calls']:,}")
        return f"step {row['step']:,} of {steps:,}, σ = {row['sigma']:.2g}"

    def curves(self, steps: int, said: str) -> str:
        made = {"forward": self.ratio_panels, "train": self.training_panels, "reverse": self.way_panels, "latent": self.way_panels,
                "calls": self.call_panels}[self.s.part]()
        if not made:
            return ""
        unit, calls = UNITS[self.s.part], self.s.part == "calls"
        return figures.curves_json(made, said, 1000 if calls else steps, unit=unit, group="" if calls else "diffusion",
                                   first=4 if calls else 0, logx=calls, hint=WORDS[f"hint {self.s.part}"])

    def ratio_panels(self) -> list[dict]:
        t = [row["t"] for row in self.rows]
        shares = [figures.line(WORDS[name], t, [row[name] for row in self.rows], k) for k, name in enumerate(("signal", "noise"))]
        ratios = [figures.line(name, self.scene["t"], values, SCHEDULES[name], faint=False, dash=name != self.s.schedule)
                  for name, values in self.scene["snr_db"].items()]
        return [{"title": WORDS["shares"], "unit": "", "percent": True, "low": 0, "high": 1, "lines": shares},
                {"title": WORDS["ratio"], "unit": "dB", "lines": ratios}]

    def training_panels(self) -> list[dict]:
        at = [row["update"] for row in self.rows]
        line = figures.line(WORDS["loss"], at, [r["loss"] for r in self.rows], 0)
        loss = {"title": WORDS["loss"], "unit": "", "log": True, "lines": [line]}
        return [loss, self.recognised("update")] if self.pictures else [loss, self.distances({"drawn": "distance"}, "update")]

    def way_panels(self) -> list[dict]:
        at = [row["step"] for row in self.rows]
        share = [r["sigma"] / math.sqrt(1 + r["sigma"] ** 2) for r in self.rows]
        sigma = {"title": WORDS["sigma"], "unit": "", "percent": True, "low": 0, "high": 1,
                 "lines": [figures.line(WORDS["noise"], at, share, 2)]}
        if self.s.part == "latent":
            return [sigma]
        if self.pictures:
            return [sigma, self.recognised("step")]
        return [sigma, self.distances({"noisy": "distance_noisy", "clean": "distance_clean"}, "step")]

    def recognised(self, x: str) -> dict:
        at = [row[x] for row in self.rows]
        lines = [figures.line(WORDS[name], at, [row[name] for row in self.rows], k)
                 for k, name in enumerate(("recognised", "right")) if name in self.rows[0]]
        return {"title": WORDS["recognised title"], "unit": "", "percent": True, "low": 0, "high": 1, "lines": lines}

    def distances(self, columns: dict, x: str) -> dict:
        at = [row[x] for row in self.rows]
        lines = [figures.line(WORDS[f"line {name}"], at, [row[column] for row in self.rows], COLOURS[name])
                 for name, column in columns.items()]
        lines.append(figures.line(WORDS["floor"], [0, max(at)], [self.scene["floor"]] * 2, 3, dash=True))
        return {"title": WORDS["distance"], "unit": WORDS["units"], "low": 0, "lines": lines}

    def call_panels(self) -> list[dict]:
        if self.pictures:
            chosen = self.rows[-1]
            lines = [figures.line(NAMES[name], [p["calls"] for p in told], [p["recognised"]["share"] for p in told], LINES[name],
                                  tags=[""] * len(told)) for name, told in self.scene["samplers"].items()]
            lines.append(figures.line(WORDS["yours"], [chosen["calls"]], [chosen["recognised"]], 3, tags=[WORDS["yours"]]))
            return [{"title": WORDS["recognised title"], "unit": "", "percent": True, "low": 0, "high": 1, "lines": lines}]
        lines, mine = [], [row for row in self.rows if row["sampler"] == "chosen"]
        for name, colour in LINES.items():
            told = [row for row in self.rows if row["sampler"] == name]
            if told:
                lines.append(figures.line(NAMES[name], [r["calls"] for r in told], [r["distance"] for r in told], colour,
                                          tags=[""] * len(told)))
        lines.append(figures.line(WORDS["floor"], [4, 1000], [self.scene["floor"]] * 2, 3, dash=True))
        if mine:
            lines.append(figures.line(WORDS["yours"], [mine[0]["calls"]], [mine[0]["distance"]], LINES.get(self.s.sampler, 1),
                                      tags=[WORDS["yours"]]))
        return [{"title": WORDS["distance"], "unit": WORDS["units"], "log": True, "lines": lines}]

    def levels(self) -> str:
        """Loss against t, and the least that any network can reach, where that is known."""
        t = [line[0] for line in self.losses]
        lines = [figures.line(WORDS["loss"], t, [line[1] for line in self.losses], 0)]
        if self.losses[0][2] is not None:
            lines.append(figures.line(WORDS["least"], t, [line[2] for line in self.losses], 1, dash=True))
        places = {"first": 0, "middle": len(t) // 2, "last": -1}
        label = WORDS["levels label"].format(**{name: f"{self.losses[k][1]:.2g}" for name, k in places.items()})
        return figures.curves_json([{"title": WORDS["levels"], "unit": "", "low": 0, "lines": lines}], label, t[-1], unit="timestep",
                                   hint=WORDS["hint levels"])

    # -- what is said -----------------------------------------------------------------------------------------------

    def sentence(self) -> str:
        """The run in words, from its own numbers."""
        row, s = self.rows[-1], self.s
        floor = f"{self.scene['floor']:.3f}" if "floor" in self.scene else ""
        if s.part == "forward":
            end = self.scene["terminal"]
            judged = WORDS["reaches" if end["signal_left"] < 0.05 else "never reaches"]
            return WORDS["say forward"].format(
                t=f"{row['t']:,}", signal=f"{row['signal']:.1%}", noise=f"{row['noise']:.1%}", schedule=s.schedule, judged=judged,
                length=f"{s.length:,}", terminal=tiny(end["snr"]), left=little(end["signal_left"]))
        if s.part == "train" and not self.pictures:
            return WORDS["say train"].format(
                update=f"{row['update']:,}", loss=f"{row['loss']:.3f}", distance=f"{row['distance']:.3f}", floor=floor,
                times=f"{row['distance'] / self.scene['floor']:.1f}")
        if s.part == "reverse" and not self.pictures:
            d = row.get("distance", row["distance_clean"])
            return WORDS["say reverse"].format(
                step=f"{row['step']:,}", calls=f"{row['calls']:,}", sampler=NAMES[s.sampler], sigma=f"{row['sigma']:.2g}",
                noisy=f"{row['distance_noisy']:.2f}", clean=f"{d:.3f}", floor=floor, times=f"{d / self.scene['floor']:.1f}")
        if s.part == "calls" and not self.pictures:
            return self.said_of_calls(floor)
        if s.part == "latent":
            return WORDS["say latent"].format(step=f"{row['step']:,}", calls=f"{row['calls']:,}", prompt=s.prompt)
        share = f"{row['recognised']:.0%}"
        if s.part == "train":
            return WORDS["say train digits"].format(update=f"{row['update']:,}", loss=f"{row['loss']:.3f}", share=share)
        asked = WORDS["asked for"].format(digit=s.digit, right=f"{row['right']:.0%}") if "right" in row else ""
        if s.part == "calls":
            return WORDS["say calls digits"].format(sampler=NAMES[s.sampler], calls=f"{row['calls']:,}", share=share, asked=asked,
                                                    n=self.scene["judged"])
        return WORDS["say reverse digits"].format(step=f"{row['step']:,}", calls=f"{row['calls']:,}", sigma=f"{row['sigma']:.2g}",
                                                  share=share, asked=asked)

    def said_of_calls(self, floor: str) -> str:
        mine = self.rows[0]
        best = {}
        for row in self.rows:
            if row["sampler"] != "chosen" and row["distance"] < NEAR * self.scene["floor"] and row["sampler"] not in best:
                best[row["sampler"]] = row["calls"]
        reached = ", ".join(f"{NAMES[name]} {calls:,}" for name, calls in best.items())
        return WORDS["say calls"].format(sampler=NAMES[self.s.sampler], calls=f"{mine['calls']:,}", distance=f"{mine['distance']:.3f}",
                                         floor=floor, times=f"{mine['distance'] / self.scene['floor']:.1f}",
                                         reached=WORDS["reached"].format(reached=reached) if reached else WORDS["none reached"])

    def numbers(self) -> dict[str, Quantity]:
        """What the run leaves in the ledger; a share with its 95% interval."""
        row, found = self.rows[0 if self.s.part == "calls" and not self.pictures else -1], {}
        for name, value in row.items():
            if name in ("recognised", "right"):
                found[f"{name}_share"] = Quantity(*wilson(value, self.scene["judged"]))
            elif isinstance(value, int | float) and name not in ("t", "step", "update", "asked"):
                unit = {"snr_db": "dB", "calls": "network calls"}.get(name, "data units" if "distance" in name else "")
                found[name] = Quantity.exact(value, unit)
        if "floor" in self.scene:
            found["distance_floor"] = Quantity.exact(self.scene["floor"], "data units")
        if self.s.part == "forward":
            found["terminal_snr"] = Quantity.exact(self.scene["terminal"]["snr"])
        if self.s.part == "reverse" and len(self.rows) > 5:
            found["fell_at"] = Quantity.exact(self.fell_at(), "share of the steps")
        return found

    def fell_at(self) -> float:
        """Share of the steps after which the noisy cloud had come half of its way to the data (points), or the first picture was
        recognised (digits); 1 where that never was."""
        last = self.rows[-1]["step"]
        if self.pictures:
            return next((row["step"] / last for row in self.rows if row.get("recognised", 0) >= 0.5), 1.0)
        first, end = self.rows[0]["distance_noisy"], self.rows[-1]["distance_noisy"]
        return next((row["step"] / last for row in self.rows if row["distance_noisy"] <= (first + end) / 2), 1.0)


def tiny(value: float) -> str:
    """0.25, or 2.4 × 10⁻⁹."""
    if not 0 < value < 0.001:
        return f"{value:.2g}"
    digits, _, power = f"{value:.1e}".partition("e-")
    return f"{digits} × 10⁻{str(int(power)).translate(str.maketrans('0123456789', '⁰¹²³⁴⁵⁶⁷⁸⁹'))}"


def little(share: float) -> str:
    """A share that is never rounded to nothing."""
    return f"{share:.2%}" if share >= 0.0001 else "under 0.01%"


def decibels(value: float | None) -> str:
    return "∞" if value is None else minus(f"{value:.0f} dB")
