"""Settings that papers are known for, by name. What each paper reports stands in the lab's words."""

from genai_core.collapse import mnist_run
from genai_core.collapse.experiment import FAMILIES, Settings

DIGITS = ({  # where the recorded run is there
    f"mnist_{decoding}": Settings(model="vae-mnist", generations=generations, decoding=decoding)
    for decoding, generations in mnist_run.GENERATIONS.items()
} if "vae-mnist" in FAMILIES else {}) | {
    "digits_mean": Settings(model="vae", n=1437, generations=20, population=True, latent=5),
    "digits_sample": Settings(model="vae", n=1437, generations=20, population=True, latent=5, decoding="sample"),
    "nature": Settings(model="digits", n=1000, generations=20),
    "nature_sample": Settings(model="digits", n=1000, generations=20, decoding="sample"),
}
POINTS = {
    "denoiser_replace": Settings(model="denoiser", n=200, generations=20),
    "denoiser_accumulate": Settings(model="denoiser", regime="accumulate", n=200, generations=20),
    "denoiser_fresh": Settings(model="denoiser", regime="fresh", n=200, real=0.5, generations=20),
}
GAUSSIAN = {
    "shumailov": Settings(estimator="unbiased", generations=100, seeds=1000),
    "shumailov_distance": Settings(estimator="unbiased", generations=10, counts="distance", seeds=1000),
    "alemohammad_fresh": Settings(regime="fresh"),
    "alemohammad_fixed": Settings(regime="fixed"),
    "alemohammad_bias": Settings(regime="fresh", real=0.2, bias=0.8),
    "gerstgrasser": Settings(regime="accumulate", n=10, generations=100),
    "kazdan": Settings(regime="accumulate-subsample", n=10, generations=100),
    "rescue": Settings(regime="fresh", n=20, real=0.25, since=25),
    "kazdan_d": Settings(model="gaussian-d", n=50),
    "xu": Settings(regime="grow", n=10, generations=100),
    "he": Settings(regime="weighted", real=0.5, counts="drift"),
    "ferbach": Settings(regime="filter", judge=1.0, counts="drift"),
}
OTHERS = {
    "shumailov_mixture": Settings(model="mixture"),
    "gerstgrasser_line": Settings(model="regression", n=50, generations=20),
    "suresh": Settings(model="words", generations=100, counts="variety"),
    "dohmatob_cut": Settings(model="words", n=1000, categories=1000, zipf=1.5, top_p=0.9, counts="tail", generations=20),
    "dohmatob": Settings(model="words", n=1000, categories=1000, zipf=1.5, counts="tail"),
    "zebras": Settings(model="letters", n=500, generations=20),
    "borji": Settings(model="kde", generations=30),
}
SCENARIOS: dict[str, Settings] = DIGITS | POINTS | GAUSSIAN | OTHERS
