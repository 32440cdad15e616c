"""What an autoencoder is for: each use judges the model at the end of an epoch, and says what there is to look at."""

import torch
from torch.nn.functional import pad

from genai_core import course, runtime
from genai_core.autoencoders import anomaly, compression, lecture, looks, making, retrieval
from genai_core.autoencoders.settings import Settings
from genai_core.data import pictures

HELD, HELD_ODD = 1000, 2000
TILES, MAPPED = 10, 400
SHELF, QUERIES, FOUND, QUERIES_SHOWN = 5000, 500, 20, 4
AT_K = 10               # precision is told at this many


class Use:
    """Reconstruct, and what all uses share. settings, learnt and held: uint8 pictures and labels."""

    def __init__(self, settings: Settings):
        self.s = settings
        self.learnt = pictures.read(settings.data, "train", self._some(settings.pictures, "train"))
        self.held = pictures.read(settings.data, "test", self._some(HELD_ODD if settings.task == "odd" else HELD, "test"))
        self.to_learn = self.learnt.pictures
        self.numbers: dict[str, tuple] = {}   # name: (low, value, high, unit), of the last judgement
        self.film: list[tuple[str, dict, str]] = []
        self._constants: dict[str, float] | None = None
        self._seen: torch.Tensor | None = None
        self._deviation: torch.Tensor | None = None

    def _some(self, wanted: int, split: str) -> int:
        known = pictures.size_of(self.s.data, split)
        return min(wanted, known) if known else wanted

    @property
    def shown(self) -> torch.Tensor:
        """One held-out picture of each class, in their order.  -> (10, 1, S, S)"""
        return self.held.pictures[self.one_of_each()]

    def one_of_each(self, which: int = 0) -> torch.Tensor:
        return torch.stack([(self.held.labels == label).nonzero()[which, 0] for label in range(TILES)])

    def constants(self) -> dict[str, float]:
        """The errors that need no network: grey, the best constant picture, PCA with as many numbers."""
        if self._constants is None:
            numbers = min(self.s.bottleneck, self.learnt.size**2)
            self.components = compression.Components(self.to_learn, numbers)
            pca = compression.error(self.components.decode(self.components.encode(self.held.pictures)), self.held.pictures)
            self._constants = lecture.errors_of_constants(self.to_learn, self.held.pictures) | {"pca": pca}
        return self._constants

    def tell(self, name: str, value: float, unit: str = "", low: float | None = None, high: float | None = None) -> None:
        self.numbers[name] = (value if low is None else low, value, value if high is None else high, unit)

    # -- over training ----------------------------------------------------------------------------------------------

    def judge(self, model) -> None:
        """At the end of an epoch: the numbers."""
        self.tell("held_out_error", course.squared_error(model, self.held.pictures), "per pixel")
        for name, value in self.constants().items():
            self.tell(f"{name}_error", value, "per pixel")
        if self.s.noise != "none":
            with torch.no_grad():
                spoilt = self.spoilt(model, self.held.pictures, seed=232)
                _, wrong = self.back(model, self.held.pictures, spoilt)
            self.tell("spoilt_error", (spoilt - self.held.pictures.float() / 255).square().mean().item(), "per pixel")
            self.tell("cleaned_error", wrong.mean().item(), "per pixel")
        if self.s.sparse != "none":
            with torch.no_grad():
                codes = model.encode(self.held.pictures)
            self.tell("mean_rate", codes.mean().item(), "")
            self.tell("silent_share", (codes <= codes.amax().clamp(min=1e-9) * 0.01).double().mean().item(), "")

    def weigh(self, model) -> None:
        """Now and then, and at the end: what the use itself is judged by, where that takes longer."""

    def keep(self, name: str, model, **fields) -> None:
        """Remember what the model draws now."""
        with torch.no_grad():
            self.film.append((name, fields, looks.tiles(self.back(model, self.shown, self.comes_in(model))[0])))

    def after(self, nets: dict):
        """What is left to do once all has been learnt; yields after each small piece of work."""
        yield from ()

    # -- to look at -------------------------------------------------------------------------------------------------

    @torch.no_grad()
    def look(self, nets: dict) -> dict:
        return {"sheets": self.sheets(nets), "map": self.map(nets["autoencoder"]), "chart": self.chart()}

    def sheets(self, nets: dict) -> list[dict]:
        model, side = nets["autoencoder"], self.learnt.size
        rows = [looks.row("in", self.shown)]
        if self.s.noise != "none":
            rows.append(looks.row("spoilt", self.comes_in(model)))
        rows += [{"name": name, "fields": fields, "tiles": tiles, "n": TILES, "side": side} for name, fields, tiles in self.film]
        now, wrong = self.back(model, self.shown, self.comes_in(model))
        rows.append(looks.row("now", now, said=[f"{v:.3f}" for v in wrong]))
        return [{"title": "back", "rows": rows}, {"title": "filters", "signed": True, "rows": self.filter_rows(model)}]

    def spoilt(self, model, clean: torch.Tensor, seed: int = 231) -> torch.Tensor:
        """Pictures with the noise of training, 0-1; the same each time."""
        return model.spoilt(clean.float() / 255, runtime.rng(seed)).clamp(0, 1)

    def comes_in(self, model) -> torch.Tensor:
        """The shown pictures as the encoder gets them."""
        return self.shown if self.s.noise == "none" else self.spoilt(model, self.shown)

    def back(self, model, held: torch.Tensor, spoilt: torch.Tensor | None = None) -> tuple[torch.Tensor, torch.Tensor]:
        """What comes back of the pictures, or of them spoilt, and how wrong each is against the clean picture."""
        drawn = model.decode(model.encode(held if spoilt is None else spoilt))
        return drawn, (drawn - held.float() / 255).square().mean((1, 2, 3))

    def filter_rows(self, model) -> list[dict]:
        if self._deviation is None:
            self._deviation = self.to_learn[:2000, 0].float().std(0)
        found = pad(looks.filters(model, self._deviation), (1, 1, 1, 1), value=0.5)  # so that they stand apart
        return [looks.row("", part, palette=looks.signed_palette()) for part in found.split(TILES)]

    def map(self, model) -> dict | None:
        labels = self.held.labels[:MAPPED]
        if self._seen is None:
            self._seen = looks.compass(self.held.pictures[:MAPPED])
        return looks.map_of(model.encode(self.held.pictures[:MAPPED]), labels, self._seen, self.path(model))

    def path(self, model) -> torch.Tensor | None:
        return None

    def chart(self) -> dict:
        return {}


