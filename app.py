"""GenLens. `python app.py` serves the page; GRADIO_SERVER_PORT and GRADIO_SERVER_NAME say where."""

import os

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")               # no telemetry, no version check
os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", "1000000000")  # Gradio's own statistics grow dear with use
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # also in threads that touched torch before the first run: other sums, other last bits

from functools import partial
from pathlib import Path

import gradio as gr
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from demos import _static, _style, find_tabs, light_pages
from demos._page import page
from demos._theme import theme

ASSETS = Path(__file__).parent / "assets"
LAUNCH = dict(theme=theme(), head=_static.head(), ssr_mode=False,
              favicon_path=ASSETS / "favicon.svg", run_history=False, footer_links=[], show_error=False,
              max_file_size="5mb", state_session_capacity=300,
              max_threads=128,  # more than the line for heavy work can hold, so that light work always has a thread
              app_kwargs={"middleware": [Middleware(GZipMiddleware, minimum_size=1000)],
                          "routes": [_style.route(), _static.route(), *light_pages(find_tabs())]})


def build(say=None) -> gr.Blocks:
    """Every tab on one page, with the queue set; the heavy libraries warm up behind it, and say(sentence) tells when they have."""
    blocks = page(find_tabs())
    blocks.queue(max_size=128, api_open=False, default_concurrency_limit=8)
    blocks.house.start_warming(say)
    return blocks


if __name__ == "__main__":
    build(partial(print, flush=True)).launch(**LAUNCH)
