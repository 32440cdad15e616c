"""A notebook runs by itself: only torch, numpy, matplotlib and what these need can be imported, and the numbers agree."""

import ast
import json
import sys

import nbformat
import pytest
from notebooks import ALLOWED, code_of, ends

from demos import plane as tab
from demos._lab import play
from genai_core import notebook, plane, runtime

RUNS = [{"steps": 100, "rate": 0.002, "earlier": "0.001 until 60", "seed": 3},
        {"steps": 100, "model": "gan", "data": "two_moons", "balance": 0.5},
        {"steps": 100, "model": "vae", "data": "spiral", "seed": 1}]


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    runtime.set_threads(1)


@pytest.fixture(scope="module")
def books():
    return [tab.notebook(**tab.LAB.defaults() | changes) for changes in RUNS]


def test_its_last_losses_are_the_tabs_to_the_last_bit(books, tmp_path):
    last, _ = ends(books, "{name: losses[-1] for name, losses in history.items()}", tmp_path, ALLOWED, ("diffusers", "pandas"))
    for changes, found in zip(RUNS, last):
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