class Compress(Use):
    """Bytes and error, against PCA with as many numbers and JPEG at the same size."""

    def weigh(self, model) -> None:
        held = self.held.pictures
        if not hasattr(self, "jpeg"):
            self.jpeg = [compression.jpeg_rate(held, quality)[0] for quality in compression.QUALITIES]
            self.pca = compression.rates(self.components, self.to_learn[:2000], held)
            self.tell("jpeg_alone_bytes", compression.jpeg_alone(held[:50], compression.QUALITIES[0]), "bytes")
        self.rates = compression.rates(model, self.to_learn[:2000], held)
        self.need = compression.enough(self.rates)
        self.equal = compression.at_size(self.jpeg, self.need.size)
        smallest = min(self.jpeg, key=lambda rate: rate.size)
        self.tell("bits_per_number", self.need.bits, "bits")
        self.tell("bytes_per_picture", self.need.size, "bytes")
        self.tell("error_at_that_size", self.need.error, "per pixel")
        self.tell("pca_error_at_that_size", next(r for r in self.pca if r.bits == self.need.bits).error, "per pixel")
        self.tell("jpeg_smallest_bytes", smallest.size, "bytes")
        self.tell("jpeg_smallest_error", smallest.error, "per pixel")
        if self.equal:
            self.tell("jpeg_error_at_that_size", self.equal.error, "per pixel")
        else:
            self.numbers.pop("jpeg_error_at_that_size", None)

    def sheets(self, nets: dict) -> list[dict]:
        if not hasattr(self, "rates"):
            return super().sheets(nets)[:1]
        bits, seen, held = self.need.bits, self.to_learn[:2000], self.shown
        rows = [looks.row("bytes", held, bytes=self.learnt.size**2)]
        for name, coder in (("coded", nets["autoencoder"]), ("components", self.components)):
            codes = coder.encode(seen)
            back = coder.decode(compression.cut(coder.encode(held), codes.amin(0), codes.amax(0), bits))
            rows.append(looks.row(name, back, bits=bits, bytes=f"{self.need.size:g}", numbers=self.s.bottleneck))
        rate = self.equal or min(self.jpeg, key=lambda rate: rate.size)
        _, drawn = compression.jpeg_rate(self.held.pictures, rate.bits)
        which = [int(i) for i in self.one_of_each() if i < len(drawn)]
        rows.append(looks.row("jpeg", drawn[which], bytes=f"{rate.size:.0f}", quality=rate.bits))
        return [{"title": "sizes", "rows": rows}]

    def chart(self) -> dict:
        if not hasattr(self, "rates"):
            return {}
        lines = {"autoencoder": self.rates[:-1], "pca": self.pca[:-1], "jpeg": self.jpeg}
        return {"rates": {name: {"x": looks.rounded([r.size for r in found]), "y": looks.rounded([r.error for r in found])}
                          for name, found in lines.items()}, "here": [self.need.size, self.need.error]}


