"""What the models of some generations draw, as plain JSON: densities, bars, texts, digits. Recorded and shown alike."""

import base64
import math
import string

import numpy as np

from genai_core.collapse.experiment import POINT_DATA, Frame, Settings, plan_of

AT = (0, 5, 10, 20, 50, 100, 200, 500)  # the generations of the classic picture, and further
CHAINS = 5         # runs whose densities are drawn
RANKS = 60         # words that are drawn
LETTERS = 220      # of each generation's text
MARKS = string.punctuation + "„“”’«»…"  # around a word, and no part of it
CLOUD = 400        # points of a cloud in the plane
FAMILY = 150       # points whose first ancestors are shown
CODES = 6          # real digits whose codes, read by generation 0, every generation draws
GRID = np.linspace(-4, 4, 121)
WIDE = np.linspace(-8, 8, 161)  # for mixtures


def places(generations: int) -> list[int]:
    """The generations that are shown, the last among them."""
    return sorted({g for g in AT if g < generations} | {generations})


def density(points: np.ndarray, h: np.ndarray, x: np.ndarray = GRID) -> np.ndarray:
    """Mean of normal densities of width h (S,) at the points (S, n), over x.  -> (S, len(x))"""
    gap = (x[None, :, None] - points[:, None, :]) / h[:, None, None]
    return np.exp(-gap**2 / 2).mean(2) / (h[:, None] * np.sqrt(2 * np.pi))


def mixed(weights: np.ndarray, means: np.ndarray, variances: np.ndarray, x: np.ndarray = GRID) -> np.ndarray:
    """Density of the mixture of normals, each argument (K,), over x."""
    s = np.sqrt(np.maximum(variances, 1e-8))
    return (weights * np.exp(-((x[:, None] - means) / s) ** 2 / 2) / (s * np.sqrt(2 * np.pi))).sum(1)


def _rounded(values, digits: int = 4) -> list:
    return np.round(np.asarray(values, float), digits).tolist()


