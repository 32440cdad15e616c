"""The frame's own small pieces of screen: a template and a script in assets/ui, filled with plain data."""

from pathlib import Path

import gradio as gr

UI = Path(__file__).resolve().parent.parent / "assets" / "ui"
RAW = {"file"}  # what a script takes from the value itself, and no template shows


def screen(name: str, value, elem_id: str, render: bool = True) -> gr.HTML:
    """assets/ui/<name>.html, whose {{...}} escape what they show, and <name>.js where there is one."""
    script = UI / f"{name}.js"
    shown = gr.HTML(html_template=(UI / f"{name}.html").read_text(encoding="utf-8"),
                    js_on_load=script.read_text(encoding="utf-8") if script.is_file() else None, elem_id=elem_id,
                    elem_classes=["gl-screen"], apply_default_css=False, render=render)
    shown.postprocess = spelled
    shown.value = spelled(value)
    return shown


def spelled(value):
    """The value with every text written so that a template shows it as it is.

    Gradio runs what {{...}} gave as a JavaScript template string: in a visitor's text, ${...} would be code.
    """
    if isinstance(value, str):
        return value.replace("\\", "\\\\").replace("${", "\\${")
    if isinstance(value, dict):
        return {key: part if key in RAW else spelled(part) for key, part in value.items()}
    return [spelled(part) for part in value] if isinstance(value, list | tuple) else value
