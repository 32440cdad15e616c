"""Settings as a link: `/?tab=<module>&<control>=<value>`. Names are kept for ever, so an old link goes on working."""

from urllib.parse import parse_qsl, urlencode

from demos._controls import echo
from genai_core.errors import BadInput

OURS = {"tab"}
MOST_PAIRS = 60  # a longer query is nonsense, and is not worth reading


def write(tab: str, controls: dict, values: dict) -> str:
    """The query that restores these values, "?tab=plane&steps=800". Only what differs from nothing is left out: nothing."""
    return "?" + urlencode([("tab", tab), *((name, control.write(values[name])) for name, control in controls.items())])


def read(query: str, labs: dict[str, dict]) -> tuple[str | None, dict, list[str]]:
    """Parse a query. labs: {tab: its controls by name}.

    -> (tab or None, {control: value} for every value that is right, one sentence for each that is not).
    Names that start with "__" belong to Gradio and are left alone.
    """
    try:
        pairs = parse_qsl(query.lstrip("?"), keep_blank_values=True, max_num_fields=MOST_PAIRS)
    except ValueError:
        return None, {}, [f"The link has more than {MOST_PAIRS} settings, so none was read."]
    given = {name: text for name, text in pairs if not name.startswith("__")}
    tab, values, wrong = given.get("tab"), {}, []
    if tab is None:
        return None, {}, []
    if tab not in labs:
        return None, {}, [f"The link names a tab {echo(tab)} that is not here; there are {', '.join(labs)}."]
    for name, text in given.items():
        if name in OURS:
            continue
        control = labs[tab].get(name)
        if control is None:
            known = ", ".join(labs[tab]) or "none"
            wrong.append(f"The link sets {echo(name)}, which this tab does not have; its settings are {known}.")
            continue
        try:
            values[name] = control.read(text)
        except BadInput as error:
            wrong.append(f"From the link: {error}")
    return tab, values, wrong
