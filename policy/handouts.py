"""The same policy in other lengths: a syllabus paragraph, one slide, and a form for students to say how they used AI.

All three follow the answers and nothing else, so that they never say what the policy does not.
"""

from policy import answers as said
from policy.answers import in_force
from policy.builder import policy, small, title
from policy.draft import Draft
from policy.errors import BadInput
from policy.markdown_file import escaped
from policy.rulebook import rulebook

MOST_NAMED = 6   # tasks that a slide or a paragraph names; the table has them all
EXAMPLES = {     # task: (what a student might write, what is too little)
    "brainstorm": ("to list ten angles on my topic; I kept two and dropped the rest", "for ideas"),
    "outline": ("to suggest three outlines; I chose the second and moved its last part", "to plan"),
    "draft": ("to draft the second paragraph; I rewrote two sentences and checked both figures against the sources", "to help write"),
    "rewrite": ("to shorten four sentences; the meaning is mine and I read each one again", "to polish"),
    "translate": ("to translate my own notes from Spanish; I checked the terms against the glossary", "for language"),
    "find_sources": ("to look for sources; of five it named, one did not exist and two I read and cite", "for research"),
    "summarise": ("to summarise two articles before reading them; what I cite is from the articles", "to read faster"),
    "code_write": ("to write the function that reads the file; I tested it with an empty one and fixed an error", "for the code"),
    "debug": ("to explain one error message; the repair is mine", "when it broke"),
    "data_analysis": ("to suggest a plot; I checked the numbers by hand for one row", "for the graphs"),
    "images": ("to make the title picture; no real person is shown", "for pictures"),
    "feedback_self": ("to comment on my draft; I followed two of six comments", "to check it"),
}


def _rows(draft: Draft) -> dict[str, list]:
    tasks = in_force(draft.answers, draft.sections).get("tasks", {})
    rows = [task for task in rulebook().tasks_for(draft.audience) if task.kind != "staff"]
    return {value: [task for task in rows if tasks.get(task.id) == value] for value in rulebook().task_values}


def _named(tasks: list) -> str:
    names = [small(task.title) for task in tasks[:MOST_NAMED]]
    more = len(tasks) - len(names)
    return "; ".join(names) + (f"; and {more} more in the table" if more else "")


def _lines(draft: Draft, *clauses: str) -> list[str]:
    """The lines of these clauses where they are printed, as sentences."""
    found = {line.id: line.text.removeprefix("- ") for line in policy(draft).lines}
    return [found[name] for name in clauses if found.get(name)]


def _first(draft: Draft, section: str, ids: tuple[str, ...]) -> list[str]:
    return [line for id in ids for line in _lines(draft, f"{section}/{id}")][:1]


def _stance(draft: Draft) -> list[str]:
    found = [line.text for line in policy(draft).lines if line.section == "purpose" and "stance" in line.asks]
    return found[:1]


def paragraph(draft: Draft) -> str:
    """The policy as one paragraph for a syllabus, with where the whole of it is found. Markdown."""
    rows, words = _rows(draft), _stance(draft)
    for value, lead in (("permitted", "Allowed"), ("conditional", "Allowed with conditions"), ("required", "Required"),
                        ("prohibited", "Not allowed")):
        if rows[value]:
            words.append(f"{lead}: {_named(rows[value])}.")
    words += _first(draft, "disclosure", ("d_never", "d_kept", "d_any", "d_task"))
    words += _lines(draft, "disclosure/d_eff", "integrity/i_det_b", "access/c_over")
    contact = in_force(draft.answers, draft.sections).get("owner_contact")
    words.append(f"Unsure? Ask first{': ' + escaped('(' + contact)[1:].rstrip('.') if contact else ''}.")
    words.append(f"The full policy is “{escaped(title(draft))}”, version {escaped('(' + draft.answers.get('version', '1.0'))[1:]}.")
    return f"**{escaped(title(draft))}.** " + " ".join(words) + "\n"


def slide(draft: Draft) -> str:
    """The policy on one slide: a title and at most seven lines. Markdown."""
    rows = _rows(draft)
    lines = [f"**{label}:** {_named(rows[value])}" for value, label in rulebook().task_values.items()
             if rows[value] and value != "na"]
    lines += _first(draft, "disclosure", ("d_never", "d_kept", "d_any", "d_task"))
    lines += _lines(draft, "disclosure/d_eff", "access/c_over")[:2]
    contact = in_force(draft.answers, draft.sections).get("owner_contact")
    lines.append("Unsure? Ask first" + (f": {escaped('(' + contact)[1:]}" if contact else ""))
    head = [f"# {escaped(title(draft))}", "", *(f"*{line}*" for line in _stance(draft)), ""]
    return "\n".join([*head, *(f"- {line}" for line in lines[:7])]) + "\n"


def disclosure(draft: Draft) -> str:
    """A form for students to say how they used AI, with an example and what is too little for each task. Markdown."""
    answers, rows = in_force(draft.answers, draft.sections), _rows(draft)
    when = answers.get("disclosure")
    open_tasks = [*rows["required"], *rows["conditional"], *rows["permitted"]]
    text = ["# How I used AI", "", f"For: {escaped('(' + answers.get('org_name', 'the course'))[1:]}", ""]
    if when in (None, "never"):
        return "\n".join([*text, "This policy asks for no disclosure."]) + "\n"
    text += [*_first(draft, "disclosure", ("d_kept", "d_any", "d_task")), *_lines(draft, "disclosure/d_eff"), "",
             "| Question | Your words |", "|---|---|", "| Tool, version, date | |", "| What I used it for | |",
             "| What I kept, and what I changed | |", "| What I checked, and how | |"]
    if answers.get("keep_prompts") in ("request", "submit", "link"):
        label = rulebook().questions["keep_prompts"].options[answers["keep_prompts"]]
        text += [f"| Prompts and drafts ({small(label)}) | |"]
    text += ["| I did not use AI (tick) | |", ""]
    shown = [task for task in open_tasks if task.id in EXAMPLES][:4]
    if shown:
        text += ["## Examples", "", "| Task | Enough | Too little |", "|---|---|---|"]
        text += [f"| {task.title} | I used an assistant {EXAMPLES[task.id][0]}. | I used AI {EXAMPLES[task.id][1]}. |"
                 for task in shown]
    return "\n".join(text).rstrip("\n") + "\n"


VIEWS = {"policy": None, "syllabus": paragraph, "slide": slide, "disclosure": disclosure}


def view(draft: Draft, name: str) -> str:
    """The Markdown of one of VIEWS."""
    if name not in VIEWS:
        raise BadInput(f"There is no view {said.echo(name)}; {said.nearest(name, VIEWS)}")
    return policy(draft).markdown if name == "policy" else VIEWS[name](draft)