class Gallery:
    """Collects the pictures of one run, one generation after the other. kind: "ridges", "clouds", "bars", "texts" or "digits"."""

    def __init__(self, settings: Settings):
        self.settings, self.plan = settings, plan_of(settings)
        self.at = places(self.plan.generations)
        ridges = dict.fromkeys(("gaussian", "kde", "mixture", "regression"), "ridges")
        clouds = dict.fromkeys(("gaussian-d", *POINT_DATA), "clouds")
        self.kind = {**ridges, **clouds, "words": "bars", "letters": "texts"}.get(settings.model, "digits")
        self.rows: list[dict] = []
        self._axes = self._codes = self._written = self._ranks = None

    def truth(self) -> dict:
        """What the rows are drawn over."""
        if self.settings.model == "mixture":
            from genai_core.collapse.mixture import truth

            means = truth(self.plan.options["components"], 4.0, 1)[:, 0]
            p = mixed(np.full(len(means), 1 / len(means)), means, np.ones(len(means)), WIDE)
            return {"x": [float(WIDE[0]), float(WIDE[-1])], "truth": _rounded(p)}
        if self.kind == "ridges":
            return {"x": [float(GRID[0]), float(GRID[-1])], "truth": _rounded(np.exp(-GRID**2 / 2) / np.sqrt(2 * np.pi))}
        if self.kind == "clouds":
            if self.settings.model in POINT_DATA:
                from genai_core.collapse.denoiser import truth_points

                return {"truth": _rounded(truth_points(POINT_DATA[self.settings.model])[:CLOUD], 3), "reach": 1.7}
            return {"truth": _rounded(self._noise, 3), "reach": 3.5}
        if self.kind == "bars":
            from genai_core.collapse.categorical import truth

            p = truth(self.settings.categories, self.settings.zipf)
            return {"truth": _rounded(p[:RANKS], 6), "words": len(p)}
        return {"side": math.isqrt(self._pixels)} if self.kind == "digits" else {}

    @property
    def _noise(self) -> np.ndarray:
        """Always the same points of N(0, I) in the plane."""
        return np.random.default_rng(0).standard_normal((CLOUD, 2))

    @property
    def _pixels(self) -> int:
        return 64 if self.settings.model in ("digits", "vae") else 784

    def add(self, frame: Frame) -> None:
        """Looks at every generation, keeps those that are shown."""
        if self.settings.model == "digits":
            mean, w = frame.generation.state
            self._axes = self._turned(w[0])
        if frame.index in self.at:
            self.rows.append({"generation": frame.index, **getattr(self, f"_{self.kind}")(frame)})

    def _turned(self, w):
        from genai_core.collapse.digits import aligned

        return w if self._axes is None else aligned(w, self._axes)

    def _ridges(self, frame: Frame) -> dict:
        if self.settings.model == "gaussian":
            m, v = (part.reshape(len(part), -1)[:CHAINS, 0] for part in frame.generation.state)
            s = np.sqrt(np.maximum(v, 1e-8))  # a point mass is drawn as a thin line
            curves = np.exp(-((GRID - m[:, None]) / s[:, None]) ** 2 / 2) / (s[:, None] * np.sqrt(2 * np.pi))
            return {"curves": _rounded(curves), "peaks": _rounded(m), "widths": _rounded(s)}
        if self.settings.model == "mixture":
            return {"curves": _rounded([mixed(w, m[:, 0], v[:, 0, 0], WIDE) for w, m, v in frame.generation.state[:CHAINS]])}
        if self.settings.model == "regression":  # labels x w + noise for new x ~ N(0, I): N(0, 1 + |w|^2)
            v = 1 + frame.generation.statistics["excess"][:CHAINS]
            return {"curves": _rounded([mixed(np.ones(1), np.zeros(1), np.array([each])) for each in v])}
        from genai_core.collapse.kde import families

        points = frame.generation.state[:CHAINS, :, 0]
        n = points.shape[1]
        scott = n**-0.2 * points.std(1, ddof=1)
        h = np.full(len(points), self.settings.width) if self.settings.bandwidth == "constant" else scott
        return {"curves": _rounded(density(points, np.maximum(h, 1e-3))), "left": int(families(frame.generation.state[:1])[0]),
                "family": self._families(frame.generation.state[0])}

    def _clouds(self, frame: Frame) -> dict:
        if self.settings.model in POINT_DATA:
            told = {"modes": int(frame.generation.statistics["modes"][0])} if "modes" in frame.generation.statistics else {}
            return {"points": _rounded(frame.generation.state[0].shown[:CLOUD], 3), **told}
        from genai_core.collapse.gaussian import root

        mean, variance = (part[0] for part in frame.generation.state)
        return {"points": _rounded(mean[:2] + self._noise @ root(variance[None, :2, :2])[0].T, 3)}

    def _families(self, points) -> list:
        """[place, rank] of up to FAMILY points of the first run; rank 0 to 1: where among the first generation its ancestor stood."""
        if self._ranks is None:
            order = np.argsort(points[:, 0])
            self._ranks = dict(zip(points[order, 1].astype(int).tolist(), np.linspace(0, 1, len(points)).tolist(), strict=True))
        some = points[::max(1, len(points) // FAMILY)]
        return [[round(float(x), 3), round(self._ranks.get(int(family), -1.0), 3)] for x, family in some]

    def _bars(self, frame: Frame) -> dict:
        p = frame.generation.state[0]
        return {"p": _rounded(p[:RANKS], 6), "left": int((p > 0).sum())}

    def _texts(self, frame: Frame) -> dict:
        from genai_core.collapse.ngram import read

        ids, alphabet = frame.generation.state
        text = read(ids[0], alphabet)
        words = list(dict.fromkeys(filter(None, (word.strip(MARKS) for word in text.split()))))
        if self._written is None:
            self._written = words
        gone = [word for word in self._written if word not in set(words)]
        return {"text": text[:LETTERS].strip(), "left": len(self._written) - len(gone), "of": len(self._written), "gone": gone[:40]}

    def _digits(self, frame: Frame) -> dict:
        if self.settings.model != "digits":
            classes = frame.generation.statistics["classes"].mean(0)
            return {"pixels": [base64.b64encode(picture.tobytes()).decode() for picture in frame.generation.state[0].shown],
                    "classes": _rounded(classes, 3)}
        from genai_core.collapse import digits

        mean = frame.generation.state[0][0]
        if self._codes is None:
            self._codes = digits.codes(CODES, mean, self._axes, self.plan.options["noise"])
        return {"pixels": np.rint(255 * digits.pictures(mean, self._axes, self._codes)).astype(int).tolist()}
