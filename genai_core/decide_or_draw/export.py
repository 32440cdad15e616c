"""The lab as a notebook that runs by itself: numpy, scikit-learn (which brings scipy) and matplotlib, its points as text inside."""

import csv
import io

from genai_core.decide_or_draw.sample import Sample, sample
from genai_core.decide_or_draw.settings import FAMILIES, Settings, place
from genai_core.excerpt import excerpt

HERE = "genai_core.decide_or_draw"
TITLE = """# Decide or draw?

{title}: {n:,} labelled points, classes {classes}. Seed {seed}.

Run all cells; the last one prints the lab's own numbers. Needs numpy, scikit-learn and matplotlib, and nothing else: unlike the
other labs' notebooks no torch, but scikit-learn."""
READ = '''def table(text):
    """Rows x, y, class.  -> (n, 2), (n,)"""
    rows = np.array([line.split(",") for line in text.split()], dtype=float)
    return rows[:, :2], rows[:, 2].astype(int)


points, labels = table(POINTS)
fresh = table(FRESH_POINTS) if FRESH_POINTS else None
data = Sample(points, labels, CLASSES, fresh, np.array({centre}), np.array({unit}), {title!r})'''
RUN = """settings = Settings(**SETTINGS)
for frame in stages(data, settings, {{}}):
    print(f"step {{frame.index}} of {{frame.steps}}", end="\\r")
found = frame.found"""
DRAW = """figure, squares = plt.subplots(2, 3, figsize=(12, 8))
for square, (name, family) in zip(squares.flat, FAMILIES.items()):
    cell = np.frombuffer(base64.b64decode(found["models"][name]["posterior"]), np.uint8).reshape(SIDE, SIDE)
    square.imshow(cell >> 5, extent=(-LIMIT, LIMIT) * 2, alpha=0.1 + 0.5 * (cell & 31) / LEVELS, cmap="tab10", vmin=0, vmax=9)
    square.scatter(*data.points.T, s=5, c=data.labels, cmap="tab10", vmin=0, vmax=9)
    square.set(title=family.title, xlim=(-LIMIT, LIMIT), ylim=(-LIMIT, LIMIT))
figure, curves = plt.subplots(1, len(found["growth"]), figsize=(12, 4), squeeze=False, sharey=True)
for square, case in zip(curves.flat, found["growth"]):
    for name in ("bayes", "logistic"):
        at = [row["examples"] for row in case["rows"]]
        line, = square.plot(at, [row[f"{name}_accuracy"] for row in case["rows"]], label=FAMILIES[name].title)
        square.fill_between(at, [row[f"{name}_low"] for row in case["rows"]], [row[f"{name}_high"] for row in case["rows"]], alpha=0.2)
        square.axhline(1 - case["limits"][name], ls="--", lw=1, color=line.get_color())
    square.set(xscale="log", xlabel="examples", ylabel="accuracy", title=f"correlation {case['correlation']:g}")
    square.legend()
plt.show()"""
NUMBERS = """told = numbers(found)
for name, value in told.items():
    print(f"{name}: {value:.6g}")"""


def inline(points, labels) -> str:
    """Rows x,y,class as text that reads back to the same numbers."""
    out = io.StringIO()
    rows = ([repr(float(x)), repr(float(y)), int(k)] for (x, y), k in zip(points, labels, strict=True))
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def cells(settings: Settings, data: Sample) -> list[tuple[str, str]]:
    """(kind, text) of each cell; kind: "markdown" or "code"."""
    code = excerpt((f"{HERE}.experiment", "stages"), (f"{HERE}.results", "numbers"), (f"{HERE}.sample", "Sample"),
                   (f"{HERE}.settings", "Settings"),
                   given={(f"{HERE}.sample", "sample"): "", ("genai_core.errors", "BadInput"): "class BadInput(ValueError):\n    pass"})
    imports = [line for line in code.imports if not line.startswith("import torch")]
    imports += [line for line in ("import base64", "import numpy as np") if line not in imports]
    chosen = {name: getattr(settings, name) for name in Settings.__dataclass_fields__ if name != "own"}
    title = TITLE.format(title=data.title, n=len(data.points), classes=", ".join(data.classes), seed=settings.seed)
    written = [("markdown", title), ("code", "\n".join([*imports, "import matplotlib.pyplot as plt"])),
               ("markdown", "## Settings"), ("code", f"SETTINGS = {chosen!r}"),
               ("markdown", "## The data"), ("code", f'POINTS = """\\\n{inline(data.points, data.labels)}"""'),
               ("code", f'FRESH_POINTS = """\\\n{inline(*data.fresh) if data.fresh else ""}"""  # to count mistakes on\n'
                        f"CLASSES = {data.classes!r}")]
    for module, said, text in code.chapters:
        if text:
            written += [("markdown", f"## {said or module}\n`{module.replace('.', '/')}.py`"), ("code", text)]
    read = READ.format(centre=data.centre.tolist(), unit=data.unit.tolist(), title=data.title)
    return [*written, ("markdown", "## Run"), ("code", read), ("code", RUN.format()),
            ("markdown", "## Look"), ("code", DRAW), ("markdown", "## The numbers"), ("code", NUMBERS)]


def notebook(settings: Settings) -> dict:
    """The run as an nbformat 4 notebook, checked against the format's own schema. BadInput for what cannot be run."""
    import nbformat
    from nbformat import v4

    from genai_core.decide_or_draw import experiment

    data = sample(settings)
    experiment.check(data, settings, data.inside(place(settings.at)))
    make = {"markdown": v4.new_markdown_cell, "code": v4.new_code_cell}
    made = [make[kind](text) for kind, text in cells(settings, data)]
    for k, cell in enumerate(made):
        cell["id"] = f"cell-{k}"  # the format's random names would make every export differ
    book = v4.new_notebook(cells=made, metadata={"kernelspec": {
        "name": "python3", "display_name": "Python 3", "language": "python"}, "language_info": {"name": "python"}})
    nbformat.validate(book)
    return book
