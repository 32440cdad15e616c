"""Variational autoencoder: the lecture's network and its relatives learn digits; then its codes are walked, added and taken apart."""

from collections.abc import Iterator
from functools import partial

from demos import _figures as figures
from demos._controls import Choice, Range, Seed
from demos._digits import judge_accuracy
from demos._lab import Lab, Moment, Predict, View
from demos._latents import latents_json, latents_view
from demos._page import lab_tab
from demos._session import Quantity
from demos._words import minus, words
from genai_core import measuring
from genai_core.intervals import wilson
from genai_core.latents.settings import BATCH, CASES, DATA, LECTURE, NETWORKS, Settings

WORDS = words("vae")
CHOICES = ("Over a half", "A quarter to a half", "Less than a quarter", "Almost nothing")
NOTHING = 0.01     # share of the loss below which the KL is almost nothing
USED = 0.1         # nats of KL from which a number counts as used
JUDGED = 500       # samples behind the judge's share
DRAWS = 256        # codes per picture behind the last bound
BOUNDED = 32       # held-out pictures that the bounds are of
NOTHING_SAID = 0.5   # nats of KL below which codes say almost nothing
FEW_UPDATES = 200    # before them that is no collapse yet
D = Settings()

CONTROLS = {
    "data": Choice("Data", DATA, D.data),
    "network": Choice("Network", NETWORKS, D.network),
    "latent": Range("Numbers in a code", 1, 64, D.latent),
    "beta": Range("Beta, weight of the KL", 0, 50, D.beta, 0.5),
    "epochs": Range("Epochs", 1, 50, D.epochs),
    "warmup": Range("Warm-up, epochs", 0, 20, D.warmup, 0.5),
    "free_bits": Range("Free bits, nats per number", 0, 5, D.free_bits, 0.1),
    "pictures": Range("Training pictures", 1000, 60_000, D.pictures, 1000),
    "rate": Range("Learning rate", 0.0001, 0.01, D.rate, 0.0001),
    "seed": Seed(),
}


def run(**controls) -> Iterator[Moment]:
    """A moment for every frame of training, for every bound, and for the finished model."""
    from genai_core.latents import experiment, recording

    settings = Settings(**controls)
    story, held = Story(settings), experiment.held_out(settings.data).pictures[:experiment.SHOWN, 0]
    rows, film, bounds, step = [], [], [], 0
    for moment in experiment.run(settings):
        if isinstance(moment, experiment.Frame):
            step, steps = moment.index, moment.steps
            rows.append(recording.row(moment))
            if recording.kept_on_film(moment, settings.epochs):
                film.append(recording.shot(moment, held))
            yield Moment(step, steps, partial(story.view, rows, film, bounds))
        elif isinstance(moment, experiment.Bound):
            bounds.append(recording.bound_row(moment))
            yield Moment(step, steps, partial(story.view, rows, film, bounds))
        else:
            yield Moment(step, steps, partial(story.view, rows, film, bounds, recording.told(moment)))


def replay(recording) -> View:
    """The recorded run at its end."""
    *film, last = recording.frames
    return Story(Settings(**recording.manifest["settings"])).view(recording.rows, film, last["end"]["bounds"], last["end"])


