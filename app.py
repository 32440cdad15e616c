"""GenLens. `python app.py` serves the page; GRADIO_SERVER_PORT and GRADIO_SERVER_NAME say where."""

import os

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")               # no telemetry, no version check
os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", "1000000000")  # Gradio's own statistics grow dear with use
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

from pathlib import Path

import gradio as gr
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from demos import find_tabs
from demos._page import page

THEME = gr.themes.Default(primary_hue="blue", neutral_hue="slate", font=["system-ui", "sans-serif"],
                          font_mono=["ui-monospace", "monospace"]).set(
    body_text_color_subdued="#475569", body_text_color_subdued_dark="#cbd5e1", block_info_text_color="#475569",
    block_info_text_color_dark="#cbd5e1", input_placeholder_color="#64748b", button_primary_background_fill="#1d4ed8",
    button_primary_background_fill_dark="#1d4ed8", button_primary_background_fill_hover="#1e40af")

LAUNCH = dict(theme=THEME, css_paths=[Path(__file__).parent / "assets" / "style.css"], ssr_mode=False, run_history=False,
              footer_links=[], show_error=False, max_file_size="5mb", state_session_capacity=300, max_threads=128,
              app_kwargs={"middleware": [Middleware(GZipMiddleware, minimum_size=1000)]})


def build() -> gr.Blocks:
    """Every tab on one page, with the queue set; the heavy libraries warm up behind it."""
    blocks = page(find_tabs())
    blocks.queue(max_size=128, api_open=False, default_concurrency_limit=8)
    blocks.house.start_warming()
    return blocks


if __name__ == "__main__":
    build().launch(**LAUNCH)
