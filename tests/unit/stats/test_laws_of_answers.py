"""What holds of every answer, whatever its path: parts add up to wholes."""

from __future__ import annotations

import pytest

from capsim import Result, load_scenario, simulate
from capsim.stats.classes import ClassResult

SHORT = ["run.replications=2", "run.warmup=1 s"]
PATHS = {
    "cached-ranking": ["run.horizon=4 s"],
    "cascade": ["run.horizon=20 s"],
    "ensemble": ["run.horizon=20 s"],
    "edge-and-cloud": ["run.horizon=30 s"],
    "interactive-and-bulk": ["run.horizon=20 s"],
    "interactive-and-bulk-apart": ["run.horizon=20 s"],
    "retry-storm": ["run.horizon=60 s"],
}


@pytest.fixture(scope="module", params=PATHS)
def result(request: pytest.FixtureRequest) -> Result:
    return simulate(load_scenario(f"shipped:{request.param}", [*SHORT, *PATHS[request.param]]), beyond_chance=False)


def test_parts_of_the_latency_sum_to_it_and_none_is_below_zero(result: Result) -> None:
    wholes: list[Result | ClassResult] = [result, *result.classes]
    for each in wholes:
        assert sum(each.breakdown_s.values()) == pytest.approx(each.latency_s["mean"].value)
        assert min(each.breakdown_s.values()) >= -1e-12


def test_classes_sum_to_the_whole(result: Result) -> None:
    for name, count in result.requests.items():
        assert sum(each.requests[name] for each in result.classes) == count
    throughput = sum(each.throughput_per_s.value or 0 for each in result.classes)
    assert throughput == pytest.approx(result.throughput_per_s.value)
    items = sum(each.items_per_s.value or 0 for each in result.classes)
    assert items == pytest.approx(result.throughput_items_per_s.value)
    assert sum(each.cost_share or 0 for each in result.classes) == pytest.approx(1)


def test_goodput_is_part_of_the_throughput_and_wasted_work_of_the_utilisation(result: Result) -> None:
    for each in result.classes:
        if each.goodput_per_s is not None:
            assert each.goodput_per_s.value is not None
            assert 0 <= each.goodput_per_s.value <= (each.throughput_per_s.value or 0) * (1 + 1e-9)
    for pool in result.pools:
        assert pool.wasted is not None
        assert 0 <= pool.wasted <= pool.utilisation * (1 + 1e-9)


def test_every_request_is_sent_once_or_tried_again(result: Result) -> None:
    sent = result.attempts
    assert sent is not None
    assert sent.sent == result.requests["offered"] + sent.retried + sent.hedged
    rows = result.request_frame()
    inside = rows[rows.arrived_ns >= 1e9]
    assert sent.sent == inside.attempts.sum()
    attempts = result.attempt_frame()
    assert (attempts is None) == (sent.retried + sent.hedged == 0)
    if attempts is not None:
        assert len(attempts) == rows.attempts.sum()
