"""`make bench`: how soon the page comes, how it holds a class of eight, and how fast it draws, as one JSON object. Nothing
else should run meanwhile. `make bench ARGS=drawing` times the drawing alone, `ARGS=training` the lecture's VAE against its
own loop (needs MNIST in GENLENS_DATA), `ARGS=collapse` the models that learn from models, `ARGS=gan` the game in
the plane, and the slide's GAN on digits against its own loop (needs MNIST too)."""

import json
import statistics
import sys
import tempfile
from pathlib import Path

import collapse_times
import drawing_times
import find_chromium
import gan_digit_times
import gan_times
import serving
import test_crowd
import test_startup
import training_times
from playwright.sync_api import sync_playwright
from visitors import Visitor


def page(notes: Path) -> dict:
    ratios = list(test_startup.start_up_ratios(notes / "start"))
    with sync_playwright() as playwright:
        browser = find_chromium.launch(playwright)
        usable = [test_startup.usable_after_s(notes / f"usable-{n}", browser) for n in range(3)]
        browser.close()
    (notes / "crowd").mkdir()
    with serving.served(notes / "crowd") as app:
        size = len(serving.get(app.url, **{"Accept-Encoding": "gzip"}))
        visitors = [Visitor(app.url) for _ in range(test_crowd.CLASS)]
        for visitor in visitors:
            visitor.arrive()
        app.until_warm()
        took, drawn = test_crowd.light_seconds(visitors)
    return {"start_up_times_an_empty_app": ratios, "usable_s": usable, "page_compressed_bytes": size,
            "class_of": test_crowd.CLASS, "light_p50_s": statistics.median(took), "light_p95_s": test_crowd.p95(took),
            "pictures_shown_meanwhile": drawn}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        parts = {"drawing": drawing_times.measure, "training": training_times.measure,
                 "collapse": collapse_times.measure,
                 "gan": lambda: {"plane": gan_times.measure(), "digits": gan_digit_times.measure()}}  # first: nothing else is loaded yet
        told = {name: measured() for name, measured in parts.items() if sys.argv[1:] in ([], [name])}
        if not sys.argv[1:]:
            told |= page(Path(folder))
        json.dump(told, sys.stdout, indent=1)
        print()
