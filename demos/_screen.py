"""The frame's own small pieces of screen: a template and a script in assets/ui, filled with plain data."""

from pathlib import Path

import gradio as gr

UI = Path(__file__).resolve().parent.parent / "assets" / "ui"


def screen(name: str, value, elem_id: str) -> gr.HTML:
    """assets/ui/<name>.html, whose {{...}} escape what they show, and <name>.js where there is one."""
    script = UI / f"{name}.js"
    return gr.HTML(value, html_template=(UI / f"{name}.html").read_text(encoding="utf-8"),
                   js_on_load=script.read_text(encoding="utf-8") if script.is_file() else None, elem_id=elem_id,
                   elem_classes=["gl-screen"], apply_default_css=False)
