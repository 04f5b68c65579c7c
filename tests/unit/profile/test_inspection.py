"""What is told of a profile."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from recordings import HEAD, Floats, recording, weather

from capsim.profile import LatencyProfile, Recording, read_recording
from capsim.profile.inspection import Inspection, inspect_profile


def series(count: int = 400, sizes: tuple[int, ...] = (1, 2, 4)) -> dict[int, Floats]:
    """4 ms a batch and 1 ms an item, with noise of about 2 %."""
    chance = np.random.default_rng(5)
    return {size: (4 + size) * np.exp(0.02 * weather(chance, count, 0.3)) for size in sizes}


def inspected(folder: Path, series_ms: dict[int, Floats]) -> Inspection:
    return inspect_profile(recording(folder, series_ms))


def codes(found: Inspection) -> set[str]:
    return {warning.code for warning in found.warnings()}


def test_statistics_are_those_of_the_samples(tmp_path: Path) -> None:
    samples = series()
    found = inspected(tmp_path, samples)
    assert [row.batch_size for row in found.rows] == [1, 2, 4]
    for row in found.alone:
        values = samples[row.batch_size]
        assert row.samples == 400
        assert row.p50.value == pytest.approx(np.median(values))
        assert row.p99 is not None
        assert row.p99.value == pytest.approx(np.quantile(values, 0.99))
        assert row.p50.low < row.p50.value < row.p50.high
        assert row.noise == pytest.approx(row.p99.value / row.p50.value)
        assert row.throughput_per_s == pytest.approx(row.batch_size / values.mean() * 1e3, rel=1e-3)
    assert found.law is not None
    assert (found.law.per_batch_ms, found.law.per_item_ms) == pytest.approx((4, 1), rel=0.05)


def test_a_drift_during_the_measurement_is_told(tmp_path: Path) -> None:
    samples = series()
    assert "drift" not in codes(inspected(tmp_path, samples))
    samples[2] = samples[2] * np.linspace(1, 1.2, 400)
    [told] = [warning for warning in inspected(tmp_path, samples).warnings() if warning.code == "drift"]
    assert "batch size 2 rose by 1" in told.message


def test_noise_without_a_trend_is_no_drift(tmp_path: Path) -> None:
    samples = series()
    samples[2] = samples[2] * np.where(np.arange(400) % 80 < 40, 1.0, 1.2)
    assert "drift" not in codes(inspected(tmp_path, samples))


def test_that_p99_has_no_upper_end_is_told(tmp_path: Path) -> None:
    [told] = [each for each in inspected(tmp_path, series(200)).warnings() if each.code == "p99_open_ended"]
    assert "at batch sizes 1, 2, 4" in told.message
    assert "368 independent samples" in told.message
    assert "p99_open_ended" not in codes(inspected(tmp_path, series(2000)))


def test_the_largest_batch_within_a_limit(tmp_path: Path) -> None:
    found = inspected(tmp_path, series())
    fitting = found.largest_within(7)
    assert fitting is not None
    assert fitting.batch_size == 2
    assert found.largest_within(3) is None
    assert found.to_dict(7.0)["within"] == {"p99_ms": 7.0, "batch_size": 2}


def quantiles(folder: Path, rows: str) -> Recording:
    import yaml

    file = folder / "table.yaml"
    file.write_text(yaml.safe_dump(HEAD) + f"quantiles: [{rows}]\n")
    return read_recording(file)


def test_quantiles_alone_have_no_intervals(tmp_path: Path) -> None:
    rows = "{batch_size: 1, p50_ms: 5, p90_ms: 6, p99_ms: 8}, {batch_size: 2, p50_ms: 6, p90_ms: 7, p99_ms: 9}"
    found = inspect_profile(quantiles(tmp_path, rows))
    assert found.rows[0].p99 is not None
    assert found.rows[0].p99.to_dict() == {"value": pytest.approx(8), "ci95": None}
    assert "p99_open_ended" not in codes(found)


def test_a_tail_that_nobody_measured_is_not_told(tmp_path: Path) -> None:
    found = inspect_profile(quantiles(tmp_path, "{batch_size: 1, p50_ms: 5, p90_ms: 6}"))
    assert list(found.rows[0].latency_ms) == ["p50"]
    assert found.rows[0].noise is None
    assert "tail_unknown" in codes(found)


def test_everything_told_is_json(tmp_path: Path) -> None:
    document = json.loads(json.dumps(inspected(tmp_path, series(200)).to_dict(), allow_nan=False))
    assert document["schema"] == "capsim.profile/1"
    assert document["batch_sizes"][0]["latency_ms"]["p99"]["ci95"][1] is None
    assert document["model"] == "resnet50"


# Capacity of a device


def profile(curves_ms: dict[tuple[int, int], float]) -> LatencyProfile:
    curves = {key: np.full(1001, value * 1e6) for key, value in curves_ms.items()}
    return LatencyProfile("gpu.yaml", curves, dict.fromkeys(curves, 500), tail_known=True)


@pytest.mark.parametrize(
    ("batch_size", "instances", "overlap", "per_s"),
    [
        (1, 1, None, 100),
        (8, 1, None, 400),
        # Two at once take 30 ms as measured: 2 · 8 items in that time.
        (8, 2, None, 16 / 0.03),
        (8, 2, 0.0, 400),
        (8, 2, 1.0, 800),
        # Two of size 1 were not measured: overlap 0.5 as at size 8.
        (1, 2, None, 2 / 0.015),
    ],
)
def test_the_throughput_of_full_batches(batch_size: int, instances: int, overlap: float | None, per_s: float) -> None:
    measured = profile({(1, 1): 10, (1, 8): 20, (2, 8): 30})
    assert measured.max_throughput_per_s(batch_size, instances, overlap) == pytest.approx(per_s)


def test_instances_share_fully_where_nothing_else_was_measured() -> None:
    assert profile({(1, 1): 10}).max_throughput_per_s(1, 4) == pytest.approx(100)
