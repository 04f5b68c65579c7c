from dataclasses import replace

import pytest

from capsim.validation import LoadPoint
from capsim.validation.littles_law import doubts, unit_faults, window_s


def points(window: float | None) -> list[LoadPoint]:
    """N = X R, less what a load generator with a window does not count."""
    found = []
    for clients, mean_ms in ((1, 10.0), (16, 40.0), (64, 160.0)):
        true = clients / mean_ms * 1e3
        counted = true if window is None else true * (1 - mean_ms / 1e3 / window)
        found.append(LoadPoint("clients", clients, {"throughput_per_s": counted, "mean_ms": mean_ms}))
    return found


def test_the_window_of_the_load_generator_is_found() -> None:
    assert window_s(points(2.0), 0.0) == pytest.approx(2.0)


def test_where_the_law_holds_there_is_no_window() -> None:
    assert window_s(points(None), 0.0) is None
    assert doubts(points(None), 0.0, None) == []


def test_losses_that_no_window_explains_are_told_and_not_fitted() -> None:
    lossy = [
        replace(p, measured={**p.measured, "throughput_per_s": p.measured["throughput_per_s"]}) for p in points(None)
    ]
    lossy[0].measured["throughput_per_s"] *= 0.6
    assert window_s(lossy, 0.0) is None
    assert [warning.code for warning in doubts(lossy, 0.0, None)] == ["littles_law"]


def test_think_time_is_part_of_the_cycle() -> None:
    thinking = [LoadPoint("clients", 10, {"throughput_per_s": 10 / 0.5, "mean_ms": 100.0})]
    assert unit_faults(thinking, 0.4, 1) == []
    assert window_s(thinking, 0.4) is None


def test_seconds_for_milliseconds_and_items_for_requests_are_faults() -> None:
    seconds = [LoadPoint("clients", 1, {"throughput_per_s": 100, "mean_ms": 0.01})]
    assert "in ms" in unit_faults(seconds, 0.0, 1)[0].message
    items = [LoadPoint("clients", 1, {"throughput_per_s": 1600, "mean_ms": 10})]
    assert "items" in unit_faults(items, 0.0, 16)[0].message
    offered = [LoadPoint("rate_per_s", 100, {"throughput_per_s": 1600})]
    assert "items" in unit_faults(offered, 0.0, 16)[0].message