class Story:
    """What all looks at one run share."""

    def __init__(self, settings: Settings):
        self.s, self.sent = settings, 0
        self.steps = settings.epochs * -(-settings.pictures // BATCH) if settings.data != "digits" else 0

    def view(self, rows, film, bounds, end: dict | None = None) -> View:
        said = self.sentence(rows[-1], bounds, end)
        pictures = {"film": self.film(film, whole=end is not None), "curves": self.curves(rows, said)}
        if bounds:
            pictures["bound"] = self.bound(bounds)
        if end:
            title = "a {label}" if self.s.data != "fashion_mnist" else "class {label}"
            pictures["latents"] = latents_json(end, WORDS, lecture_table(), title)
        return View(pictures, said, self.numbers(rows[-1], end), tuple(rows))

    # -- pictures -------------------------------------------------------------------------------------------------

    def film(self, film, whole: bool) -> str:
        """While it runs only what the browser does not have yet; all of it at the end."""
        start = 0 if whole else min(self.sent, max(0, len(film) - 1))
        self.sent = len(film)
        frames = [{"images": shot["images"], "caption": WORDS["frame"].format(update=shot["update"]), "step": shot["update"]}
                  for shot in film]
        if not frames:
            return ""
        return figures.strip_json(frames[start:], WORDS["film label"], titles=WORDS["film titles"].split(" | "), start=start, group="vae",
                                  run=str(self.s))

    def curves(self, rows, said: str) -> str:
        x = [r["update"] for r in rows]
        lines = [figures.line(WORDS["negative elbo"] if self.elbo else f"loss, beta {self.s.beta:g}", x, [r["loss"] for r in rows], 0),
                 figures.line(WORDS["reconstruction"], x, [r["reconstruction"] for r in rows], 1),
                 figures.line(WORDS["kl"], x, [r["kl"] for r in rows], 2)]
        if not self.elbo:
            lines.append(figures.line(WORDS["negative elbo"], x, [r["reconstruction"] + r["kl"] for r in rows], 3, dash=True))
        if self.s.lecture:
            each = next((r["update"] for r in rows if r["epoch_loss"] is not None), 469)
            shown = LECTURE[:self.s.epochs]
            lines.append(figures.line(WORDS["lecture"], [each * (k + 1) for k in range(len(shown))], shown, 3, dash=True))
        kls = [figures.line(f"z{k + 1}", x, [r[f"kl_{k + 1}"] for r in rows], n % 4, dash=n > 3)
               for n, k in enumerate(self.most(rows[-1]))]
        panels = [{"title": WORDS["loss"], "unit": "nats", "low": 0, "lines": lines},
                  {"title": WORDS["each"], "unit": "nats", "low": 0, "lines": kls}]
        return figures.curves_json(panels, said, max(x[-1], self.steps), unit="update", group="vae", hint=WORDS["hint"])

    def most(self, row: dict, shown: int = 6) -> list[int]:
        """The numbers with the most KL, in their own order."""
        order = sorted(range(self.s.latent), key=lambda k: -row[f"kl_{k + 1}"])
        return sorted(order[:shown])

    @property
    def elbo(self) -> bool:
        return self.s.beta == 1 and not self.s.free_bits and not self.s.warmup

    def bound(self, bounds) -> str:
        x, means = [b["draws"] for b in bounds], [b["mean"] for b in bounds]
        lines = [figures.line(WORDS["ours"], x, means, 0),
                 figures.line("ELBO", x, means[:1] * len(x), 3, dash=True)]
        panel = {"title": WORDS["bound"], "unit": "nats", "lines": lines}
        hint = WORDS["bound hint"].format(few=BOUNDED)
        return figures.curves_json([panel], hint, DRAWS, unit="code", first=1, hint=hint, logx=True)

    # -- words and numbers ----------------------------------------------------------------------------------------

    def sentence(self, row: dict, bounds, end: dict | None) -> str:
        """The run in words, from its own numbers."""
        used = sum(row[f"kl_{k + 1}"] > USED for k in range(self.s.latent))
        digits = 1 if self.elbo else 2 if self.s.beta < 10 else 3  # so that its multiple by beta can be read
        nats = {name: nat(row[name]) for name in ("loss", "reconstruction")} | {"kl": nat(row["kl"], digits)}
        which = "sentence" if self.elbo else "sentence beta"
        said = [WORDS[which].format(epochs=row["epoch"], all=self.s.epochs, data=DATA[self.s.data], active=used,
                                    latent=self.s.latent, beta=f"{self.beta_after(row):g}", **nats)]
        if self.s.free_bits:
            said.append(WORDS["free"].format(free=f"{self.s.free_bits:g}"))
        if self.s.lecture and row["epoch_loss"] is not None and row["epoch"] <= len(LECTURE):
            said.append(WORDS["printed"].format(epoch=row["epoch"], ours=f"{row['epoch_loss']:.3f}",
                                                theirs=f"{LECTURE[row['epoch'] - 1]:.3f}"))
        if end:
            kl = sum(end["kl"])
            told = {"reconstruction": end["reconstruction"], "kl": kl, "elbo": -end["reconstruction"] - kl, "first": bounds[0]["mean"],
                    "bound": bounds[-1]["mean"]}
            said.append(WORDS["last"].format(draws=bounds[-1]["draws"], few=BOUNDED, **{name: nat(value) for name, value in told.items()}))
            if end["recognised"] is not None:
                said.append(WORDS["judge"].format(share=f"{end['recognised']:.0%}", of=JUDGED, right=judge_accuracy(self.s.data)))
            if end["factors"] and kl >= NOTHING_SAID:
                best = max(end["factors"], key=lambda f: f["r2"])
                said.append(WORDS["best factor"].format(name=best["name"], r2=f"{best['r2']:.2f}"))
            if kl < NOTHING_SAID:
                said += self.collapsed(row["update"])
        return " ".join(said)

    def collapsed(self, updates: int) -> list[str]:
        """What may be behind a KL of nothing."""
        if updates < FEW_UPDATES:
            return [WORDS["nothing yet"].format(updates=updates)]
        advice = "collapsed heavy" if self.s.beta > 1 else "collapsed light"
        return [WORDS["collapsed"].replace("**", ""), WORDS[advice].format(beta=f"{self.s.beta:g}")]

    def beta_after(self, row: dict) -> float:
        """The KL's weight at that update: on the way up while it warms up."""
        warm = self.s.warmup * self.steps / self.s.epochs
        return round(self.s.beta * min(1.0, row["update"] / warm), 2) if warm else self.s.beta

    def numbers(self, row: dict, end: dict | None) -> dict[str, Quantity]:
        """What the run leaves in the ledger, nats per picture; a share with its 95% interval."""
        found = {name: Quantity.exact(row[name], "nats") for name in ("loss", "reconstruction", "kl")}
        found["kl_share"] = Quantity.exact(row["kl"] / max(1e-9, row["kl"] + row["reconstruction"]))
        if row["epoch_loss"] is not None:
            found["epoch_loss"] = Quantity.exact(row["epoch_loss"], "nats")
        if end:
            found["held_out_negative_elbo"] = Quantity.exact(end["reconstruction"] + sum(end["kl"]), "nats")
            found["held_out_kl"] = Quantity.exact(sum(end["kl"]), "nats")
            last = end["bounds"][-1]
            found["bound"] = Quantity(last["mean"] - 1.96 * last["error"], last["mean"], last["mean"] + 1.96 * last["error"], "nats")
            if end["recognised"] is not None:
                found["recognised_share"] = Quantity(*wilson(end["recognised"], JUDGED))
            found |= {f"r2_{factor['name']}": Quantity.exact(factor["r2"]) for factor in end["factors"]}
        return found


def nat(value: float, digits: int = 1) -> str:
    """Nats as one reads them: −111.1."""
    return minus(f"{value:.{digits}f}")


def lecture_table() -> dict:
    """The lecture's losses beside what was measured here with the same settings: means over seeds, and their range."""
    try:
        measured = measuring.read("digits")["figures"]
    except FileNotFoundError:
        measured = {}
    runs = {way: [f["loss"] for name, f in measured.items() if name.startswith(f"lecture_vae_{way}_seed_")] for way in ("fp32", "bf16")}

    def cell(way: str, epoch: int) -> str:
        losses = [run[epoch] for run in runs[way]]
        return f"{sum(losses) / len(losses):.2f} ({min(losses):.2f} to {max(losses):.2f})" if losses else "–"

    rows = [[str(k + 1), f"{loss:.3f}", cell("fp32", k), cell("bf16", k)] for k, loss in enumerate(LECTURE)]
    return {"title": WORDS["table title"], "head": WORDS["table head"].split(" | "), "rows": rows, "note": WORDS["table note"]}


def verdict(shown: dict[str, Quantity]) -> str:
    """Which guess came true: the KL's share of reconstruction and KL, over the last updates."""
    share = shown["kl_share"].value
    return CHOICES[0] if share > 0.5 else CHOICES[1] if share >= 0.25 else CHOICES[2] if share >= NOTHING else CHOICES[3]


def notebook(**controls):
    from genai_core.latents.export import notebook as exported

    return exported(Settings(**controls))


def sources() -> tuple:
    """What ran, for "Under the hood"."""
    from genai_core import elbo
    from genai_core.latents import codes, experiment
    from genai_core.models.digit_vae import DigitVAE

    return DigitVAE, elbo.kl, elbo.drawn, elbo.freed, elbo.importance_weighted, codes.spherical, codes.predicted, experiment.run


def warm() -> None:
    """The held-out digits, behind the first page: drawing them takes a second."""
    from genai_core.latents.experiment import held_out

    held_out(D.data)


LAB = Lab(controls=CONTROLS, run=run, more=("warmup", "free_bits", "pictures", "rate"), predict=Predict(CHOICES, verdict), sources=sources,
          replay=replay, notebook=notebook, unit="update", warm=warm,
          pictures={"film": figures.strip_view, "curves": figures.curves_view, "bound": figures.curves_view, "latents": latents_view},
          examples=tuple({k: v for k, v in case.items() if k != "seed"} for case in CASES.values()),
          example_names=tuple(WORDS[f"name {name}"] for name in CASES))
TAB = lab_tab("Learn", 30, "Variational autoencoder", LAB)
