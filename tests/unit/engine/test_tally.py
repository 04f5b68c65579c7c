"""A tally tells what the rows of the same run tell, to within the width of its buckets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from random_scenarios import random_scenario

from capsim import simulate, simulation
from capsim.engine import Ledger, compiled, lower
from capsim.engine.ledger import NOT_YET, Ints, Outcome
from capsim.engine.tally import (
    AFTER,
    ANSWERED,
    BEFORE,
    BEGUN,
    BUCKETS,
    BUSY_NS,
    ENDED,
    LARGEST_ERROR,
    LATENCY_NS,
    PER_OCTAVE,
    QUEUED_NS,
    SENT,
    SERVED_NS,
    SLICES,
    VISITS,
    WAITED_NS,
    Tally,
    bucket_middles_ns,
)
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


def test_many_requests_are_counted_where_that_is_asked_for_and_quicker(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = scenario(3)
    assert simulate(asked, counted=True).ledgers
    monkeypatch.setattr(simulation, "QUICKER_COUNTED", 10)
    assert simulate(asked).ledgers
    assert simulate(asked, counted=True, rows=True).ledgers
    assert simulate(asked, "simpy", counted=True).ledgers
    counted = simulate(asked, counted=True)
    assert not counted.ledgers
    said = {warning.code: warning.message for warning in counted.warnings}
    assert said["tallied"] == "requests are counted in histograms: percentiles are at most 0.4% off"


def test_rows_are_kept_where_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulation, "MOST_ROWS", 0)
    assert len(simulate(scenario(), rows=True).ledgers) == 1


def slices_of(instants_ns: Ints, edges_ns: Ints) -> Ints:
    found = np.searchsorted(edges_ns[:-1], instants_ns, side="right") - 1
    found[instants_ns < edges_ns[0]] = BEFORE
    found[instants_ns >= edges_ns[-1]] = AFTER
    return found


def of_requests(ledger: Ledger, tally: Tally) -> dict[str, Any]:
    """The tables by request, from rows."""
    requests, visits = ledger.requests, ledger.visits
    sent, outcome = slices_of(requests["arrived_ns"], tally.edges_ns), requests["outcome"]
    finished = slices_of(requests["finished_ns"], tally.edges_ns)
    ended, done = outcome != Outcome.in_flight, outcome == Outcome.completed
    served = visits["finished_ns"] != NOT_YET
    spans = {LATENCY_NS: requests["finished_ns"] - requests["arrived_ns"]}
    for column, begin, end in ((WAITED_NS, "enqueued_ns", "started_ns"), (SERVED_NS, "started_ns", "finished_ns")):
        span = (visits[end] - visits[begin])[served]
        spans[column] = np.bincount(visits["request"][served], span, len(sent)).astype(np.int64)
    table = np.zeros_like(tally.requests)
    np.add.at(table[:, SENT], sent, 1)
    np.add.at(table, (sent[ended], 1 + outcome[ended]), 1)
    np.add.at(table[:, ENDED], finished[ended], 1)
    np.add.at(table[:, ANSWERED], finished[done], 1)
    for column, span in spans.items():
        np.add.at(table[:, column], sent[done], span[done])
    found: dict[str, Any] = {
        "requests": table,
        "latency": np.zeros_like(tally.latency),
        "waiting": np.zeros_like(tally.waiting),
    }
    shift = np.maximum(np.arange(BUCKETS) // PER_OCTAVE - 1, 0)
    lowest_ns = (np.arange(BUCKETS) - shift * PER_OCTAVE) << shift
    for name, column in (("latency", LATENCY_NS), ("waiting", WAITED_NS)):
        np.add.at(found[name], (sent[done], np.searchsorted(lowest_ns, spans[column][done], side="right") - 1), 1)
    return found


def of_pools(ledger: Ledger, tally: Tally, first_servers: list[int]) -> dict[str, Any]:
    """The tables by pool, from rows."""
    visits, batches, edges = ledger.visits, ledger.batches, tally.edges_ns
    pools, by_size = np.zeros_like(tally.pools), np.zeros_like(tally.batches)
    pool, at = (
        np.searchsorted(first_servers, visits["server"], side="right") - 1,
        slices_of(visits["enqueued_ns"], edges),
    )
    begun = visits["started_ns"] != NOT_YET
    np.add.at(pools[..., VISITS], (pool, at), 1)
    np.add.at(pools[..., BEGUN], (pool[begun], at[begun]), 1)
    queued_ns = (visits["started_ns"] - visits["enqueued_ns"])[begun]
    np.add.at(pools[..., QUEUED_NS], (pool[begun], at[begun]), queued_ns)
    pool = np.searchsorted(first_servers, batches["server"], side="right") - 1
    starts_ns, ends_ns = batches["started_ns"], batches["finished_ns"]
    np.add.at(by_size, (slices_of(starts_ns, edges), tally.sizes[pool] + batches["requests"] - 1), 1)
    ends_ns = np.where(ends_ns == NOT_YET, edges[-1], ends_ns)[:, np.newaxis]
    overlaps_ns = np.minimum(ends_ns, edges[1:]) - np.maximum(starts_ns[:, np.newaxis], edges[:-1])
    np.add.at(pools[:, :SLICES, BUSY_NS], pool, np.maximum(0, overlaps_ns))
    return {"pools": pools, "batches": by_size}


@pytest.mark.parametrize("plain", [False, True])
def test_every_count_is_that_of_the_rows(plain: bool) -> None:
    for number in range(100):
        blueprint = lower(random_scenario(number, plain))
        for from_ns in (0, blueprint.horizon_ns // 3):
            tally = compiled.run_tally(blueprint, from_ns)
            ledger, firsts = compiled.run(blueprint), [pool.first_server for pool in blueprint.pools]
            for name, table in (of_requests(ledger, tally) | of_pools(ledger, tally, firsts)).items():
                told = f"random_scenario({number}, {plain}) from {from_ns}: {name}"
                assert np.array_equal(getattr(tally, name), table), told


def test_a_bucket_stands_for_values_at_most_as_far_off_as_stated() -> None:
    middles = bucket_middles_ns()
    assert len(middles) == BUCKETS
    assert np.all(np.diff(middles) > 0)
    assert list(middles[:256]) == list(range(256))
    edges = (middles[256:-1] + middles[257:]) / 2
    assert np.all(np.abs(edges / middles[256:-1] - 1) <= LARGEST_ERROR)
