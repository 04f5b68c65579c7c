"""How far a measurement may lie from its prediction: simulation, parameters, and what no model holds."""

from __future__ import annotations

import math

from capsim.certainty.fitted import shift_variances
from capsim.importer.loads.measured import LoadPoint
from capsim.scenario import Scenario
from capsim.validation.points import Effort, Prediction, guess

UNCALIBRATED = {
    "throughput_per_s": 0.4,
    "mean_ms": 0.3,
    "p50_ms": 0.3,
    "p90_ms": 0.35,
    "p95_ms": 0.35,
    "p99_ms": 0.4,
}
"""Standard deviation of the log ratio with nothing fitted, from `docs/explanation/accuracy.md`."""


def log_deviations(
    scenario: Scenario, point: LoadPoint, prediction: Prediction, effort: Effort, window_s: float | None
) -> dict[str, float]:
    """By metric: the standard deviation of the logarithm of measured over predicted."""
    told = scenario.calibration
    usual = UNCALIBRATED if told is None else {**UNCALIBRATED, **told.scatter}
    shifts = shift_variances(scenario, prediction.values, lambda moved: guess(moved, point, effort, window_s).values)
    deviations = {}
    for name in prediction.values:
        simulated = prediction.errors.get(name, math.nan)
        variance = usual[name] ** 2 + (simulated**2 if math.isfinite(simulated) else 0.0)
        deviations[name] = math.sqrt(variance + shifts.get(name, 0.0))
    return deviations
