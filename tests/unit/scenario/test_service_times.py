"""Service times by batch size."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from systems import constant, document, dynamic, pool

from capsim.random import Stream
from capsim.scenario import Pool, scenario_from
from capsim.scenario.service import service_times
from capsim.serving.service import drawn_work_ns, profiled_work_ns


def only(settings: dict[str, Any], folder: Path = Path(), items: int = 1) -> Pool:
    """The pool in a scenario of its own."""
    return scenario_from(document(settings, items=items), folder).pools[0]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """1 item takes 4 to 6 ms, 4 items take 10 to 20 ms, spread evenly."""
    rows = "".join(f"1,{4 + i / 500}\n4,{10 + i / 100}\n" for i in range(1001))
    (tmp_path / "samples.csv").write_text(f"batch_size,latency_ms\n{rows}")
    return tmp_path


def work_ms(times: Any, requests: int, u: float) -> float:
    """The work of a batch at a uniform."""
    row = times.lower[requests - 1]
    return profiled_work_ns(u, times.curves_ns[row], times.curves_ns[row + 1], times.weight[requests - 1]) / 1e6


def test_measured_sizes_have_their_quantiles(folder: Path) -> None:
    times = service_times(only(pool(profile="samples.csv", batching=dynamic(4)), folder), 1)
    assert [work_ms(times, 1, u) for u in (0.001, 0.5, 0.99)] == pytest.approx([4.002, 5, 5.98])
    assert [work_ms(times, 4, u) for u in (0.001, 0.5, 0.99)] == pytest.approx([10.01, 15, 19.9])


def test_between_measured_sizes_quantiles_are_interpolated(folder: Path) -> None:
    """2 items are a third of the way from 1 to 4."""
    times = service_times(only(pool(profile="samples.csv", batching=dynamic(4)), folder), 1)
    assert work_ms(times, 2, 0.5) == pytest.approx(5 + 10 / 3)
    assert work_ms(times, 3, 0.99) == pytest.approx(5.98 + 2 / 3 * 13.92)
    assert times.mean_ns / 1e6 == pytest.approx([5, 5 + 10 / 3, 5 + 20 / 3, 15])


def test_beyond_measured_sizes_the_line_goes_on(folder: Path) -> None:
    """10 ms more for 3 items: 5 items take 15 + 10 / 3."""
    beyond = pool(profile="samples.csv", extrapolate=True, batching=dynamic(5))
    assert work_ms(service_times(only(beyond, folder), 1), 5, 0.5) == pytest.approx(15 + 10 / 3)


def test_batches_are_counted_in_requests_and_measured_in_items(folder: Path) -> None:
    times = service_times(only(pool(profile="samples.csv", batching=dynamic(4)), folder, items=2), 2)
    assert len(times.mean_ns) == 2
    assert times.mean_ns[1] / 1e6 == pytest.approx(15)


def test_what_is_sampled_has_the_measured_percentiles(folder: Path) -> None:
    times = service_times(only(pool(profile="samples.csv", batching=dynamic(4)), folder), 1)
    uniforms = times.draws(Stream.named(0, 0, "service/gpu/0"), 0, 20_000)
    drawn = np.array([work_ms(times, 4, u) for u in uniforms.tolist()])
    assert np.quantile(drawn, [0.5, 0.9, 0.99]) == pytest.approx([15, 19, 19.9], rel=0.01)


def test_a_distribution_has_its_mean_and_what_each_item_adds() -> None:
    settings = pool(service=constant("4 ms", per_item="2 ms"), batching=dynamic(6))
    assert service_times(only(settings, items=3), 3).mean_ns.tolist() == [10e6, 16e6]


def test_overheads_are_per_batch_and_per_request() -> None:
    settings = pool(overhead={"per_batch": "2 ms", "per_request": "1 ms"}, batching=dynamic(6))
    assert service_times(only(settings, items=2), 2).overhead_ns.tolist() == [3_000_000, 4_000_000, 5_000_000]


def test_no_work_takes_less_than_a_nanosecond() -> None:
    assert drawn_work_ns(1e-12, 5.0) == 1
    assert profiled_work_ns(0.5, [0.0, 0.0], [0.0, 0.0], 0.5) == 1
    assert drawn_work_ns(1.5, 5.0) == 8
