"""Sweeps: the same numbers for any number of workers and on a cluster, resumable, and a cell is the run it stands for."""

import json
from dataclasses import replace

import pandas
import pytest

from genai_core.collapse import Plan, engines
from genai_core.collapse.sweep import Cell, Sweep, cells, job_name, predicted_seconds
from genai_core.errors import BadInput

SWEEP = Sweep("gaussian", Plan(generations=4, seeds=20, seed=5), {"regime": ["replace", "fresh"], "real": [0.1, 0.5], "n": [5, 20]})


@pytest.fixture(scope="module")
def alone():
    return list(cells(SWEEP))


def summaries(found):
    return [(cell.at, cell.summary) for cell in found]


def test_a_cell_is_the_run_that_it_stands_for(alone):
    assert [c.done for c in alone] == list(range(1, 9)) and {c.of for c in alone} == {8} and isinstance(alone[0], Cell)
    cell = alone[5]
    assert cell.at == {"regime": "fresh", "real": 0.1, "n": 20}
    plan = replace(SWEEP.base, **cell.at)
    assert cell.summary == engines.summary(list(engines.generations("gaussian", plan)), engines.expected("gaussian", plan))


def test_two_workers_change_nothing(alone):
    assert summaries(cells(SWEEP, n_jobs=2)) == summaries(alone)


def test_a_cluster_of_two_nodes_changes_nothing(alone, monkeypatch):
    import ray
    from ray.cluster_utils import Cluster

    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    node = {"num_cpus": 1, "object_store_memory": 80_000_000, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=node)
    try:
        cluster.add_node(num_cpus=1, object_store_memory=80_000_000)
        ray.init(address=cluster.address, log_to_driver=False)
        assert sum(n["Alive"] for n in ray.nodes()) == 2
        assert summaries(cells(SWEEP, n_jobs=2, backend="ray")) == summaries(alone)
    finally:
        ray.shutdown()
        cluster.shutdown()


def test_what_is_done_is_not_done_again(alone, tmp_path, monkeypatch):
    some = cells(SWEEP, folder=tmp_path)
    for _ in range(3):
        next(some)
    some.close()
    assert len(list(tmp_path.glob("*.json"))) == 3
    ran = []
    monkeypatch.setattr("genai_core.collapse.sweep.settle", lambda model, plan, real=settle_of(): ran.append(plan) or real(model, plan))
    again = list(cells(SWEEP, folder=tmp_path))
    assert len(ran) == 5 and json.dumps(summaries(again)) == json.dumps(summaries(alone))
    victim = tmp_path / f"{job_name('gaussian', SWEEP.plans()[0][1])}.json"
    victim.write_text('[{"generation": 0, "va')
    assert json.dumps(summaries(cells(SWEEP, folder=tmp_path))) == json.dumps(summaries(alone)) and len(ran) == 6


def settle_of():
    from genai_core.collapse.sweep import settle

    return settle


def test_a_prediction_counts_all_settings_and_workers(monkeypatch):
    sweep = Sweep("gaussian", Plan(generations=59, seeds=2), {"n": [10, 20, 30, 40, 50, 60]})
    ticks = iter(range(100))
    monkeypatch.setattr("genai_core.collapse.sweep.time.perf_counter", lambda: float(next(ticks)))
    monkeypatch.setattr("genai_core.collapse.sweep.os.cpu_count", lambda: 2)
    assert predicted_seconds(sweep) == pytest.approx(6 * 60 / 4)  # each start of 4 generations took one tick of this clock
    assert predicted_seconds(sweep, n_jobs=8) == pytest.approx(6 * 60 / 4 / 2)


def test_the_command_line_makes_the_labs_map(tmp_path, capsys):
    from genai_core import __main__ as command_line
    from genai_core.collapse import phase
    from genai_core.collapse.experiment import Settings

    lab = {tuple(cell.settings.values()): cell.value for cell in phase.cells(Settings(regime="fresh", n=20, generations=4, seeds=30))}
    out = tmp_path / "new" / "map.csv"
    asked = ["collapse", "--regime", "fresh", "--over", "real=0.5,0.1", "--over", "n=20,50", "--generations", "4", "--seeds", "30"]
    assert command_line.main([*asked, "--json", "--out", str(out), "--folder", str(tmp_path / "kept")]) == 0
    told = capsys.readouterr()
    answer = json.loads(told.out)
    assert answer["settings"] == 4 and answer["over"] == {"real": [0.5, 0.1], "n": [20, 50]} and "4 settings, about" in told.err
    for cell in answer["cells"]:
        assert cell["generations"][-1]["var"]["median"] == lab[cell["at"]["real"], cell["at"]["n"]]
    assert len(list((tmp_path / "kept").glob("*.json"))) == 4
    table = pandas.read_csv(out)
    assert len(table) == 4 * 5 and list(table.columns[:3]) == ["real", "n", "generation"]
    assert table.theory_var.iloc[-1] == answer["cells"][-1]["generations"][-1]["theory"]["var"]
    for wrong, sentence in (("colour=1", "give one of"), ("n=a", "needs numbers"), ("n=5,5", "twice"), ("regime=nope", "no regime")):
        assert command_line.main(["collapse", "--over", wrong]) == 2 and sentence in capsys.readouterr().err


@pytest.mark.parametrize("wrong, told", [
    (lambda: list(cells(Sweep("gaussian", Plan(), {"n": []}))), "at least one value"),
    (lambda: list(cells(SWEEP, backend="dask"))[0], "loky or ray"), (lambda: list(cells(SWEEP, n_jobs=0)), "at least 1"),
    (lambda: Sweep("gaussian", Plan(), {"n": range(2, 2000), "seed": range(100)}).plans(), "20,000"),
    (lambda: list(cells(Sweep("gaussian", Plan(), {"colour": [1]}))), "no option colour"),
])
def test_bad_sweeps_get_a_sentence(wrong, told):
    with pytest.raises(BadInput, match=told):
        wrong()
