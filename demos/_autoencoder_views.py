"""What a look at an autoencoder shows: its pictures, its curves, its sentence, from the core's JSON."""

from demos import _digits as digits
from demos import _figures as figures
from demos._lab import View
from demos._session import Quantity
from demos._words import words

WORDS = words("autoencoders")
NOT_SEEN = 0.001  # a squared error per pixel that the eye does not find
NAMES = {"autoencoder": "autoencoder", "pca": "PCA", "jpeg": "JPEG", "vae": "VAE", "code": "by code", "pixels": "by pixels",
         "misfit": "comes back badly", "nearest": "far in pixels", "pretrained": "pretrained", "scratch": "from scratch"}
COLOURS = {"autoencoder": 0, "jpeg": 1, "pca": 2, "vae": 1, "code": 0, "pixels": 1, "misfit": 0, "nearest": 1, "pretrained": 0,
           "scratch": 1}


def short(value: float) -> str:
    """An error of three figures: 0.0103."""
    return f"{value:.3g}" if value >= 1e-4 else f"{value:.1e}"


def counted(number: float, what: str) -> str:
    """1 bit, 3 bits."""
    return f"{number:g} {what}{'' if number == 1 else 's'}"


def percent(value: float) -> str:
    return f"{value:.0%}" if value < 0.995 else f"{value:.1%}"


def clear(line: dict) -> dict:
    """A curve of errors as far as an error can be seen: JPEG goes on to sizes where nothing is lost any more."""
    kept = [(x, y) for x, y in zip(line["x"], line["y"], strict=True) if y >= NOT_SEEN] or [(line["x"][0], line["y"][0])]
    return {"x": [x for x, _ in kept], "y": [y for _, y in kept]}