class Similar(Use):
    """The nearest by code against the nearest by pixels."""

    def weigh(self, model) -> None:
        shelf, queries = self.to_learn[:SHELF], self.held.pictures[:QUERIES]
        labels = self.held.labels[:QUERIES]
        if not hasattr(self, "by_pixels"):
            self.by_pixels = retrieval.nearest(queries.flatten(1).float(), shelf.flatten(1), FOUND)
        with torch.no_grad():
            self.by_code = retrieval.nearest(model.encode(queries), model.encode(shelf), FOUND)
        self.precision = {}
        for name, found in (("code", self.by_code), ("pixels", self.by_pixels)):
            each = retrieval.precision(self.learnt.labels[found], labels)
            self.precision[name] = each.mean(0)
            low, mean, high = retrieval.mean_with_interval(each[:, AT_K - 1])
            self.tell(f"{name}_precision_at_{AT_K}", mean, "", low, high)

    def sheets(self, nets: dict) -> list[dict]:
        if not hasattr(self, "by_code"):
            return super().sheets(nets)[:1]
        agree = (self.learnt.labels[self.by_code[:, :8]] == self.held.labels[:QUERIES, None]).sum(1)
        plain = (self.learnt.labels[self.by_pixels[:, :8]] == self.held.labels[:QUERIES, None]).sum(1)
        asked = (agree - plain).abs().argsort(descending=True, stable=True)[:QUERIES_SHOWN]  # where the two differ most
        rows = []
        for q in asked.tolist():
            for name, found in (("by code", self.by_code), ("by pixels", self.by_pixels)):
                hits = found[q, :8]
                shown = torch.cat([self.held.pictures[q:q + 1], self.learnt.pictures[hits]])
                wrong = self.learnt.labels[hits] != self.held.labels[q]
                rows.append(looks.row(name, shown, marks=[0, *wrong.tolist()]))
        return [{"title": "found", "rows": rows, "first": True}]

    def chart(self) -> dict:
        if not hasattr(self, "precision"):
            return {}
        return {"precision": {name: looks.rounded(values) for name, values in self.precision.items()}}


class Odd(Use):
    """Learn without one class, then look for it by how badly pictures come back."""

    def __init__(self, settings: Settings):
        super().__init__(settings)
        known = self.learnt.labels != settings.digit
        self.to_learn, self.odd = self.learnt.pictures[known], self.held.labels == settings.digit

    def weigh(self, model) -> None:
        held = self.held.pictures
        if not hasattr(self, "by_pixels"):
            self.by_pixels = anomaly.distances(held, self.to_learn)
        self.misfit = anomaly.misfits(model, held)
        self.curves = {}
        for name, scores in (("misfit", self.misfit), ("nearest", self.by_pixels)):
            self.curves[name] = anomaly.roc(scores, self.odd)
            odd = int(self.odd.sum())
            low, value, high = anomaly.area_interval(anomaly.area(*self.curves[name]), odd, len(held) - odd)
            self.tell(f"{name}_auc", value, "", low, high)

    def sheets(self, nets: dict) -> list[dict]:
        model, odd = nets["autoencoder"], self.held.pictures[self.odd][:TILES]
        rows = []
        known = self.held.pictures[[int(i) for i in self.one_of_each() if not self.odd[i]]]
        for name, some in (("known", known), ("odd", odd)):
            back, wrong = self.back(model, some)
            rows += [looks.row(f"{name} in", some, digit=self.s.digit),
                     looks.row("comes back", back, said=[f"{v:.3f}" for v in wrong])]
        blocks = [{"title": "odd", "rows": rows}]
        if hasattr(self, "misfit"):
            worst = self.misfit.argsort(descending=True)[:2 * TILES]
            blocks.append({"title": "worst", "rows": [looks.row("", self.held.pictures[part], marks=self.odd[part].tolist())
                                                      for part in worst.split(TILES)]})
        return blocks

    def chart(self) -> dict:
        if not hasattr(self, "curves"):
            return {}
        drawn = {}
        for name, (alarms, hits) in self.curves.items():
            keep = torch.linspace(0, len(alarms) - 1, min(len(alarms), 120)).round().long().unique()
            drawn[name] = {"x": looks.rounded(100 * alarms[keep]), "y": looks.rounded(hits[keep])}
        return {"roc": drawn}


