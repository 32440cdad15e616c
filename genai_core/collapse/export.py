"""A run of models that learn from models as a notebook that runs by itself: numpy, scipy, scikit-learn and matplotlib."""

from genai_core.collapse import engines
from genai_core.collapse.experiment import FAMILIES, FITTED, Settings, plan_of
from genai_core.collapse.plan import REGIMES
from genai_core.errors import BadInput
from genai_core.excerpt import excerpt

HERE = "genai_core.collapse"
BAD_INPUT = "class BadInput(ValueError):\n    pass"
TITLE = """# Models that learn from models

{model}; {regime}: {story} {seeds} runs of {generations} generations, seed {seed}.

Run all cells; the last one prints the numbers of the last generation, which are the lab's own. Needs numpy, scipy, scikit-learn and
matplotlib, and nothing else."""
RUN = """plan = Plan(**PLAN)
frames = list(generations(plan, **plan.options))
paths = {}                                              # {statistic: (generations, runs)}
for frame in frames:
    for name, values in columns(frame.statistics).items():
        paths.setdefault(name, []).append(values)
paths = {name: np.array(values) for name, values in paths.items()}"""
ARRAY = """plan.options["covariance"] = np.array(plan.options["covariance"])"""
DRAW = """figure, panels = plt.subplots(1, len(paths), figsize=(4.5 * len(paths), 3.5), squeeze=False)
for panel, (name, values) in zip(panels.flat, paths.items()):
    for low, high in ((5, 95), (25, 75)):
        panel.fill_between(range(len(values)), *np.percentile(values, (low, high), axis=1), color="tab:blue", alpha=0.2, lw=0)
    panel.plot(np.median(values, axis=1), label="median")
    panel.plot(values.mean(1), lw=1, label="mean")
    if name in known:
        panel.plot(known[name], "k--", lw=1, label="expected, exactly")
    panel.set(xlabel="generation", title=name)
    panel.legend()
plt.show()"""
NUMBERS = """for name, values in paths.items():
    expected = f", expected {known[name][-1]:.6g}" if name in known and np.ndim(known[name]) == 1 else ""
    print(f"{name}: median {np.median(values[-1]):.6g}, mean {values[-1].mean():.6g}{expected}")"""


def cells(settings: Settings) -> list[tuple[str, str]]:
    """(kind, text) of each cell; kind: "markdown" or "code". BadInput for what cannot be run, or not by numpy alone."""
    plan, family = plan_of(settings), FAMILIES[settings.model]
    if settings.model in FITTED:
        raise BadInput("A network's notebook would be most of this package. Run it with: "
                       f"python -m genai_core collapse --model {family.engine} --help")
    engine = engines.ENGINES[family.engine]
    things = [(f"{HERE}.{engine.made_by}", "generations"), (f"{HERE}.plan", "Plan"), (f"{HERE}.engines", "columns")]
    if engine.theory:
        things.append((f"{HERE}.engines", engine.theory.__name__))
    code = excerpt(*things, given={("genai_core.errors", "BadInput"): BAD_INPUT})
    imports = [*code.imports, "import matplotlib.pyplot as plt"]
    options = {name: value.tolist() if hasattr(value, "tolist") else value for name, value in plan.options.items()}
    chosen = {name: getattr(plan, name) for name in plan.__dataclass_fields__ if name != "options"} | {"options": options}
    regime = REGIMES[plan.regime]
    title = TITLE.format(model=family.title, regime=regime.title, story=regime.story, seeds=plan.seeds, generations=plan.generations,
                         seed=plan.seed)
    written = [("markdown", title), ("code", "\n".join(imports)), ("markdown", "## Settings"), ("code", f"PLAN = {chosen!r}")]
    for module, said, text in code.chapters:
        if text:
            written += [("markdown", f"## {said or module}\n`{module.replace('.', '/')}.py`"), ("code", text)]
    run = RUN.replace("PLAN)\n", f"PLAN)\n{ARRAY}\n") if "covariance" in options else RUN
    theory = f"known = {engine.theory.__name__}(plan, **plan.options)" if engine.theory else "known = {}  # no closed form"
    return [*written, ("markdown", "## Run"), ("code", run), ("markdown", "## What theory expects"), ("code", theory),
            ("markdown", "## Look"), ("code", DRAW), ("markdown", "## The numbers"), ("code", NUMBERS)]


def notebook(settings: Settings) -> dict:
    """The run as an nbformat 4 notebook, checked against the format's own schema."""
    import nbformat
    from nbformat import v4

    make = {"markdown": v4.new_markdown_cell, "code": v4.new_code_cell}
    made = [make[kind](text) for kind, text in cells(settings)]
    for k, cell in enumerate(made):
        cell["id"] = f"cell-{k}"  # the format's random names would make every export differ
    book = v4.new_notebook(cells=made, metadata={"kernelspec": {
        "name": "python3", "display_name": "Python 3", "language": "python"}, "language_info": {"name": "python"}})
    nbformat.validate(book)
    return book
