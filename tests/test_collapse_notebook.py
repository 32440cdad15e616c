"""The collapse lab's notebook: it runs where this package cannot be imported, and ends in the engine's own numbers."""

import json
import re
import subprocess
import sys

import numpy as np
import pytest

from demos import collapse as tab
from genai_core.collapse import engines, experiment, export
from genai_core.collapse.experiment import FAMILIES, FITTED, Settings
from genai_core.errors import BadInput

SMALL = {"n": 60, "generations": 3, "seeds": 4, "categories": 6, "latent": 3, "seed": 7}
MODELS = [name for name in FAMILIES if name not in FITTED]
RUNNER = """import importlib.abc, json, sys, types
class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("genai_core", "demos", "policy", "torch", "gradio"):
            raise ImportError(name)
sys.meta_path.insert(0, Refuse())
import matplotlib
matplotlib.use("Agg")
for name, code in json.load(open(sys.argv[1])).items():
    print("##", name)
    module = sys.modules["book"] = types.ModuleType("book")
    exec(compile(code, name, "exec"), module.__dict__)
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """{model: what the notebook prints}, all in one process."""
    place = tmp_path_factory.mktemp("books")
    books = {name: tab.notebook(**(tab.LAB.defaults() | SMALL | {"model": name})) for name in MODELS}
    code = {name: "\n\n".join(cell["source"] for cell in book["cells"] if cell["cell_type"] == "code") for name, book in books.items()}
    (place / "books.json").write_text(json.dumps(code), encoding="utf-8")
    done = subprocess.run([sys.executable, "-I", "-c", RUNNER, str(place / "books.json")], cwd=place, capture_output=True, text=True,
                          timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return {part.split("\n", 1)[0].strip(): part for part in done.stdout.split("## ")[1:]}


@pytest.mark.parametrize("model", MODELS)
def test_it_ends_in_the_engines_own_numbers(told, model):
    plan = experiment.plan_of(Settings(**SMALL | {"model": model}))
    *_, last = engines.generations(FAMILIES[model].engine, plan)
    for name, values in engines.columns(last.statistics).items():
        assert f"{name}: median {np.median(values):.6g}, mean {values.mean():.6g}" in told[model]
    for name, known in engines.expected(FAMILIES[model].engine, plan).items():
        if name in engines.columns(last.statistics) and known.ndim == 1:
            assert re.search(rf"{name}: .*expected {re.escape(f'{known[-1]:.6g}')}", told[model])


def test_it_is_the_same_at_every_export_and_a_vaes_is_refused_with_the_way_to_run_it():
    assert export.notebook(Settings()) == export.notebook(Settings())
    with pytest.raises(BadInput, match="--model vae"):
        export.notebook(Settings(model="vae", n=1000, generations=5))
