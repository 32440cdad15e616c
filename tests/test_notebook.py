"""A notebook runs by itself: only torch, numpy, matplotlib and what these need can be imported, and the numbers agree."""

import ast
import importlib.metadata as metadata
import json
import re
import subprocess
import sys

import nbformat
import pytest

from demos import plane as tab
from demos._lab import play
from genai_core import notebook, plane, runtime

ALLOWED = ("torch", "numpy", "matplotlib")
RUNS = [{"steps": 100, "rate": 0.002, "earlier": "0.001 until 60", "seed": 3},
        {"steps": 100, "model": "gan", "data": "two_moons", "balance": 0.5},
        {"steps": 100, "model": "vae", "data": "spiral", "seed": 1}]
ALONE = """
import json, sys
allowed, books = set(json.loads(sys.argv[1])), json.loads(sys.stdin.read())

class Only:  # every other package is as if it were not installed
    def __init__(self, finder):
        self.finder = finder

    def find_spec(self, name, path=None, target=None):
        root = name.partition(".")[0]  # _sysconfigdata_...: the standard library, under a name of the machine's
        if root in allowed or root.startswith("_sysconfigdata"):
            return self.finder.find_spec(name, path, target)

sys.meta_path[:] = [Only(finder) for finder in sys.meta_path]
import matplotlib
matplotlib.use("agg")
last = []
for code in books:
    space = {"__name__": "__main__"}
    for cell in code:
        exec(cell, space)
    last.append({name: losses[-1] for name, losses in space["history"].items()})
for other in ("genai_core", "gradio", "nbformat"):
    try:
        __import__(other)
    except ModuleNotFoundError:
        continue
    sys.exit(other + " could be imported")
print(json.dumps(last))
"""


def needed_by(*names):
    """Import names of these packages and of all that they need."""
    of_package = {}
    for module, packages in metadata.packages_distributions().items():
        for package in packages:
            of_package.setdefault(re.sub(r"[-_.]+", "-", package).lower(), set()).add(module)
    waiting, seen = list(names), set()
    while waiting:
        package = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if package in seen or package not in of_package:
            continue
        seen.add(package)
        waiting += [re.match(r"[\w.-]+", line)[0] for line in metadata.requires(package) or () if "extra ==" not in line]
    return set().union(*(of_package[package] for package in seen))


def code_of(book):
    return [cell.source for cell in book.cells if cell.cell_type == "code"]


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    runtime.set_threads(1)


@pytest.fixture(scope="module")
def books():
    return [tab.notebook(**tab.LAB.defaults() | changes) for changes in RUNS]


def test_its_last_losses_are_the_tabs_to_the_last_bit(books, tmp_path):
    allowed = sorted(set(sys.stdlib_module_names) | needed_by(*ALLOWED))
    assert not {"gradio", "genai_core", "diffusers", "nbformat", "pandas"} & set(allowed)
    alone = subprocess.run([sys.executable, "-I", "-c", ALONE, json.dumps(allowed)], cwd=tmp_path, text=True,
                           capture_output=True, timeout=120, input=json.dumps([code_of(book) for book in books]))
    assert alone.returncode == 0, alone.stderr[-2000:]
    for changes, found in zip(RUNS, json.loads(alone.stdout.splitlines()[-1])):
        *_, end = play(tab.LAB, tab.LAB.check(tab.LAB.defaults() | changes))
        assert end.ended == "finished"
        shown = {name: q.value for name, q in end.view.numbers.items() if name.endswith("_loss")}
        written = {f"{model}_{turn}_loss".replace("_loss_loss", "_loss"): loss
                   for model, losses in found.items() for turn, loss in losses.items()}
        assert written == shown and written


def test_it_names_no_other_package(books):
    for book in books:
        for node in (n for cell in code_of(book) for n in ast.walk(ast.parse(cell))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else \
                [node.module] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                assert name.partition(".")[0] in set(ALLOWED) | set(sys.stdlib_module_names), name


def test_it_is_a_valid_notebook_and_the_same_at_every_export(books):
    for book, changes in zip(books, RUNS):
        nbformat.validate(book)
        assert json.dumps(book) == json.dumps(tab.notebook(**tab.LAB.defaults() | changes))


def test_every_definition_is_the_source_of_what_ran(books):
    text = "\n".join(code_of(books[0]))
    for thing in (plane.knobs_of, *notebook.LOOP, *notebook.NETWORKS.values()):
        assert notebook.source(thing) in text
    assert "runtime." not in text and "genai_core" not in text
