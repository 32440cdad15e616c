"""Somebody who has never seen the house adds a tab and a model; these tests do exactly what they would do.

A tab is one file and its words. A model is one file and one line. Nothing else is touched.
"""

import json
import os
import subprocess
import sys

import pytest
import serving

COIN = '''"""Toss a coin many times: the share of heads settles, the surprise stays."""

import random

from demos._controls import Range, Seed
from demos._lab import Lab, Moment, View
from demos._page import lab_tab
from demos._session import Quantity


def run(*, tosses, seed):
    """Toss `tosses` times; look at the share of heads after each."""
    coin, heads = random.Random(seed), 0
    for toss in range(1, tosses + 1):
        heads += coin.random() < 0.5
        share = heads / toss
        view = View({}, f"After {toss} tosses the share of heads is {share:.2f}.",
                    {"heads_share": Quantity.exact(share)})
        yield Moment(toss, tosses, lambda view=view: view)


LAB = Lab({"tosses": Range("Tosses", 10, 100000, 300, 10), "seed": Seed()}, run, {}, sources=(run,), unit="throw")
TAB = lab_tab("Learn", 990, "A fair coin", LAB)
'''
COIN_WORDS = """## Question
Does a fair coin remember?

## Idea
Each toss is independent. Only the share of heads settles.

## Controls
- tosses: how often the coin is thrown
- seed: which throws
"""
ONE_GAUSSIAN = '''"""One Gaussian for points in the plane: the simplest model that can be fitted."""

import torch
from torch import nn


class OneGaussian(nn.Module):
    """Mean and spread of the data, learnt by gradient."""

    def __init__(self, dim: int = 2):
        super().__init__()
        self.mean, self.log_std = nn.Parameter(torch.randn(dim)), nn.Parameter(torch.zeros(dim))

    def turns(self, x, rng):
        """x (B, dim) -> one turn: mean negative log-likelihood in nats, up to a constant."""
        z = (x - self.mean) / self.log_std.exp()                      # (B, dim)
        yield "loss", (z.square() / 2 + self.log_std).sum(1).mean(), self

    @torch.no_grad()
    def sample(self, n, rng):
        """n new points.  -> (n, dim)"""
        return self.mean + self.log_std.exp() * torch.randn(n, len(self.mean), generator=rng)
'''
LINE = '    "{name}": Model("{title}", "{name}:OneGaussian", "ring"),\n'
LISTED_AND_TESTED = """
import sys
import pytest
from genai_core.__main__ import main
main(["models", "--json"])
sys.exit(pytest.main(["-q", "-rA", "--tb=no", "-p", "no:cacheprovider", "tests/test_contracts.py", "-k", "one_gaussian or wild_gaussian"]))
"""


@pytest.fixture
def copy(tmp_path):
    return serving.copy_tree(tmp_path)


def run_in(tree, *command):
    return subprocess.run([sys.executable, *command], cwd=tree, capture_output=True, text=True, timeout=240,
                          env=os.environ | {"PYTHONPATH": "", "HF_HUB_OFFLINE": "1"})


def add_model(tree, name, title, source):
    """One file, and one line at the end of MODELS."""
    (tree / "genai_core" / "models" / f"{name}.py").write_text(source)
    registry = tree / "genai_core" / "models" / "__init__.py"
    text = registry.read_text()
    start = text.index("MODELS: dict")
    end = text.index("\n}", start) + 1
    registry.write_text(text[:end] + LINE.format(name=name, title=title) + text[end:])


def test_a_tab_in_one_file_and_its_words_appears_and_runs(copy, tmp_path, browser):
    (copy / "demos" / "coin.py").write_text(COIN)
    (copy / "assets" / "copy" / "coin.md").write_text(COIN_WORDS)
    with serving.served(tmp_path, copy) as app:
        context = browser.new_context()
        page = context.new_page()
        page.goto(app.url + "?tab=coin&tosses=50")
        page.get_by_role("heading", name="Does a fair coin remember?").wait_for()
        page.wait_for_function("document.querySelector('#coin-tosses input[type=range]').value === '50'")  # from the link
        assert page.get_by_role("tab", name="A fair coin").get_attribute("aria-selected") == "true"
        page.get_by_role("button", name="Run", exact=True).locator("visible=true").click()
        page.get_by_text("After 50 tosses the share of heads is").first.wait_for()
        page.get_by_text("Finished: 50 throws").first.wait_for()
        context.close()
        assert app.refused() == []


def test_a_model_in_one_file_and_one_line_is_listed_and_tested_and_one_that_breaks_the_contract_is_caught(copy):
    """One process lists the models and tests a good and a bad one: without a new test, both come under the contract."""
    add_model(copy, "one_gaussian", "One Gaussian", ONE_GAUSSIAN)
    add_model(copy, "wild_gaussian", "A wild Gaussian", ONE_GAUSSIAN.replace(", generator=rng", ""))
    done = run_in(copy, "-c", LISTED_AND_TESTED)
    listed = json.loads(done.stdout.splitlines()[0])["models"]
    assert {"name": "one_gaussian", "title": "One Gaussian", "data": "ring"} in listed
    told = [line.split() for line in done.stdout.splitlines() if line.startswith(("PASSED ", "FAILED ", "ERROR "))]
    good, wild = ([(line[0], line[1].partition("::")[2]) for line in told if f"[{name}" in line[1]]
                  for name in ("one_gaussian", "wild_gaussian"))
    assert done.returncode == 1 and len(good) >= 10 and {result for result, _ in good} == {"PASSED"}, done.stdout[-3000:]
    assert ("FAILED", "TestModel::test_samples_follow_their_generator_alone[wild_gaussian]") in wild and len(wild) == len(good)
