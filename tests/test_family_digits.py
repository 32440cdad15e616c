"""The contest on digits: what is new in it against closed forms, the contest itself in small, the tab and the command line."""

import base64
import io
import json
import math
import re
import subprocess
import sys

import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import expect

from demos import _family_digit_views as views
from demos import families as tab
from genai_core import __main__ as command
from genai_core import elbo, measuring, recorded, runtime
from genai_core.families import digit_learners, digit_recording, digits, likelihood
from genai_core.families.mixture import Mixture
from genai_core.families.settings import FAMILIES, LOOKS, Settings
from genai_core.quality.pictures import sharpness

LONG, SHORT = Settings("strokes", 10, "fixed", 1.0, seed=3), Settings("strokes", 1, "fixed", 1.0, seed=3)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    before = torch.get_num_threads()
    runtime.set_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def small(monkeypatch):
    """A contest in which every family makes one update a look at most, on few pictures, and is judged by few."""
    for name in FAMILIES:
        monkeypatch.setitem(digit_learners.UPDATES, name, 0.2)
    few = digits.learnt_from().pictures[:600]
    monkeypatch.setattr(digits, "learnt_from", lambda: type("Few", (), {"pictures": few}))
    for name, value in (("SHOWN", 30), ("WIDE", 40), ("HELD", 2), ("HELD_FEW", 1)):
        monkeypatch.setattr(digits, name, value)
    monkeypatch.setattr(digit_learners, "STARTS", (2,))


# -- known answers ----------------------------------------------------------------------------------------------------

def test_the_entropy_of_digits_is_that_of_the_sure_ones():
    def chances(counts, unsure=0):
        rows = torch.cat([torch.eye(10)[k].expand(n, 10) for k, n in enumerate(counts)] + [torch.full((unsure, 10), 0.1)])
        return digits.of_classes(rows)

    even = chances([10] * 10)
    assert even == {"recognised": 1.0, "found": 10, "entropy": pytest.approx(math.log2(10))}
    assert chances([50, 50] + [0] * 8, unsure=100) == {"recognised": 0.5, "found": 2, "entropy": pytest.approx(1.0)}
    assert chances([98, 1, 1] + [0] * 7)["found"] == 1          # 1% of all is too few to be found
    nothing = chances([0] * 10, unsure=20)
    assert nothing == {"recognised": 0.0, "found": 0, "entropy": 0.0}


def test_the_mixture_of_pictures_has_the_density_of_its_normal_distribution():
    axes = torch.linalg.qr(torch.randn(9, 2, generator=runtime.rng(0), dtype=torch.double))[0]
    inner = torch.tensor([[0.5, 0.1], [0.1, 0.3]], dtype=torch.double)
    middle, shift = torch.full((9,), 0.4, dtype=torch.double), torch.tensor([0.2, -0.1], dtype=torch.double)
    told = digit_learners.PictureMixture(middle, axes, 0.05, Mixture(torch.ones(1, dtype=torch.double), shift[None], inner[None]))
    whole = axes @ inner @ axes.T + 0.05 * (torch.eye(9) - axes @ axes.T) + 0.1**2 * torch.eye(9)
    x = torch.rand(5, 9, generator=runtime.rng(1)).double()
    exact = torch.distributions.MultivariateNormal(middle + axes @ shift, whole).log_prob(x)
    assert torch.allclose(told.log_density(x, blur=0.1), exact)
    drawn = told.sample(40, runtime.rng(2)).view(40, 9)
    assert drawn.shape == (40, 9) and drawn.min() >= 0 and drawn.max() <= 1


def test_directions_keep_the_variance():
    x = torch.randn(400, 6, generator=runtime.rng(0)).double() * torch.tensor([3, 2, 1, 0.5, 0.4, 0.1])
    _, axes, rest = digit_learners.directions(x, 2)
    along = torch.cov((x @ axes).T).trace()
    assert along + 4 * rest == pytest.approx(torch.cov(x.T).trace().item()) and along > 12