class Story:
    """One look. settings: the core's, or equal fields. frame: the core's Frame, or one as recorded."""

    def __init__(self, settings, index: int, steps: int, rows, numbers: dict, about: dict, shown: dict):
        self.s, self.index, self.steps, self.rows = settings, index, steps, rows
        self.n, self.about, self.shown = {name: told[1] for name, told in numbers.items()}, about, shown
        self.numbers = {name: Quantity(*told) for name, told in numbers.items()}

    def view(self) -> View:
        said = self.sentence()
        if self.rows and "loss" in self.rows[-1]:
            self.numbers["loss"] = Quantity.exact(self.rows[-1]["loss"])
        return View({"sheet": self.sheet(), "chart": self.chart(said), "map": self.map()}, said, self.numbers, tuple(self.rows))

    # -- pictures -------------------------------------------------------------------------------------------------

    def sheet(self) -> str:
        if "field" in self.shown:
            return ""
        fields = self.fields()
        blocks = []
        for told in self.shown["sheets"]:
            rows = []
            for row in told["rows"]:
                name = WORDS[f"row {row['name']}"].format(**row["fields"]) if row["name"] else ""
                rows.append({key: row[key] for key in ("tiles", "n", "side", "said", "marks") if key in row}
                            | {"name": name, "about": f"{WORDS['block ' + told['title']]}: {name or row['n']}"})
            known = told["title"] != "guess" or "guess_mean_error" in self.n
            note = WORDS[f"note {told['title']}"].format(**fields) if known else ""
            blocks.append(digits.block(WORDS[f"block {told['title']}"].format(**fields), note, rows, signed=told.get("signed", False)))
        if self.s.task == "reconstruct" and "held_out_error" in self.n:
            blocks.append(digits.block(WORDS["block slide"], WORDS["note slide"], table=self.slide()))
        return digits.tiles_json(blocks)

    def fields(self) -> dict:
        """What notes may name."""
        guess = {name: short(self.n.get(f"guess_{name}_error", 0)) for name in ("mean", "real", "any")}
        learnt = f"{self.about['learnt']:,}"
        return guess | {"bits": counted(self.n.get("bits_per_number", 0), "bit"), "numbers": self.s.bottleneck, "learnt": learnt,
                        "shelf": f"{min(5000, self.about['learnt']):,}", "queries": min(500, self.about["held"])}

    def slide(self) -> dict:
        pixels, numbers = self.about["size"] ** 2, self.s.bottleneck

        def ratio(before: int, after: int) -> str:
            more = after > before
            share = after / before if more else before / after
            return WORDS["more" if more else "fewer"].format(before=before, after=after, ratio=f"{share:.4g}")

        end = WORDS["slide last here"].format(error=short(self.n["held_out_error"]), learnt=f"{self.about['learnt']:,}",
                                              epochs=self.epochs_done())
        return {"head": ["", WORDS["slide head"], WORDS["slide run"]], "rows": [
            [WORDS["slide first"], "0.45", short(self.rows[0]["error"])],
            [WORDS["slide last"], WORDS["slide last value"], end],
            [WORDS["slide constants"], WORDS["slide unsaid"], f"{short(self.n['grey_error'])}; {short(self.n['mean_error'])}"],
            [WORDS["slide numbers"], WORDS["fewer"].format(before=784, after=128, ratio="6.125"), ratio(pixels, numbers)],
            [WORDS["slide bytes"], WORDS["slide unsaid"], WORDS["bytes note"].format(bytes=ratio(pixels, 4 * numbers))]]}

    def epochs_done(self) -> str:
        done = self.index // self.about["batches"]
        return counted(done, "epoch")

    def map(self) -> str:
        if field := self.shown.get("field"):
            label = WORDS["field label"].format(cosine=f"{self.n['cosine']:.3f}")
            return digits.codes_json(WORDS["field title"], WORDS["field note"], label, key=[WORDS["arrows"], WORDS["score"]],
                                     reach=field["limit"], **{k: field[k] for k in ("points", "at", "arrows", "score")})
        told = self.shown["map"]
        axes = WORDS["axes two"] if self.s.bottleneck == 2 else WORDS["axes many"].format(share=percent(told["share"]))
        which = "map class" if self.s.data == "fashion_mnist" else "map note"
        note = WORDS[which].format(count=len(told["labels"]), axes=axes) + (" " + WORDS["map walk"] if "path" in told else "")
        what = {key: told[key] for key in ("xy", "labels", "path") if key in told}
        return digits.codes_json(WORDS["map title"], note, WORDS["map label"].format(count=len(told["labels"])), **what)

    # -- curves ---------------------------------------------------------------------------------------------------

    def chart(self, said: str) -> str:
        told = self.shown.get("chart") or {}
        kind = next((k for k in told if k in ("rates", "precision", "roc", "labels", "along") and told[k]), None)
        if kind == "labels" and not (told["labels"]["here"] or told["labels"]["measured"]):
            kind = None
        drawn = getattr(self, f"_{kind}")(told[kind]) if kind else self._field() if self.s.task == "points" else self._losses()
        panels, steps, more = drawn
        return figures.curves_json(panels, said, steps, **({"hint": WORDS["hint"]} | more))

    def _losses(self):
        batches, epochs = self.about["batches"], self.about["epochs"]
        x = [row["update"] / batches for row in self.rows]
        held = [(row["update"] / batches, row["held_out_error"]) for row in self.rows if row["held_out_error"] is not None]
        lines = [figures.line("learning", x, [row["error"] for row in self.rows], 0),
                 figures.line("held out", [a for a, _ in held], [b for _, b in held], 1)]
        for name, column, colour in (("mean picture", "mean_error", 3), ("PCA", "pca_error", 2)):
            if column in self.n:
                lines.append(figures.line(name, [0, epochs], [self.n[column]] * 2, colour, dash=True))
        panels = [{"title": WORDS["chart error"], "unit": "per pixel", "log": True, "lines": lines}]
        if self.s.sparse != "none":
            losses = figures.line("with the price of the code", x, [row["loss"] for row in self.rows], 0)
            panels.append({"title": WORDS["chart loss"], "unit": "", "log": True, "lines": [losses]})
        return panels, epochs, {"unit": "epoch"}

    def _rates(self, rates: dict):
        rates = {name: clear(line) if name == "jpeg" else line for name, line in rates.items()}
        lines, sizes = [], [x for line in rates.values() for x in line["x"]]
        worst = max(y for line in rates.values() for y in line["y"])
        for name, line in rates.items():
            tags = [""] * len(line["x"])
            if name == "autoencoder":
                tags = [counted(bits, "bit") if bits in (1, 2, 4, 8) else "" for bits in (1, 2, 3, 4, 5, 6, 8)]
            lines.append(figures.line(NAMES[name], line["x"], line["y"], COLOURS[name], tags=tags))
        panel = {"title": WORDS["chart rates"], "unit": "per pixel", "log": True, "high": 2 * worst, "lines": lines}  # room for the bits
        return [panel], max(sizes), {"unit": "byte", "first": min(sizes), "logx": True}

    def _precision(self, values: dict):
        lines = [figures.line(NAMES[name], range(1, len(y) + 1), y, COLOURS[name]) for name, y in values.items()]
        return [{"title": WORDS["chart precision"], "unit": "", "percent": True, "high": 1, "lines": lines}], \
            len(lines[0]["x"]), {"unit": "pictures found", "first": 1}

    def _roc(self, curves: dict):
        lines = [figures.line(NAMES[name], c["x"], c["y"], COLOURS[name]) for name, c in curves.items()]
        lines.append(figures.line("guessing", [0, 100], [0, 1], 3, dash=True))
        return [{"title": WORDS["chart roc"], "unit": "", "percent": True, "low": 0, "high": 1, "lines": lines}], \
            100, {"unit": "% of the known ones flagged as well"}

    def _labels(self, told: dict):
        lines = []
        for name, band in told["measured"].items():
            lines.append(figures.line(NAMES[name], band["x"], band["y"], COLOURS[name], band=(band["low"], band["high"])))
        for name, values in told["here"].items():
            title = NAMES[name] + (", this run" if told["measured"] else "")
            lines.append(figures.line(title, [told["at"]], [sum(values) / len(values)], COLOURS[name], tags=[""],
                                      faint=bool(told["measured"])))
        hint = WORDS["hint labels"].format(seeds=told["seeds"]) if told["measured"] else WORDS["hint"]
        return [{"title": WORDS["chart labels"], "unit": "held-out pictures", "percent": True, "high": 1, "lines": lines}], \
            1000, {"unit": "label", "first": 10, "logx": True, "hint": hint}

    def _along(self, values: dict):
        lines = [figures.line(NAMES[name], [10 * k for k in range(len(y))], y, COLOURS[name]) for name, y in values.items()]
        return [{"title": WORDS["chart along"], "unit": "", "percent": True, "low": 0, "lines": lines}], 100, {"unit": "% of the way"}

    def _field(self):
        x = [row["update"] for row in self.rows]
        return [{"title": WORDS["chart cosine"], "unit": "cosine", "high": 1,
                 "lines": [figures.line("cosine", x, [row["cosine"] for row in self.rows], 0)]},
                {"title": WORDS["chart loss"], "unit": "squared data units",
                 "lines": [figures.line("loss", x, [row["loss"] for row in self.rows], 0)]}], self.steps, {"unit": "update"}

    # -- words ----------------------------------------------------------------------------------------------------

    def sentence(self) -> str:
        """The run in words, from its own numbers."""
        task = self.s.task
        need = {"compress": "bits_per_number", "similar": "code_precision_at_10", "odd": "misfit_auc", "labels": "scratch_accuracy",
                "new": "vae_middle_distance", "points": "cosine"}.get(task, "held_out_error")
        if need not in self.n:
            if "held_out_error" not in self.n:
                return WORDS["said learning"].format(update=f"{self.index:,}", steps=f"{self.steps:,}", error=short(self.rows[-1]["error"]))
            return self._said_reconstruct()
        said = getattr(self, f"_said_{task}")()
        if task in ("similar", "odd", "labels", "new") and "pca_error" in self.n:  # the guess was about these two
            said += " " + WORDS["said duel"].format(error=short(self.n["held_out_error"]), pca=short(self.n["pca_error"]),
                                                    bottleneck=self.s.bottleneck)
        return said

    def _said_reconstruct(self) -> str:
        n = self.n
        said = WORDS["said reconstruct"].format(
            epochs=self.epochs_done(), learnt=f"{self.about['learnt']:,}", title=self.about["title"], error=short(n["held_out_error"]),
            grey=short(n["grey_error"]), mean=short(n["mean_error"]), pca=short(n["pca_error"]), bottleneck=self.s.bottleneck)
        if "cleaned_error" in n:
            said += " " + WORDS["said cleaned"].format(spoilt=short(n["spoilt_error"]), cleaned=short(n["cleaned_error"]))
        if self.s.sparse != "none":
            said += " " + WORDS["said sparse"].format(rate=short(n["mean_rate"]), silent=percent(n["silent_share"]))
        return said

    def _said_compress(self) -> str:
        n = self.n
        if "jpeg_error_at_that_size" in n:
            jpeg = WORDS["jpeg at size"].format(error=short(n["jpeg_error_at_that_size"]))
        else:
            jpeg = WORDS["jpeg too big"].format(bytes=f"{n['jpeg_smallest_bytes']:.0f}", error=short(n["jpeg_smallest_error"]))
        return WORDS["said compress"].format(
            bits=counted(n["bits_per_number"], "bit"), bottleneck=self.s.bottleneck,
            bytes=counted(n["bytes_per_picture"], "byte"), jpeg=jpeg,
            raw=self.about["size"] ** 2, error=short(n["error_at_that_size"]), pca=short(n["pca_error_at_that_size"]))

    def _said_similar(self) -> str:
        return WORDS["said similar"].format(code=f"{self.n['code_precision_at_10']:.1%}", pixels=f"{self.n['pixels_precision_at_10']:.1%}",
                                            bottleneck=self.s.bottleneck, raw=self.about["size"] ** 2)

    def _said_odd(self) -> str:
        digit = f"class {self.s.digit}" if self.s.data == "fashion_mnist" else f"a {self.s.digit}"
        return WORDS["said odd"].format(digit=digit, misfit=f"{self.n['misfit_auc']:.1%}", nearest=f"{self.n['nearest_auc']:.1%}")

    def _said_labels(self) -> str:
        draws = counted(len(self.shown["chart"]["labels"]["here"]["scratch"]), "draw")
        return WORDS["said labels"].format(labels=self.s.labels, pretrained=f"{self.n['pretrained_accuracy']:.1%}", draws=draws,
                                           scratch=f"{self.n['scratch_accuracy']:.1%}", learnt=f"{self.about['learnt']:,}")

    def _said_new(self) -> str:
        n = self.n
        hole = WORDS["said hole"].format(aefar=f"{n['autoencoder_middle_distance']:.2f}", vaefar=f"{n['vae_middle_distance']:.2f}")
        if "vae_middle_recognised" not in n:
            return WORDS["said new unjudged"].format(hole=hole)
        shares = {key: percent(n[name]) for key, name in (("ae", "autoencoder_random_recognised"), ("vae", "vae_random_recognised"),
                                                          ("aemid", "autoencoder_middle_recognised"), ("vaemid", "vae_middle_recognised"))}
        return WORDS["said new"].format(hole=hole, right=digits.judge_accuracy(self.s.data), **shares)

    def _said_points(self) -> str:
        return WORDS["said points"].format(judged=f"{self.about['judged']:,}", cosine=f"{self.n['cosine']:.3f}",
                                           missed=percent(self.n["missed"]))
