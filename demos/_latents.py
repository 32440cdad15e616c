"""The bench of a VAE as a figure: `latents_json` makes the string that assets/js/latents.js works with."""

import gradio as gr

from demos._figures import _dump, figure_view

MODES = ("map", "digit", "walk", "sums", "factors", "slides")
SAID = ("resample", "given", "mean", "drawn", "sheet", "nothing", "from", "to", "straight", "arc", "walked", "base", "push", "all",
        "single", "ellipse", "modes", "says", "right")
NOTES = ("map", "digit", "sums", "factors")
OTHERS = ("others zero", "others kept")


def latents_view(elem_id: str, value: str = "") -> gr.HTML:
    return figure_view("latents", elem_id, value)


def latents_json(end: dict, words, table: dict, title: str) -> str:
    """end: as genai_core.latents.recording.told. table: {title, head, rows, note}. title: what a held-out picture is called, with
    {label} in it."""
    order = sorted(range(len(end["kl"])), key=lambda k: -end["kl"][k])
    said = {name: words[name] for name in SAID} | {name: words[f"say {name}"] for name in NOTES}
    said |= {name.replace(" ", "_"): words[name] for name in OTHERS}
    slides = [dict(zip(("title", "says", "right"), line.removeprefix("- ").split(" | "), strict=True))
              for line in words["slides"].splitlines()]
    return _dump({"label": words["bench label"], "model": end["model"], "codes": end["codes"], "labels": end["labels"], "kl": end["kl"],
                  "order": order, "factors": end["factors"], "digits": end["digits"],
                  "titles": [title.format(label=label) for label in end["digit_labels"]], "words": said,
                  "modes": {name: words[f"mode {name}"] for name in MODES}, "slides": slides, "table": table})
