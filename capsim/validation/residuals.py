"""How far a prediction is from a measurement, as the numbers whose squares calibration makes small."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from capsim.importer.loads.measured import LoadPoint
from capsim.scenario import Scenario
from capsim.validation.points import Effort, guess, log_ratios

WEIGHTS = {"throughput_per_s": 0.7, "mean_ms": 1.0, "p50_ms": 0.3, "p90_ms": 0.4, "p95_ms": 0.4, "p99_ms": 1.2}
SPLIT_WEIGHT = 0.3
UNPREDICTED = 3.0
"""Log ratio that stands for a metric that was measured and not predicted at all."""
SATURATED_BELOW = 0.95


def saturated(point: LoadPoint) -> bool:
    """Whether the system did not bear this open load: its latency then depends on how long it was measured."""
    if point.borne is not None:
        return not point.borne
    done = point.measured.get("throughput_per_s")
    return point.load == "rate_per_s" and done is not None and done < SATURATED_BELOW * point.value


def residuals(scenario: Scenario, point: LoadPoint, effort: Effort, window_s: float | None) -> NDArray[np.float64]:
    """Weighted log ratios of predicted and measured."""
    predicted = guess(scenario, point, effort, window_s)
    kept = ("throughput_per_s",) if saturated(point) else tuple(point.measured)
    ratios = log_ratios(predicted.values, {name: point.measured[name] for name in kept})
    return _finite([WEIGHTS[name] * ratio for name, ratio in ratios.items()])


def split_residuals(
    scenario: Scenario, point: LoadPoint, effort: Effort, window_s: float | None
) -> NDArray[np.float64]:
    """Weighted differences of where the mean latency goes, as shares of it: a wait of next to nothing has no ratio."""
    if saturated(point) or not point.split:
        return np.zeros(0)
    predicted = guess(scenario, point, effort, window_s)
    mean_ms = point.measured.get("mean_ms", predicted.values["mean_ms"])
    return _finite([SPLIT_WEIGHT * (predicted.split[name] - told) / mean_ms for name, told in point.split.items()])


def _finite(values: list[float]) -> NDArray[np.float64]:
    return np.asarray(np.nan_to_num(np.array(values), nan=UNPREDICTED))