def test_the_bound_of_pictures_is_exact_where_the_posterior_is():
    w = torch.randn(16, generator=runtime.rng(0)) / 4

    class Linear:
        def posterior(self, x):
            variance = 1 / (1 + w.square().sum() / 0.3**2)
            mean = variance * (x.flatten(1) @ w) / 0.3**2
            return mean[:, None], torch.full_like(mean, math.log(variance))[:, None]

        def decode(self, z):
            return (z * w).view(-1, 1, 4, 4)

    x = torch.randn(6, 1, 4, 4, generator=runtime.rng(1))
    exact = torch.distributions.MultivariateNormal(torch.zeros(16), w[:, None] * w + 0.3**2 * torch.eye(16)).log_prob(x.flatten(1))
    assert torch.allclose(digit_learners.vae_bound(Linear(), x, 0.3, runtime.rng(2), draws=3), exact, atol=1e-3)


def test_a_divergence_along_random_signs_gives_the_density_of_a_known_normal():
    """Data N(0, s^2 I): the divergence is the same along every direction, so one probe is exact."""
    def denoise(x, sigma):
        return x * 0.5**2 / (0.5**2 + sigma**2)

    x = torch.randn(4, 30, generator=runtime.rng(0)).double()
    probe = torch.randint(0, 2, x.shape, generator=runtime.rng(1)).double() * 2 - 1
    found = likelihood.value_of(likelihood.flow_density(denoise, x, levels=200, lowest=0.2, probe=probe))
    exact = elbo.log_normal(x, 0.0, torch.tensor(math.log(0.5**2 + 0.2**2)))
    assert torch.allclose(found, exact, atol=0.05)


def test_the_nearest_training_picture_of_a_training_picture_is_itself():
    known = digits.learnt_from().pictures[:200]
    assert torch.equal(digit_recording.nearest(known[7:10].float() / 255, known), known[7:10].float() / 255)


# -- the contest ------------------------------------------------------------------------------------------------------

def test_a_long_contest_is_read_at_every_look(small):
    state = list(digits.run(LONG))[-1]
    first = digit_recording.rows(state)
    assert [row["family"] for row in first] == [family for family in FAMILIES for _ in range(LOOKS)]
    for row in first:
        assert all(row[name] is not None for name in digits.BANDED if name != "frechet")
        assert (row["frechet"] is None) == (row["look"] < LOOKS)      # read from as many as its band is
    last = {row["family"]: row for row in first if row["look"] == LOOKS}
    assert {family: row["nats_kind"] for family, row in last.items()} == {
        "mixture": "exact", "autoencoder": "none", "vae": "bound", "gan": "none", "diffusion": "ode"}
    assert all((row["nats"] is None) == (row["nats_kind"] == "none") and row["per_sample_s"] > 0 for row in last.values())
    frame = digit_recording.frame(state.looks[-1])
    sheet = np.array(Image.open(io.BytesIO(base64.b64decode(frame["image"].partition(",")[2]))))
    assert sheet.shape == (56, 280) and np.array_equal(sheet[:28, :28], np.rint(255 * state.looks[-1].samples[0, 0].numpy()))


def test_the_tab_fills_in_by_glances_and_the_command_says_the_same(small, capsys):
    asked = tab.LAB.check(tab.LAB.defaults() | {"data": "strokes", "seconds": 1, "pace": "fixed", "balance": 1, "seed": 3})
    moments = list(tab.run(**asked))
    early = next(m for m in moments if m.step == 3).look()   # as it stands at the end: a look is a view of what there is
    view = moments[-1].look()
    assert early.rows and len(view.rows) == LOOKS * len(FAMILIES) and not view.recorded
    how_good, price, sights = json.loads(view.pictures["table"])["sections"]
    assert how_good["columns"][2:] == list(FAMILIES.values())
    assert [row["cells"][0] for row in how_good["rows"]][:3] == ["Recognisable", "Digits found, of ten", "Entropy of the digits, bits"]
    assert {row["cells"][0]: row["cells"][1] for row in price["rows"]}["GAN"] == "not defined" and "because" in price["note"]
    assert len(sights["rows"]) >= 10 and "Fréchet distance" not in [row["cells"][0] for row in sights["rows"]]
    plate = json.loads(view.pictures["plate"])
    assert plate["wide"] and [len(shot["panels"]) for shot in plate["film"]] == [6] * LOOKS
    assert all("near" in panel for panel in plate["film"][-1]["panels"][1:]) and "near" not in plate["film"][0]["panels"][1]
    assert "softest edges" in view.words and "VAE's rise by" in view.words and "of ten digits" in view.words
    words = "families --data strokes --seconds 1 --pace fixed --balance 1 --seed 3 --json"
    assert command.main(words.split()) == 0
    told = json.loads(capsys.readouterr().out)["families"]
    for family in FAMILIES:
        for name in ("energy", "recognised", "sharpness"):
            assert told[family][name] == view.numbers[f"{family}_{name}"].value


