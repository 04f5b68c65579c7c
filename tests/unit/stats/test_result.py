"""The answer: what `capsim run --json` promises, and the rows behind it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from systems import constant, document, dynamic, pool, scenario

from capsim import InputError, Result, simulate
from capsim.scenario import scenario_from

NUMBERS = ("mean", "p50", "p90", "p95", "p99", "p999")


@pytest.fixture(scope="module")
def result() -> Result:
    """Two steps behind a network, with a bounded queue, a timeout, an objective and prices."""
    gpu = pool(
        "gpu",
        servers=2,
        service={"distribution": "exponential", "mean": "8 ms"},
        batching=dynamic(4, "2 ms"),
        queue={"capacity": 6, "timeout": "30 ms"},
        front_end={"before": "100 us", "after": "200 us"},
        price={"usd_per_hour": 1.5},
    )
    return simulate(
        scenario(
            pool("cpu", servers=3, service=constant("2 ms"), price={"usd_per_hour": 0.5}),
            gpu,
            arrivals={"process": "poisson", "rate": "700 /s"},
            items=2,
            route=[{"pools": ["cpu"]}, {"pools": ["gpu"]}],
            network={"client": {"latency": "1 ms"}},
            objective={"p99": "60 ms"},
            run={"horizon": "20 s", "warmup": "2 s", "replications": 3, "seed": 11},
        )
    )


@pytest.fixture(scope="module")
def printed(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.to_json())
    return found


def test_the_document_has_every_promised_key(printed: dict[str, Any]) -> None:
    assert {
        "schema", "scenario", "engine", "seed", "replications", "requests", "latency_s", "waiting_s", "breakdown_s",
        "throughput_per_s", "throughput_items_per_s", "pools", "objective", "verdict", "warnings", "cost", "provenance",
    } <= printed.keys()  # fmt: skip
    assert printed["schema"] == "capsim.result/1"
    assert printed["engine"] in {"simpy", "compiled"}
    assert (printed["scenario"], printed["seed"], printed["replications"]) == ("test", 11, 3)
    assert printed["verdict"] in {"stable", "saturated"}
    assert {"version", "profiles", "evidence", "engine_s", "requests_simulated", "wall_s"} <= printed[
        "provenance"
    ].keys()
    assert all(
        pool.keys() >= {"name", "utilisation", "mean_batch_size", "batch_size_counts"} for pool in printed["pools"]
    )
    assert all(warning.keys() == {"code", "message"} for warning in printed["warnings"])


def test_rows_are_not_printed(printed: dict[str, Any]) -> None:
    assert not {"ledgers", "section_values", "offered_latency_s", "known"} & printed.keys()


@pytest.mark.parametrize("times", ["latency_s", "waiting_s"])
def test_times_have_their_intervals_and_rise(printed: dict[str, Any], times: str) -> None:
    assert tuple(printed[times]) == NUMBERS
    for interval in printed[times].values():
        assert interval.keys() == {"value", "ci95"} | ({"pi95"} if times == "latency_s" else set())
        low, high = interval["ci95"]
        assert low < interval["value"] < high
    values = [printed[times][name]["value"] for name in NUMBERS[1:]]
    assert values == sorted(values)


def test_every_request_has_one_outcome(printed: dict[str, Any]) -> None:
    counts = printed["requests"]
    assert counts.keys() == {"offered", "completed", "rejected", "timed_out", "failed", "in_flight"}
    assert counts["offered"] == sum(count for name, count in counts.items() if name != "offered")
    assert min(counts["rejected"], counts["timed_out"], counts["completed"]) > 0


def test_the_breakdown_adds_up_to_the_mean_latency(printed: dict[str, Any]) -> None:
    parts = printed["breakdown_s"]
    assert parts.keys() == {"network", "front_end", "waiting", "service"}
    assert sum(parts.values()) == pytest.approx(printed["latency_s"]["mean"]["value"])
    assert parts["network"] == pytest.approx(0.002)
    assert parts["waiting"] == pytest.approx(printed["waiting_s"]["mean"]["value"])
    assert parts["front_end"] >= 0.0003


def test_throughput_counts_requests_and_items(printed: dict[str, Any]) -> None:
    requests, items = printed["throughput_per_s"], printed["throughput_items_per_s"]
    assert items["value"] == pytest.approx(2 * requests["value"])
    assert items["ci95"] == pytest.approx([2 * end for end in requests["ci95"]])
    assert requests["value"] == pytest.approx(printed["requests"]["completed"] / 3 / 18, rel=0.01)


def test_the_objective_and_its_cost_are_told(printed: dict[str, Any]) -> None:
    # Many are rejected, and these are infinitely late.
    assert printed["objective"] == {
        "met": False,
        "probability": pytest.approx(0, abs=0.01),
        "probability_simulation": pytest.approx(0, abs=0.01),
        "targets_s": {"p99": 0.06},
        "words": "not met",
        "assumes": [f"pool {name}: its service times are assumed" for name in ("cpu", "gpu")],
    }
    per_hour = 3 * 0.5 + 2 * 1.5
    assert printed["cost"] == {
        "usd_per_hour": per_hour,
        "usd_per_month": per_hour * 730,
        "usd_per_million_requests": pytest.approx(per_hour / 3600 / printed["throughput_per_s"]["value"] * 1e6),
    }


def test_without_objective_and_price_there_is_neither() -> None:
    printed = simulate(scenario()).to_dict()
    assert printed["objective"] is None
    assert printed["cost"] is None


def test_pools_tell_their_batches_in_items(result: Result, printed: dict[str, Any]) -> None:
    cpu, gpu = printed["pools"]
    assert cpu["batch_size_counts"].keys() == {"2"}
    counts = {int(size): count for size, count in gpu["batch_size_counts"].items()}
    # 4 items are 2 requests.
    assert counts.keys() == {2, 4}
    assert gpu["mean_batch_size"] == pytest.approx(sum(s * c for s, c in counts.items()) / sum(counts.values()))
    assert 0 < cpu["utilisation"] < gpu["utilisation"] <= 1
    visits = result.visit_frame()
    inside = visits[(visits.enqueued_ns >= 2e9) & (visits.pool == "gpu")]
    assert gpu["visits"] == len(inside)
    waited = (inside.started_ns - inside.enqueued_ns).dropna()
    assert gpu["mean_waiting_s"] == pytest.approx(float(waited.mean()) / 1e9)


def test_nothing_that_is_not_a_number_is_printed() -> None:
    def refuse(text: str) -> None:
        raise AssertionError(text)

    nothing = {"process": "poisson", "rate": "0.001 /s"}
    lost = pool(service=constant("100 s"), queue={"capacity": 0})
    for asked in (
        scenario(arrivals=nothing, objective={"p99": "10 ms", "mean": "5 ms"}),
        scenario(lost, arrivals={"process": "poisson", "rate": "100 /s"}, objective={"p99": "1 s"}),
        scenario(pool(price={"usd_per_hour": 1}), arrivals=nothing),
    ):
        answer = simulate(asked)
        found = json.loads(answer.to_json(), parse_constant=refuse)
        assert found["latency_s"]["p99"]["value"] is None
        assert found["latency_s"]["p99"]["ci95"] is None
        assert "unknown" in str(answer)


def test_a_profile_whose_provenance_is_not_a_number_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "samples.csv").write_text("batch_size,latency_ms\n1,5\n1,6\n")
    told = "model: m\nhardware: {kind: cpu, name: x}\nruntime: r\nprecision: fp32\nsamples: samples.csv\n"
    (tmp_path / "profile.yaml").write_text(f"{told}measured: {{clock_mhz: .nan}}\n")
    with pytest.raises(InputError, match="NaN"):
        scenario_from(document(pool(profile="profile.yaml")), tmp_path)


def test_an_answer_reads_well(result: Result) -> None:
    text = str(result)
    assert text.startswith("test: saturated, 3 replications of 20 s\n")
    for words in ("p99 ", "requests/s", "pool gpu: utilisation", "objective not met (probability 0.0%)", "warning "):
        assert words in text


# The rows behind the answer


def test_requests_have_the_columns_of_the_contract(result: Result) -> None:
    frame = result.request_frame()
    assert list(frame) == [
        "replication", "request", "arrived_ns", "finished_ns", "outcome", "items", "class", "attempts"
    ]  # fmt: skip
    assert set(frame["class"]) == {"default"}
    assert set(frame.attempts) == {1}
    assert set(frame.outcome.cat.categories) == {"completed", "rejected", "timed_out", "failed", "in_flight"}
    assert set(frame["items"]) == {2}
    for _, rows in frame.groupby("replication"):
        assert rows.request.tolist() == list(range(len(rows)))
        assert rows.arrived_ns.is_monotonic_increasing


def test_visits_have_the_columns_of_the_contract(result: Result) -> None:
    frame = result.visit_frame()
    assert list(frame) == [
        "replication", "request", "step", "pool", "server", "enqueued_ns", "started_ns", "finished_ns", "batch",
        "batch_size", "attempt", "branch",
    ]  # fmt: skip
    assert frame.groupby("pool", observed=True).server.max().to_dict() == {"cpu": 2, "gpu": 1}
    assert (frame.step == (frame.pool == "gpu").astype(int)).all()
    assert set(frame.batch_size.dropna()) == {2, 4}
    assert frame.batch_size[frame.started_ns.isna()].isna().all()


def test_counts_are_those_of_the_rows_after_warm_up(result: Result) -> None:
    frame = result.request_frame()
    assert (frame.arrived_ns < 20e9).all()
    inside = frame[frame.arrived_ns >= 2e9]
    counts = inside.outcome.value_counts().to_dict()
    assert result.requests == {"offered": len(inside), **{name: counts[name] for name in frame.outcome.cat.categories}}
    completed = inside[inside.outcome == "completed"]
    latency = ((completed.finished_ns - completed.arrived_ns) / 1e9).to_numpy(dtype=np.float64)
    assert result.latency_s["mean"].value == pytest.approx(latency.mean())
    assert result.latency_s["p99"].value == np.quantile(latency, 0.99, method="inverted_cdf")
    ended = frame[(frame.outcome == "completed") & (frame.finished_ns >= 2e9) & (frame.finished_ns < 20e9)]
    assert result.throughput_per_s.value == pytest.approx(len(ended) / 18 / 3)


def test_busy_time_is_that_of_the_batches(result: Result) -> None:
    visits = result.visit_frame().dropna()
    # A request in a batch of its items out of four holds its share of it; batches that began before count in part.
    took = (visits.finished_ns.clip(2e9, 20e9) - visits.started_ns.clip(2e9, 20e9)) * 2 / visits.batch_size
    busy = took.groupby(visits.pool, observed=True).sum() / 18e9 / 3
    for pool_result in result.pools:
        assert pool_result.utilisation == pytest.approx(float(busy[pool_result.name]) / pool_result.servers, rel=1e-3)


def test_load_over_capacity_is_that_of_full_batches(result: Result) -> None:
    """Constant 2 ms for a request on 3 servers; 8 ms for two requests of two items on 2 servers."""
    cpu, gpu = result.pools
    assert cpu.load_over_capacity == pytest.approx(700 / (3 / 2e-3), rel=0.02)
    assert gpu.load_over_capacity == pytest.approx(700 / (2 * 2 / 8e-3), rel=0.02)
    assert gpu.load_over_capacity > 1 > gpu.utilisation


def test_a_pool_that_batches_is_busy_long_before_it_is_full() -> None:
    found = simulate(
        scenario(
            pool(batching=dynamic(16), instances=1),
            arrivals={"process": "poisson", "rate": "400 /s"},
            run={"horizon": "10 s", "replications": 3},
        )
    ).pools[0]
    assert found.utilisation > 0.9
    assert found.load_over_capacity == pytest.approx(0.25, rel=0.1)
