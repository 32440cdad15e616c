"""How fast models that learn from models are run: every regime with sufficient statistics, a map, and a plain loop beside them; and how
long a visitor of the lab waits for networks that learn from one another, in Chromium: for the first picture, and for all generations.

`make bench ARGS=collapse` does all of it, on a machine that does nothing else; `PYTHONPATH=. python tests/collapse_times.py` only the
lab's part, in about two minutes. Processor seconds of the server stand beside the seconds: they hold on a busy machine too, nearly.
"""

import json
import statistics
import tempfile
import time
from pathlib import Path

import find_chromium
import numpy as np
import serving
from playwright.sync_api import sync_playwright

from genai_core.collapse import engines, phase
from genai_core.collapse.experiment import Settings, predicted_seconds
from genai_core.collapse.gaussian import BY_POINTS
from genai_core.collapse.plan import REGIMES, Plan
from genai_core.collapse.scenarios import SCENARIOS

SEEDS, GENERATIONS, N, ROUNDS = 1000, 100, 100, 5
WAITED = ("digits_mean", "digits_sample", "denoiser_replace", "denoiser_accumulate")
FIRST_S, ALL_S = 5.0, 60.0  # what the first picture and 20 generations may take on a quiet machine of two cores
PATIENCE_MS = 180_000


def took(work) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def plan(regime: str) -> Plan:
    return Plan(regime, N, 0.1 if REGIMES[regime].real else 0.0, generations=GENERATIONS, seeds=SEEDS)


def ours(regime: str = "replace") -> None:
    for _ in engines.generations("gaussian", plan(regime)):
        pass


def plain_loop() -> None:
    """The same experiment as one writes it first: for each seed, for each generation, draw the points and fit them."""
    for seed in range(SEEDS):
        rng = np.random.default_rng(seed)
        x = rng.standard_normal(N)
        for _ in range(GENERATIONS):
            x = rng.normal(np.mean(x), np.std(x), N)


def map_of_thirty() -> None:
    cells = list(phase.cells(Settings(regime="fresh", generations=GENERATIONS, seeds=200)))
    assert len(cells) == 30, len(cells)


def link(name: str) -> str:
    """The lab at a scenario, as its own links say it."""
    from demos import collapse as tab

    changed = {key: value for key, value in tab.example(SCENARIOS[name]).items() if value != tab.CONTROLS[key].default}
    return "?tab=collapse&" + "&".join(f"{key}={tab.CONTROLS[key].write(value)}" for key, value in changed.items())


def waited(page, app, name: str) -> dict:
    """One run in the page, from the click on Run: seconds and processor seconds until the first generation is drawn, and until the end."""
    page.goto(app.url + link(name))
    app.until_warm()
    page.get_by_text("Has it collapsed?").first.wait_for(timeout=PATIENCE_MS)  # the recorded run is shown
    run = page.locator("#collapse-run")
    run.click(trial=True)
    begun, cpu = time.monotonic(), serving.cpu_seconds(app.pid)
    run.click()
    drawn = "() => /generations 0(, over|$)/.test(document.querySelector('#collapse-draws canvas').getAttribute('aria-label'))"
    page.wait_for_function(drawn, timeout=PATIENCE_MS)
    first = time.monotonic() - begun, serving.cpu_seconds(app.pid) - cpu
    ended = "() => /Finished|limit|stopped/i.test(document.querySelector('#collapse-line').innerText)"
    page.wait_for_function(ended, timeout=PATIENCE_MS)
    whole, said = time.monotonic() - begun, page.locator("#collapse-line").inner_text()
    return {"first_picture_s": round(first[0], 2), "first_picture_cpu_s": round(first[1], 2), "all_s": round(whole, 2),
            "all_cpu_s": round(serving.cpu_seconds(app.pid) - cpu, 2), "predicted_s": round(predicted_seconds(SCENARIOS[name]), 1),
            "generations": SCENARIOS[name].generations, "said": said,
            "within": first[0] <= FIRST_S and whole <= ALL_S and "Finished" in said}


def lab() -> dict:
    """The live networks in the lab itself, one after the other, each in a page of its own."""
    with tempfile.TemporaryDirectory() as folder, serving.served(Path(folder)) as app, sync_playwright() as playwright:
        browser, told = find_chromium.launch(playwright), {}
        for name in WAITED:
            page = browser.new_page()
            told[name] = waited(page, app, name)
            page.close()
        browser.close()
    return told


def measure() -> dict:
    """Seconds of each regime (the middle of five), of the map, and how many times as long the plain loop took, paired."""
    ours()  # imports
    regimes = {name: statistics.median(took(lambda name=name: ours(name)) for _ in range(ROUNDS))
               for name in REGIMES if name not in BY_POINTS}
    ratios = [took(plain_loop) / took(ours) for _ in range(3)]
    return {"regime_s": regimes, "map_of_30_cells_s": statistics.median(took(map_of_thirty) for _ in range(3)),
            "plain_loop_times_ours": ratios, "lab": lab()}


if __name__ == "__main__":
    print(json.dumps(lab(), indent=1))
