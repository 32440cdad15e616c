"""Take the README's picture of the app: `make screenshot` writes assets/screenshot.png."""

import argparse
import tempfile
from pathlib import Path

import find_chromium
import serving
from playwright.sync_api import sync_playwright

DRAWN = "[...document.querySelectorAll('[role=img] img, canvas')].some(e => e.offsetParent)"  # the run that it opens on
OUT = serving.ROOT / "assets" / "screenshot.png"


def take(out: Path, link: str = "", width: int = 1280, height: int = 860) -> None:
    """The page behind the link (a query such as "?tab=plane"), settled: what it opens on has been drawn."""
    with tempfile.TemporaryDirectory() as notes, serving.served(Path(notes)) as app, sync_playwright() as playwright:
        browser = find_chromium.launch(playwright)
        page = browser.new_page(viewport={"width": width, "height": height})
        page.goto(app.url + link, wait_until="load")
        page.get_by_role("button", name="Run", exact=True).locator("visible=true").first.wait_for()
        page.wait_for_function(DRAWN)
        if not link:  # the first tab draws pictures; its empty curves are there sooner
            page.locator("[id$=-picture] img").locator("visible=true").first.wait_for()
        page.evaluate("document.fonts.ready")
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        page.screenshot(path=str(out))
        browser.close()


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--out", type=Path, default=OUT)
    options.add_argument("--link", default="", help='a query such as "?tab=plane"')
    given = options.parse_args()
    take(given.out, given.link)
    print(given.out)
