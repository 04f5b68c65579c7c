from __future__ import annotations

from typing import Any

import pytest
from systems import document, dynamic, pool, scenario

from capsim import queueing, simulate
from capsim.documents import Document
from capsim.planner.beyond import fewest_servers
from capsim.planner.bounds import impossible
from capsim.scenario.grid import grid_of

EXPONENTIAL = {"distribution": "exponential", "mean": "10 ms"}


def reason(rate: float, targets: dict[str, str], *pools: dict[str, Any], **changes: Any) -> str | None:
    arrivals = {"process": "poisson", "rate": f"{rate} /s"}
    return impossible(scenario(*pools, arrivals=arrivals, objective=targets, **changes))


def test_load_at_or_above_capacity() -> None:
    told = reason(100, {"p99": "10 s"}, pool())
    assert told == "100 requests/s are offered, at most 100 can be served"
    assert reason(99, {"p99": "10 s"}, pool()) is None


def test_a_target_below_the_service_itself() -> None:
    assert "without any queue" in (reason(1, {"p99": "9 ms"}, pool()) or "")
    assert reason(1, {"p99": "12 ms"}, pool()) is None
    link = {"client": {"latency": "3 ms"}}
    assert "16 ms without any queue" in (reason(1, {"mean": "12 ms"}, pool(), network=link) or "")
    two = {"route": [{"pools": ["gpu"]}, {"pools": ["gpu"]}]}
    assert "20 ms without any queue" in (reason(1, {"p50": "15 ms"}, pool(), **two) or "")


def test_the_quickest_batch_size_counts() -> None:
    service = {"distribution": "constant", "mean": "2 ms", "per_item": "1 ms"}
    assert reason(1, {"p99": "3 ms"}, pool(service=service, batching=dynamic(8))) is None
    assert "3 ms without any queue" in (reason(1, {"p99": "2 ms"}, pool(service=service, batching=dynamic(8))) or "")


def test_what_theory_knows() -> None:
    p99_ms = queueing.mm1_latency_quantile_s(80, 0.01, 0.99) * 1e3
    assert reason(80, {"p99": f"{p99_ms:.0f} ms"}, pool(service=EXPONENTIAL)) is None
    assert "by queueing theory" in (reason(80, {"p99": f"{p99_ms / 1.2:.0f} ms"}, pool(service=EXPONENTIAL)) or "")
    assert reason(80, {"p99": f"{p99_ms / 1.2:.0f} ms"}, pool(service=EXPONENTIAL, queue={"capacity": 50})) is None
    assert "by queueing theory" in (reason(90, {"mean": "40 ms"}, pool()) or "")


@pytest.mark.parametrize("level", ["mean", "p50", "p99"])
def test_a_bound_is_below_what_simulation_finds(level: str) -> None:
    pools = [pool("a", service=EXPONENTIAL), pool("b", front_end={"before": "1 ms"})]
    changes: dict[str, Any] = {
        "route": [{"pools": ["a"]}, {"pools": ["b"]}],
        "run": {"horizon": "60 s", "replications": 3},
    }
    arrivals = {"process": "poisson", "rate": "1 /s"}
    found = simulate(scenario(*pools, arrivals=arrivals, **changes)).latency_s[level].value
    assert found is not None
    assert reason(1, {level: f"{found * 1e3 * 1.01:.3f} ms"}, *pools, **changes) is None
    assert reason(1, {level: f"{found * 1e3 / 2:.3f} ms"}, *pools, **changes) is not None


def test_the_fewest_servers_by_formulas() -> None:
    asked = document(pool(servers=1), arrivals={"process": "poisson", "rate": "870 /s"}, objective={"p99": "1 s"})
    assert fewest_servers(grid_of(Document("s.yaml", asked), ["pools.gpu.servers=1:5"])) == {"pools.gpu.servers": 9}
    assert fewest_servers(grid_of(Document("s.yaml", asked), ["pools.gpu.servers=1:9"])) is None
    assert fewest_servers(grid_of(Document("s.yaml", asked), ["pools.gpu.instances=1:2"])) is None
    never = document(pool(servers=1), arrivals={"process": "poisson", "rate": "1 /s"}, objective={"p99": "1 ms"})
    assert fewest_servers(grid_of(Document("s.yaml", never), ["pools.gpu.servers=1:5"])) is None