class New(Use):
    """Random codes, a walk, and the best guess; the same in a VAE."""

    def __init__(self, settings: Settings):
        super().__init__(settings)
        self.first, self.second = making.pairs(self.held.labels)
        four = self.held.pictures[self.held.labels == 4][:100]
        self.fours, self.guess = four, making.best_guess(four)
        self.along: dict[str, list[float]] = {}
        self.which = 0  # of the walks is shown: once all is learnt, the one whose middle is furthest from every real code

    def judge(self, model) -> None:
        super().judge(model)
        for name, value in self.guess["errors"].items():
            self.tell(f"guess_{name}_error", value, "per pixel")

    def codes(self, model, rows: torch.Tensor) -> torch.Tensor:
        return model.encode(self.held.pictures[rows])

    def walked(self, model) -> torch.Tensor:
        """Codes of the walk that is shown.  -> (11, L)"""
        here = slice(self.which, self.which + 1)
        return making.walk(self.codes(model, self.first[here]), self.codes(model, self.second[here]))[:, 0]

    def path(self, model) -> torch.Tensor | None:
        return self.walked(model)

    def after(self, nets: dict):
        """Many random codes and many walks, judged by the digit classifier where there is one for these pictures."""
        from genai_core import runtime
        from genai_core.intervals import wilson

        for name, model in nets.items():
            with torch.no_grad():
                first, second = self.codes(model, self.first), self.codes(model, self.second)
                shelf = model.encode(self.to_learn[:SHELF])
                usual = making.hole(self.codes(model, torch.arange(200)), shelf).median()
                middles = making.hole((first + second) / 2, shelf)
                self.tell(f"{name}_middle_distance", (middles.median() / usual).item(), "times")
            if name == "autoencoder":
                self.which = int(middles.argmax())
            yield
            if self.s.data not in making.JUDGES:
                continue
            drawn = model.sample(making.DRAWN, runtime.rng(making.DRAW_SEED))
            from genai_core import recognition

            low, share, high = wilson(recognition.recognised_share(drawn, self.s.data), making.DRAWN)
            self.tell(f"{name}_random_recognised", share, "", low, high)
            yield
            self.along[name] = []
            for stop in making.walk(first, second):
                self.along[name].append(making.sure(model, stop, self.s.data).double().mean().item())
                yield
            low, share, high = wilson(self.along[name][making.STOPS // 2], len(self.first))
            self.tell(f"{name}_middle_recognised", share, "", low, high)

    def sheets(self, nets: dict) -> list[dict]:
        from genai_core import runtime

        blocks = [{"title": "random", "rows": [looks.row(f"random {name}", model.sample(making.STOPS, runtime.rng(making.DRAW_SEED)))
                                               for name, model in nets.items()]},
                  {"title": "walk", "rows": [looks.row(f"walk {name}", model.decode(self.walked(model))) for name, model in nets.items()]}]
        real, errors = self.fours[self.guess["real"]][None], self.guess["errors"]
        rows = [looks.row("some", self.fours[:TILES]),
                looks.row("guesses", torch.cat([self.guess["mean"], real.float() / 255]),
                          said=[f"{errors['mean']:.3f}", f"{errors['real']:.3f}"])]
        return [*blocks, {"title": "guess", "rows": rows}]

    def chart(self) -> dict:
        return {"along": {name: looks.rounded(values) for name, values in self.along.items() if len(values) == making.STOPS}}
