from __future__ import annotations

import json
from pathlib import Path

import pytest
from systems import document, pool

from capsim import load_grid, simulate
from capsim.documents import Document
from capsim.errors import InputError
from capsim.scenario.grid import Grid, grid_of
from capsim.sweeping import Cell, Journal, estimate, flat, sweep
from capsim.sweeping.journal import key_of


@pytest.fixture
def grid() -> Grid:
    data = document(
        pool(service={"distribution": "exponential", "mean": "10 ms"}, price={"usd_per_hour": 0.5}),
        arrivals={"process": "poisson", "rate": "60 /s"},
        objective={"p99": "100 ms"},
        run={"horizon": "4 s", "replications": 3},
    )
    return grid_of(Document("s.yaml", data), ["pools.gpu.servers=1:3", "workload.arrivals.rate=60 /s,90 /s"])


def test_a_cell_is_the_answer_of_simulate(grid: Grid) -> None:
    cells = sweep(grid)
    result = simulate(grid.scenario(3))
    assert cells[3].settings == {"pools.gpu.servers": 2, "workload.arrivals.rate": "90 /s"}
    assert cells[3].answer["latency_s"]["p99"]["value"] == result.latency_s["p99"].value
    assert "wall_s" not in cells[3].answer["provenance"]
    assert cells == sweep(grid)


def test_the_answer_does_not_depend_on_the_number_of_workers(grid: Grid) -> None:
    assert sweep(grid, workers=2) == sweep(grid, workers=1)


def test_a_row_is_flat_and_names_its_units(grid: Grid) -> None:
    row = flat(sweep(grid)[2])
    assert row["pools.gpu.servers"] == 2
    assert row["mean_s_low"] < row["mean_s"] < row["mean_s_high"]
    assert row["p99_s_low"] is None, "too few requests are beyond"
    assert {"verdict", "usd_per_hour", "utilisation.gpu", "throughput_per_s", "objective_probability"} <= row.keys()
    assert all(value is None or isinstance(value, (str, int, float)) for value in row.values())


def test_each_class_has_columns_of_its_own() -> None:
    settings = ["run.horizon=5 s", "run.replications=2"]
    grid = load_grid("shipped:interactive-and-bulk", ["pools.gpu.servers=1,2"], settings)
    (few, many), results = sweep(grid), [simulate(scenario) for scenario in grid.scenarios()]
    for cell, result in ((few, results[0]), (many, results[1])):
        row = flat(cell)
        for each in result.classes:
            assert row[f"p99_s.{each.name}"] == each.latency_s["p99"].value
            assert row[f"throughput_per_s.{each.name}"] == each.throughput_per_s.value
            assert row[f"offered.{each.name}"] == each.requests["offered"]
            assert row[f"cost_share.{each.name}"] == each.cost_share
        assert row["objective_met.interactive"] == row["objective_met"]
        assert row["attempts_sent"] == result.requests["offered"]
        assert row["wasted.gpu"] == 0
    assert (flat(few)["p99_s.interactive"] or 0) > (flat(many)["p99_s.interactive"] or 0)


def test_an_interrupted_sweep_continues(grid: Grid, tmp_path: Path) -> None:
    file = tmp_path / "done.jsonl"
    done: list[Cell] = []

    def interrupt(cell: Cell, _requests: float) -> None:
        done.append(cell)
        if len(done) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(grid, journal=Journal(file), told=interrupt)
    kept = file.read_text()
    # A crash in the middle of a line costs that line only.
    file.write_text(kept + '{"key": "half')
    whole = sweep(grid, journal=Journal(file))
    assert whole == sweep(grid)
    assert file.read_text().startswith(kept)
    assert len(file.read_text().splitlines()) == 6
    assert sweep(grid, journal=Journal(file)) == whole


def test_what_is_not_a_journal(tmp_path: Path) -> None:
    file = tmp_path / "notes.jsonl"
    file.write_text("my notes\n")
    with pytest.raises(InputError, match="is not the journal of a sweep"):
        Journal(file)


@pytest.mark.parametrize(
    "line", ["[1, 2]", '{"key": 5, "answer": {}}', '{"key": null, "answer": 1}', '{"key": "a"}', "7"]
)
def test_a_line_of_another_form_is_damaged(grid: Grid, tmp_path: Path, line: str) -> None:
    file = tmp_path / "done.jsonl"
    sweep(grid, journal=Journal(file))
    file.write_text(f"{line}\n{file.read_text()}")
    assert Journal(file).damaged == [1]


def test_a_key_changes_with_all_that_an_answer_depends_on(grid: Grid, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("batch_size,latency_ms\n1,5\n1,6\n")
    data = document({"name": "gpu", "servers": 1, "profile": "p.csv"})

    def key() -> str:
        return key_of(grid_of(Document("s.yaml", data, folder=tmp_path), ["run.seed=1"]).scenario(0), "auto")

    first = key()
    assert key() == first
    (tmp_path / "p.csv").write_text("batch_size,latency_ms\n1,5\n1,7\n")
    assert key() != first
    assert len({key_of(scenario, "auto") for scenario in grid.scenarios()}) == 6


def test_what_a_grid_takes(grid: Grid) -> None:
    effort = estimate(grid, workers=1)
    assert effort.cells == 6
    assert effort.requests == pytest.approx((60 + 90) / 2 * 4 * 3 * 6)
    assert effort.seconds > 0


def test_a_journal_is_plain_json(grid: Grid, tmp_path: Path) -> None:
    file = tmp_path / "done.jsonl"
    sweep(grid, journal=Journal(file))
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    assert all(row.keys() == {"key", "answer"} for row in rows)
