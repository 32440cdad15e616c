"""The lab on diffusion: what it runs on points, what it says and draws, its recorded run, and its notebook."""

import ast
import json

import pytest
import torch

from demos import _recorded
from demos import diffusion as tab
from demos._lab import play
from demos._session import Memory
from genai_core import metrics, recorded, runtime
from genai_core.diffusion import exact, experiment, samplers
from genai_core.diffusion.experiment import Settings
from genai_core.errors import BadInput

SHORT = {"updates": 100, "calls": 12}


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    runtime.set_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def default():
    """The frames of the default training, and the network that it leaves."""
    kept = {}
    return list(experiment.run(Settings(part="train"), kept)), kept


def last(**asked):
    *_, frame = experiment.run(Settings(**asked), {})
    return frame


def played(memory=None, **changes):
    *_, end = play(tab.LAB, tab.LAB.check(tab.LAB.defaults() | changes), memory=memory or Memory())
    return end


class TestExperiment:
    def test_the_forward_part_is_the_formula(self):
        frames = list(experiment.run(Settings(part="forward", data="spiral", schedule="linear", length=50)))
        assert frames[0].index == 0 and frames[-1].index == 50 and len(frames) == 41
        start, end, row = frames[0].clouds["noisy"], frames[-1].clouds["noisy"], frames[-1].row
        noise = torch.randn(500, 2, generator=runtime.rng(1))
        torch.testing.assert_close(end, row["signal"] * start + row["noise"] * noise)
        assert row["snr_db"] == pytest.approx(1.81, abs=0.01) and frames[0].row["snr_db"] is None

    def test_the_default_network_learns_the_ring(self, default):
        """2,000 updates: an energy distance below three noise floors."""
        frame = default[0][-1]
        assert frame.row["distance"] < 3 * experiment.floor("ring") and frame.index == 2000
        found = metrics.near_mode_share(frame.clouds["drawn"], exact.of("ring").means, 0.05)
        assert found > 0.6
        for t, loss, least in frame.losses:
            assert least <= loss * 1.1 and loss < least + 0.5     # near what is possible, and never below it but by chance

    def test_the_least_loss_is_that_of_the_exact_answer(self):
        """At the last timestep of a long chain v is minus the data, of which nothing is known: their variance is what is left."""
        at = dict((t, least) for t, _, least in last(part="train", updates=100).losses)
        points = experiment.reference("ring")
        assert at[1000] == pytest.approx((points - exact.of("ring").means.mean(0)).square().mean().item(), rel=1e-3)

    def test_the_arrows_are_the_score(self):
        """In the plane as the network sees it, times the noise's deviation, a fifth as long."""
        ring, sigma = exact.of("ring"), 0.8
        field = experiment.arrows(ring.denoise, sigma)
        a, b = 1 / (1 + sigma**2) ** 0.5, sigma / (1 + sigma**2) ** 0.5
        score = ring.score(field[:, :2] / a, sigma) / a            # of the scaled variable
        torch.testing.assert_close(field[:, 2:], experiment.ARROW * b * score, rtol=1e-4, atol=1e-5)

    def test_a_chain_too_short_puts_the_points_elsewhere_and_betas_that_fit_put_them_back(self):
        asked = {"part": "reverse", "data": "off_centre", "denoiser": "exact", "length": 50, "calls": 50}
        wrong, right = (last(**asked, schedule=name).row["distance"] for name in ("linear", "scaled"))
        assert wrong > 3 * experiment.floor("off_centre") > 1.5 * experiment.floor("off_centre") > right

    def test_more_calls_come_nearer_and_the_floor_is_reached(self):
        frames = list(experiment.run(Settings(part="calls", denoiser="exact", calls=100, sampler="ddim")))
        told = {(r["sampler"], r["asked"]): r for r in (f.row for f in frames) if r}
        assert len(told) == 1 + 4 * len(experiment.BUDGETS)
        floor = experiment.floor("ring")
        for name in experiment.COMPARED:
            assert told[name, 1000]["distance"] < 3 * floor and told[name, 4]["distance"] > 2 * floor
            assert all(told[name, calls]["calls"] <= max(calls, 6) for calls in experiment.BUDGETS)
        assert told["heun", 32]["distance"] < 2 * floor        # the second order pays
        assert told["chosen", 100]["calls"] == 100 and set(frames[-1].clouds) == {"chosen", "4", "32"}

    def test_what_was_learnt_is_taken_again_and_changes_nothing(self):
        kept = {}
        first = list(experiment.run(Settings(**SHORT), kept))
        again = list(experiment.run(Settings(**SHORT), kept))
        assert any("learning" in f.row for f in first) and not any("learning" in f.row for f in again)
        assert torch.equal(first[-1].clouds["clean"], again[-1].clouds["clean"])
        assert any("learning" in f.row for f in experiment.run(Settings(**SHORT, seed=1), kept))

    @pytest.mark.parametrize("wrong, said", [
        ({"part": "sideways"}, "forward, train"), ({"data": "cats"}, "ring"), ({"denoiser": "exact", "data": "spiral"}, "formula"),
        ({"updates": 50}, "100 to 6,000"), ({"calls": 3}, "4 to 1,000"), ({"target": "u"}, "epsilon"), ({"schedule": "flat"}, "cosine"),
        ({"eta": 2.0, "sampler": "ddim"}, "eta"), ({"digit": "11"}, "digit")])
    def test_what_cannot_be_is_refused_with_a_sentence(self, wrong, said):
        with pytest.raises(BadInput, match=said):
            Settings(**wrong)


