"""What browser and server tests share: the real app, a client, a browser that can reach only this machine.

The whole test process is offline: any look-up or connection beyond the loopback is refused and remembered, so a
test that uses the server (same process) also proves that the server asked nobody.
"""

import os

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

import sys
import tempfile
from pathlib import Path

if "GENLENS_ROOMS" not in os.environ or "PYTEST_XDIST_WORKER" in os.environ:  # not among the rooms of a real class, nor of
    os.environ["GENLENS_ROOMS"] = tempfile.mkdtemp(prefix="genlens-rooms-")   # another worker
os.environ.pop("DATABASE_URL", None)

sys.path.insert(0, str(Path(__file__).parent / "offline"))

import find_chromium
import guard
import pytest

guard.stand()


def pytest_ignore_collect(collection_path, config):
    """The run for tests that must be alone imports no file without one."""
    if config.option.markexpr == "alone" and collection_path.suffix == ".py":
        return "mark.alone" not in collection_path.read_text(encoding="utf-8") or None


@pytest.fixture(scope="module")
def one_thread():
    """What is compared to the last bit runs on one thread, as in the app."""
    import torch

    from genai_core import runtime

    before = torch.get_num_threads()
    runtime.set_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(autouse=True)
def nobody_called_outside():
    """No test, and no server in this process, may try to reach another machine."""
    before = len(guard.REFUSED)
    yield
    assert guard.REFUSED[before:] == []


@pytest.fixture(scope="session")
def server():
    """The real app on a free port of this machine, in this process; `server.local_url` is its address."""
    import app

    demo = app.build()
    demo.launch(prevent_thread_lock=True, quiet=True, server_name="127.0.0.1", **app.LAUNCH)
    yield demo
    demo.close(verbose=False)


@pytest.fixture(scope="session")
def client(server):
    from gradio_client import Client

    return Client(server.local_url, verbose=False, ssl_verify=False)


@pytest.fixture(scope="session")
def browser():
    """A Chromium; without one, tests that need it are skipped, or fail where REQUIRE_BROWSER is set."""
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        try:
            chromium = find_chromium.launch(playwright)
        except RuntimeError as error:
            if os.environ.get("REQUIRE_BROWSER"):
                raise
            pytest.skip(str(error))
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def windows(browser):
    from windows import Windows  # needs Playwright

    return Windows(browser)


@pytest.fixture
def new_page(server, windows):
    """new_page(path="/", width=1440, height=900, dark=False) -> an open page in a context (a visitor) of its own.

    At the end fails on any page error, console error, and request beyond this machine.
    """
    pages, errors, outside = [], [], []
    origin = server.local_url.rstrip("/")

    def watch(request):
        if not request.url.startswith((origin, "data:", "blob:", "about:")):
            outside.append(request.url)

    def note(message):
        if message.type == "error":
            errors.append(message.text)

    def note_error(error):
        errors.append(str(error))

    heard = {"pageerror": note_error, "console": note, "request": watch}

    def open_page(path="/", width=1440, height=900, dark=False, **context_settings):
        page = windows.opened(origin, width, height, dark, **context_settings)
        pages.append((page, not context_settings))
        for event, hear in heard.items():
            page.on(event, hear)
        page.goto(origin + path)
        page.wait_for_selector("gradio-app .block, gradio-app button")
        return page

    yield open_page
    for page, again in pages:
        for event, hear in heard.items():  # a stream that is cut off by leaving says so: that is no flaw
            page.remove_listener(event, hear)
        windows.left(page, again)
    assert not errors, errors
    assert not outside, outside


@pytest.fixture
def page(new_page):
    """The app's first page at 1440 x 900, light."""
    return new_page()