ALONE = """
import json, sys
import matplotlib
matplotlib.use("agg")
space = {"__name__": "__main__"}
for cell in json.loads(sys.stdin.read()):
    exec(cell.replace("plt.show()", "plt.close()"), space)
print(json.dumps({family: {name: end[name] for name in ("updates", "loss", "sharpness")} for family, end in space["ends"].items()}))
"""
FEW = {"mixture": 2, "autoencoder": 4, "vae": 4, "gan": 4, "diffusion": 2}


def test_the_notebook_ends_in_the_labs_own_numbers(monkeypatch, tmp_path):
    book = tab.notebook(**tab.LAB.defaults() | {"data": "strokes", "seconds": 1, "pace": "fixed", "balance": 1, "seed": 3})
    code = [cell.source for cell in book.cells if cell.cell_type == "code"]
    shorter = [re.sub(r"^UPDATES = .*$", f"UPDATES = {FEW!r}", text, flags=re.M) for text in code]
    assert shorter != code
    alone = subprocess.run([sys.executable, "-I", "-c", ALONE], input=json.dumps(shorter), cwd=tmp_path, text=True,
                           capture_output=True, timeout=300)
    assert alone.returncode == 0, alone.stderr[-2000:]
    found = json.loads(alone.stdout.splitlines()[-1])
    for family, updates in FEW.items():
        monkeypatch.setitem(digit_learners.UPDATES, family, updates)
    monkeypatch.setattr(digits, "SHOWN", 30)
    state = list(digits.run(SHORT))[-1]
    for family, end in state.ends.items():
        look = end.look
        own = {"updates": look.updates, "loss": look.loss, "sharpness": sharpness(look.samples).mean().item()}
        assert found[family] == pytest.approx(own, rel=1e-4, abs=1e-6), family


def test_what_the_readings_see_is_measured_and_fresh():
    if not (measuring.FOLDER / "families.json").is_file():
        pytest.skip("python -m genai_core measure families")
    assert measuring.stale("families") == ([] if recorded.read(views.NAME) else ["the part recorded"])
    found = views.measured()
    assert found["entropy"]["high"] <= math.log2(10) and found["found"]["low"] == 10
    assert all(told["inside"]["right"] >= 95 for told in found.values())


def test_the_recorded_contest_opens_from_its_example_and_says_that_the_fields_change_nothing(new_page):
    page = new_page("/?tab=families")
    page.get_by_role("button", name="the recorded contest").click()
    expect(page.locator("#families-hint")).to_contain_text("settings of its own: 60 s each, seed 0")
    page.locator("#families-run").press("Enter")
    expect(page.locator("#families-plate .plate-wide img").first).to_be_visible()
    expect(page.locator("#families-line")).to_contain_text("recorded run")
    scrub = page.locator("#families-plate input[type=range]")
    scrub.press("Home")
    expect(page.locator("#families-plate output")).to_have_text("After 10% of the time")
    expect(page.locator("#families-table")).to_contain_text("Recognisable")
    page.get_by_role("button", name="The contest as it is").click()
    expect(page.locator("#families-hint")).not_to_contain_text("settings of its own")