class TestTab:
    @pytest.mark.parametrize("part, drawn", [("forward", {"points", "curves"}), ("train", {"points", "curves", "levels"}),
                                             ("reverse", {"points", "curves"})])
    def test_every_part_draws_what_it_needs_and_says_what_it_found(self, part, drawn):
        end = played(part=part, **SHORT)
        assert end.ended == "finished" and {name for name, text in end.view.pictures.items() if text} == drawn
        assert set(end.view.pictures) == set(tab.LAB.pictures) and end.rows and "{" not in end.view.words
        for text in filter(None, end.view.pictures.values()):
            assert json.loads(text)["label"]
        assert tab.LAB.predict.verdict(end.view.numbers) in (*tab.CHOICES, tab.WORDS["no verdict"])

    @pytest.mark.parametrize("sampler", samplers.SAMPLERS)
    def test_calls_are_drawn_for_every_sampler(self, sampler, monkeypatch):
        monkeypatch.setattr(experiment, "BUDGETS", (4, 32))
        end = played(part="calls", denoiser="exact", calls=8, sampler=sampler)
        titles = [panel["title"] for panel in json.loads(end.view.pictures["points"])["panels"]]
        assert end.ended == "finished" and "noise floor" in end.view.words
        assert titles == ["your calls"] + (["4 calls", "32 calls"] if sampler in experiment.COMPARED else [])

    def test_the_film_of_the_way_back_has_arrows_that_change(self):
        film = json.loads(played(part="reverse", **SHORT).view.pictures["points"])["film"]
        fields = [shot["panels"][0]["field"] for shot in film]
        assert len(film) == 12 and len(set(fields)) == 12
        assert [panel["title"] for panel in film[0]["panels"]] == ["noisy", "what the network takes it for"]

    def test_while_there_is_nothing_to_show_it_says_what_it_does(self):
        for asked, said in ((SHORT, "The network learns first"),
                            ({"part": "calls", "denoiser": "exact", "calls": 200}, "Asking the network")):
            moments = tab.run(memory={}, **tab.LAB.check(tab.LAB.defaults() | asked))
            view = next(moments).look()
            moments.close()
            assert view.words.startswith(said) and not view.pictures

    def test_digits_dissolve(self):
        end = played(part="forward", data="strokes")
        strip = json.loads(end.view.pictures["strip"])
        assert len(strip["frames"]) == 25 and strip["frames"][-1]["caption"] == "t = 1,000 of 1,000, SNR −86 dB"
        assert not end.view.pictures["points"]

    def test_the_hint_tells_of_a_chain_that_never_reaches_noise(self):
        told = tab.hint(**tab.LAB.defaults() | {"schedule": "linear", "length": 50})
        assert "SNR 1.5" in told and "never reaches noise" in told
        told = tab.hint(**tab.LAB.defaults())
        assert "2.4 × 10⁻⁹, with under 0.01% of" in told and "reaches noise, which is where" in told

    def test_the_recorded_run_is_the_lab_itself(self):
        saved = recorded.read("diffusion")
        shown = _recorded.read("diffusion", tab.LAB)
        assert saved.manifest["settings"] == Settings().__dict__ and len(saved.frames) == 30
        assert len(json.loads(shown.last.pictures["points"])["film"]) == 30 and "DDPM" in shown.last.words
        assert saved.rows[-1]["distance"] < 3 * saved.scene["floor"]

    def test_the_recorded_run_replays_live(self, default):
        """With all of its training: the first frames and the last are what is computed today."""
        saved = recorded.read("diffusion")
        frames = [f for f in experiment.run(Settings(), default[1]) if f.clouds]
        assert len(frames) == len(saved.frames)
        for there, here in ((saved.frames[0], frames[0]), (saved.frames[-1], frames[-1])):
            assert there["step"] == here.index
            kept = recorded.unpack(there["clouds"]["noisy"], 300, 2)
            assert abs(kept - here.clouds["noisy"][:300].numpy()).max() < 0.02
            assert there["row"]["distance_clean"] == pytest.approx(here.row["distance_clean"], abs=0.005)


