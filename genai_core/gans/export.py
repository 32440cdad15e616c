"""The game in the plane as a notebook that runs by itself: torch, numpy and matplotlib, and the very functions that ran here."""

from genai_core.excerpt import excerpt
from genai_core.gans.knobs import story
from genai_core.gans.settings import DATA, Settings

HERE = "genai_core.gans"
TITLE = """# GAN in the plane

{title}, seed {seed}, {steps:,} updates. Who moved until when, with what: `{story}`.

Run all cells: the last one prints the lab's own numbers (on one thread and the same kind of processor, to the last bit).
Needs torch, numpy and matplotlib, and nothing else."""
LOAD = """def load(name, seed, n=2000):
    \"\"\"n points, the same for the same seed.\"\"\"
    return {name}(n, rng(seed))"""
RUN = """torch.set_num_threads(1)  # as in the lab: with more threads sums are taken in another order
settings = Settings(**SETTINGS, parts=segments(STORY))
for frame in run(settings):
    print(f"update {frame.index:,} of {settings.steps:,}", end="\\r")"""
DRAW = """figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.5))
if settings.data == "dirac":
    left.plot([row["theta"] for row in frame.rows], [row["psi"] for row in frame.rows], ".-", lw=0.5)
    left.set(aspect="equal", xlabel="theta", ylabel="psi")
else:
    left.scatter(*real_points(settings)[:500].T.numpy(), s=4, color="0.6", label="real")
    left.scatter(*drawn_points(frame.game, 500).T.numpy(), s=6, label="drawn")
    left.set(aspect="equal")
    left.legend()
for name in ("d_loss", "g_loss"):
    right.plot([row["update"] for row in frame.rows], [row[name] for row in frame.rows], label=name)
right.set(xlabel="update")
right.legend()
plt.show()"""
NUMBERS = """told = frame.rows[-1]
for name, value in told.items():
    print(name, value)"""


def cells(settings: Settings) -> list[tuple[str, str]]:
    """(kind, text) of each cell; kind: "markdown" or "code"."""
    given = {("genai_core.errors", "BadInput"): "class BadInput(ValueError):\n    pass"}
    wanted = [(f"{HERE}.plane", "run"), (f"{HERE}.knobs", "segments")]
    if settings.data in ("own", "dirac"):
        given["genai_core.data", "load"] = "load = None  # this run needs no made points"
    else:
        given["genai_core.data", "load"] = LOAD.format(name=settings.data)
        wanted.append(("genai_core.data.points", settings.data))
    code = excerpt(*wanted, given=given)
    told = story(settings.parts)
    chosen = {name: getattr(settings, name) for name in ("data", "seed", "noise", "width", "points")}
    title = TITLE.format(title=DATA[settings.data], seed=settings.seed, steps=settings.steps, story=told)
    written = [("markdown", title), ("code", "\n".join([*code.imports, "import matplotlib.pyplot as plt"])),
               ("markdown", "## Settings"), ("code", f"SETTINGS = {chosen!r}\nSTORY = {told!r}")]
    for module, said, text in code.chapters:
        if text:
            written += [("markdown", f"## {said or module}\n`{module.replace('.', '/')}.py`"), ("code", text)]
    return [*written, ("markdown", "## Play"), ("code", RUN), ("markdown", "## Look"), ("code", DRAW),
            ("markdown", "## The numbers"), ("code", NUMBERS)]


def notebook(settings: Settings) -> dict:
    """The run as an nbformat 4 notebook, checked against the format's own schema. BadInput for what cannot be run."""
    import nbformat
    from nbformat import v4

    from genai_core.gans import plane

    plane.new_game(settings, plane.real_points(settings))
    make = {"markdown": v4.new_markdown_cell, "code": v4.new_code_cell}
    made = [make[kind](text) for kind, text in cells(settings)]
    for k, cell in enumerate(made):
        cell["id"] = f"cell-{k}"  # the format's random names would make every export differ
    book = v4.new_notebook(cells=made, metadata={"kernelspec": {
        "name": "python3", "display_name": "Python 3", "language": "python"}, "language_info": {"name": "python"}})
    nbformat.validate(book)
    return book
