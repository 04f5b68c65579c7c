"""A tally tells what the rows of the same run tell, to within the width of its buckets."""

from __future__ import annotations

import numpy as np
import pytest
from random_scenarios import random_scenario

from capsim import simulate, simulation
from capsim.engine import compiled, lower
from capsim.engine.tally import BUCKETS, LARGEST_ERROR, SLICES, bucket_middles_ns
from capsim.scenario import Scenario
from capsim.stats import Result


def scenario(replications: int = 1, **changes: object) -> Scenario:
    service = {"distribution": "lognormal", "mean": "5 ms", "cv": 0.5}
    gpu = {
        "name": "gpu",
        "servers": 3,
        "instances": 2,
        "service": service,
        "sharing": {"overlap": 0.5},
        "batching": {"policy": "dynamic", "max_batch_size": 8, "max_queue_delay": "1 ms"},
        "queue": {"capacity": 20, "timeout": "60 ms"},
        "front_end": {"before": "50 us", "after": "50 us"},
    }
    return Scenario.model_validate(
        {
            "name": "tallied",
            "workload": {"arrivals": {"process": "poisson", "rate": "2000 /s"}},
            "pools": [gpu, {"name": "after", "servers": 1, "service": {"distribution": "constant", "mean": "0.3 ms"}}],
            "route": [{"pools": ["gpu"]}, {"pools": ["after"]}],
            "network": {"client": {"latency": "1 ms"}},
            "objective": {"p99": "80 ms"},
            "run": {"horizon": "10 s", "replications": replications, **changes},
        }
    )


def both(asked: Scenario, monkeypatch: pytest.MonkeyPatch) -> tuple[Result, Result]:
    rows = simulate(asked)
    monkeypatch.setattr(simulation, "MOST_ROWS", 0)
    tallied = simulate(asked)
    assert len(rows.ledgers) == asked.run.least_replications
    assert tallied.ledgers == []
    return rows, tallied


@pytest.mark.parametrize("replications", [1, 2, 4])
def test_it_tells_what_rows_tell(replications: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, tallied = both(scenario(replications), monkeypatch)
    assert tallied.requests == rows.requests
    assert tallied.verdict == rows.verdict
    assert tallied.breakdown_s == pytest.approx(rows.breakdown_s)
    assert tallied.latency_s["mean"].value == pytest.approx(rows.latency_s["mean"].value)
    for name, interval in rows.latency_s.items():
        assert tallied.latency_s[name].value == pytest.approx(interval.value, rel=LARGEST_ERROR)
        assert tallied.waiting_s[name].value == pytest.approx(rows.waiting_s[name].value, rel=LARGEST_ERROR, abs=1e-9)
    for mine, theirs in zip(tallied.pools, rows.pools, strict=True):
        assert mine.batch_size_counts == theirs.batch_size_counts
        assert mine.visits == theirs.visits
        assert mine.utilisation == pytest.approx(theirs.utilisation)
        assert mine.mean_waiting_s == pytest.approx(theirs.mean_waiting_s)
    assert "tallied" in [warning.code for warning in tallied.warnings]
    assert tallied.provenance["largest_quantile_error"] == LARGEST_ERROR
    assert rows.provenance["largest_quantile_error"] == 0


def test_the_stated_warm_up_is_kept_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, tallied = both(scenario(3, warmup="1.2345 s"), monkeypatch)
    assert tallied.warmup_s == rows.warmup_s == 1.2345
    assert tallied.requests == rows.requests


def test_rows_are_kept_where_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulation, "MOST_ROWS", 0)
    assert len(simulate(scenario(), rows=True).ledgers) == 1


def test_no_request_is_lost_in_any_scenario() -> None:
    for number in range(100):
        blueprint = lower(random_scenario(number))
        ledger, tally = compiled.run(blueprint), compiled.run_tally(blueprint, 0)
        assert len(tally) == len(ledger), f"random_scenario({number})"
        assert tally.latency.sum() == np.count_nonzero(ledger.requests["outcome"] == 0)
        assert tally.batches[:SLICES].sum() == np.count_nonzero(ledger.batches["started_ns"] < blueprint.horizon_ns)


def test_a_bucket_stands_for_values_at_most_as_far_off_as_stated() -> None:
    middles = bucket_middles_ns()
    assert len(middles) == BUCKETS
    assert np.all(np.diff(middles) > 0)
    assert list(middles[:256]) == list(range(256))
    edges = (middles[256:-1] + middles[257:]) / 2
    assert np.all(np.abs(edges / middles[256:-1] - 1) <= LARGEST_ERROR)
