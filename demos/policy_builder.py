"""Build a policy for the use of AI by task, checked against itself while it is written, and take it home as a file."""

import json

import gradio as gr

from demos import Tab
from demos._policy_desk import FUNCTIONS, KEY
from demos._session import Quantity, Result
from demos._words import words

LOADED = '<div class="pb"><p class="pb-quiet">The builder is being loaded.</p></div>'
MOST_SHOWN = 20   # runs offered for citing, the latest first


def build(place) -> None:
    """One component for the whole desk: a field each would make the page heavy. Its value only brings the visit's runs."""
    text = words(KEY)
    gr.Markdown(f"## {text['question']}\n\n{text['idea']}", elem_classes=["gl-question"])
    desk = gr.HTML("", html_template=LOADED, elem_id="policy-desk", elem_classes=["gl-screen"], apply_default_css=False,
                   js_on_load="genlens.policyDesk(element, props, server, () => trigger('ledger'), watch);",
                   server_functions=list(FUNCTIONS))

    def ledger(visit):
        """What this visit has run, for a policy to cite."""
        return json.dumps({"seen": seen(place, visit)})

    desk.ledger(ledger, [place.house.visit], desk, queue=False, show_progress="hidden", api_name=False)


def seen(place, visit) -> list[dict]:
    """The visit's runs, latest first: [{title, text, link}]."""
    found = place.house.store.get(visit)
    titles = {key: other.tab.label for key, other in place.house.places.items()}
    return [{"title": titles.get(result.tab, result.tab), "text": sentence(titles.get(result.tab, result.tab), result),
             "link": result.link} for result in reversed(found.results() if found else [])][:MOST_SHOWN]


def sentence(title: str, result: Result) -> str:
    """One run in a sentence: "in “In the plane” (live run, seed 4): vae distance 0.02, clumps 7." """
    numbers = ", ".join(f"{name.replace('_', ' ')} {quantity_text(number)}" for name, number in list(result.numbers.items())[:4])
    seed = f", seed {result.seed}" if result.seed is not None else ""
    return f"in “{title}” ({result.badge} run{seed}): {numbers or 'a run'}."


def quantity_text(number: Quantity) -> str:
    unit = f" {number.unit}" if number.unit else ""
    spread = f" ({number.low:.3g} to {number.high:.3g})" if number.low != number.high else ""
    return f"{number.value:.3g}{unit}{spread}"


TAB = Tab("Decide", 10, "Policy builder", build)
