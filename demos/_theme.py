"""The colours of Gradio's own widgets, chosen so that text keeps a contrast of 4.5 to 1 in light and dark.

The colours of our own pieces are in assets/style.css; paper, card and rule are the same in both. The style travels with the
theme: it is the one file that Gradio's page waits for, so that nothing is shown undressed.
"""

import gradio as gr

from demos._style import style

PAPER, CARD, RULE = ("#f6f5f1", "#0f141c"), ("#ffffff", "#171e29"), ("#dbd8cf", "#2d3847")
INK, SOFT, BLUE = ("#16202e", "#e8ecf3"), ("#475569", "#b4c0d0"), "#1d4ed8"


class Textbook(gr.themes.Default):
    """A theme whose file ends in the page's own style."""

    def _get_theme_css(self) -> str:
        return f"{super()._get_theme_css()}\n{style()}"


def theme() -> gr.themes.Base:
    """System fonts only: no font file, nothing from outside."""
    base = Textbook(primary_hue="blue", neutral_hue="slate", radius_size="md", font=["system-ui", "sans-serif"],
                             font_mono=["ui-monospace", "monospace"])
    light_and_dark = {
        "body_background_fill": PAPER, "background_fill_primary": CARD, "background_fill_secondary": PAPER,
        "block_background_fill": CARD, "border_color_primary": RULE, "block_border_color": RULE,
        "body_text_color": INK, "body_text_color_subdued": SOFT, "block_info_text_color": SOFT,
        "block_label_text_color": INK, "block_title_text_color": INK, "block_label_background_fill": CARD,
        "input_background_fill": CARD, "input_border_color": RULE, "input_placeholder_color": ("#64748b", "#9aa8ba"),
        "checkbox_label_background_fill": CARD, "checkbox_label_border_color": RULE,
        "checkbox_label_background_fill_selected": ("#e3eafb", "#22345c"),
        "button_primary_background_fill": (BLUE, BLUE), "button_primary_background_fill_hover": ("#1e40af", "#2f5fe0"),
        "button_primary_text_color": ("#ffffff", "#ffffff"),
        "button_secondary_background_fill": CARD, "button_secondary_background_fill_hover": ("#eef2fb", "#1b2740"),
        "button_secondary_border_color": RULE, "button_secondary_text_color": INK,
        "slider_color": (BLUE, "#6f97f5"), "accordion_text_color": INK,
    }
    both = {name: light for name, (light, _) in light_and_dark.items()}
    both |= {f"{name}_dark": dark for name, (_, dark) in light_and_dark.items()}
    return base.set(**both, button_border_width="1px", block_title_text_weight="600", block_shadow="none",
                    button_large_radius="8px", shadow_drop="none")