RUNS = [{"part": "forward", "schedule": "linear", "length": 50}, {"part": "train", "updates": 100, "data": "spiral"},
        {"updates": 100, "sampler": "langevin", "target": "epsilon"},
        {"part": "calls", "denoiser": "exact", "calls": 8, "sampler": "heun"}]


class TestNotebook:
    @pytest.mark.parametrize("changes", RUNS, ids=lambda c: c.get("part", "reverse"))
    def test_it_names_no_other_package(self, changes):
        for cell in tab.notebook(**tab.LAB.defaults() | changes).cells:
            if cell.cell_type == "code":
                for node in ast.walk(ast.parse(cell.source)):
                    for name in [a.name for a in getattr(node, "names", [])] if isinstance(node, ast.Import) else \
                            [node.module] if isinstance(node, ast.ImportFrom) else []:
                        assert name.partition(".")[0] not in ("genai_core", "demos", "diffusers", "nbformat"), name

    def test_its_last_numbers_are_the_labs_to_the_last_bit(self):
        matplotlib = pytest.importorskip("matplotlib")
        matplotlib.use("agg")
        for changes in RUNS[1:]:
            space = {"__name__": "__main__"}
            cells = [cell.source for cell in tab.notebook(**tab.LAB.defaults() | changes).cells if cell.cell_type == "code"]
            exec(compile("\n\n".join(cells), "notebook", "exec"), space)
            for frame in experiment.run(Settings(**tab.LAB.defaults() | changes)):
                if frame.row.get("sampler") == "chosen":
                    break
            assert space["distance"] == frame.row["distance"]

    def test_what_needs_weights_says_where_else_to_go(self):
        with pytest.raises(BadInput, match="needs? no weights"):
            tab.notebook(**tab.LAB.defaults() | {"data": "strokes"})


def test_the_model_draws_with_every_sampler():
    from genai_core import models

    net = models.build("point_diffusion", 0, width=16)
    for name in samplers.SAMPLERS:
        assert net.sample(5, runtime.rng(0), sampler=name, calls=8).shape == (5, 2)


class TestCommands:
    def test_points_are_trained_and_drawn_from_the_command_line(self, tmp_path, capsys):
        from genai_core import __main__ as program

        file = tmp_path / "ring.safetensors"
        program.main(["train", "diffusion", "--data", "points", "--epochs", "2", "--width", "16", "--threads", "1", "--json",
                      "--out", str(file)])
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [line["epoch"] for line in lines] == [1, 2] and all(line["loss"] > 0 for line in lines)
        program.main(["sample", str(file), "--n", "5", "--sampler", "heun", "--calls", "9", "--threads", "1", "--json",
                      "--out", str(tmp_path)])
        assert json.loads(capsys.readouterr().out)["calls"] == 9
        assert len((tmp_path / "points.csv").read_text().splitlines()) == 6

    def test_digits_too_and_an_option_that_a_model_lacks_is_named(self, tmp_path, capsys):
        from genai_core import __main__ as program

        file = tmp_path / "digits.safetensors"
        program.main(["train", "diffusion", "--data", "digits", "--n", "64", "--epochs", "1", "--width", "16", "--layers", "1",
                      "--threads", "1", "--out", str(file)])
        program.main(["sample", str(file), "--n", "3", "--digit", "7", "--calls", "4", "--out", str(tmp_path), "--threads", "1"])
        assert len(list(tmp_path.glob("*.png"))) == 3
        assert program.main(["train", "diffusion", "--data", "points", "--target", "u", "--threads", "1"]) == 2
        assert "epsilon, x0, v" in capsys.readouterr().err
