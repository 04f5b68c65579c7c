"""How far a measurement may lie from its prediction: simulation, parameters, and what no model holds."""

from __future__ import annotations

import math

import numpy as np

from capsim.importer.loads.measured import LoadPoint
from capsim.scenario import Scenario
from capsim.validation.knobs import Knob, knobs_of, turned
from capsim.validation.points import Effort, Prediction, predict

UNCALIBRATED = {
    "throughput_per_s": 0.4,
    "mean_ms": 0.3,
    "p50_ms": 0.3,
    "p90_ms": 0.35,
    "p95_ms": 0.35,
    "p99_ms": 0.4,
}
"""Standard deviation of the log ratio with nothing fitted, from `docs/explanation/accuracy.md`."""
MOST_SHIFT = 0.5
LONGEST_STEP = 0.7
"""Parameters are moved by at most this much of their logarithm: further out the model is not linear."""


def log_deviations(
    scenario: Scenario, point: LoadPoint, prediction: Prediction, effort: Effort, window_s: float | None
) -> dict[str, float]:
    """By metric: the standard deviation of the logarithm of measured over predicted."""
    told = scenario.calibration
    usual = UNCALIBRATED if told is None else {**UNCALIBRATED, **told.scatter}
    shifts = _shifts(scenario, point, prediction, effort, window_s)
    found = {}
    for name in prediction.values:
        simulated = prediction.errors.get(name, math.nan)
        variance = usual[name] ** 2 + (simulated**2 if math.isfinite(simulated) else 0.0)
        found[name] = math.sqrt(variance + shifts.get(name, 0.0))
    return found


def _shifts(
    scenario: Scenario, point: LoadPoint, prediction: Prediction, effort: Effort, window_s: float | None
) -> dict[str, float]:
    """Variance of the logarithm of each metric that comes from not knowing the fitted settings (the delta method)."""
    told = scenario.calibration
    if told is None or not told.fitted:
        return {}
    knobs = {knob.path: knob for knob in knobs_of(scenario)}
    slopes, kept = [], []
    for i, parameter in enumerate(told.fitted):
        knob, error = knobs.get(parameter.path), parameter.standard_error
        if knob is None or not error or not parameter.value:
            continue
        deviation = min(error / parameter.value, LONGEST_STEP)
        moved = _moved(scenario, knob, parameter.value, deviation)
        other = predict(moved, point, effort, window_s).values
        slopes.append([_shift(other[name], value) for name, value in prediction.values.items()])
        kept.append(i)
    if not slopes:
        return {}
    alike = np.array(told.correlation)[np.ix_(kept, kept)] if told.correlation else np.eye(len(kept))
    table = np.array(slopes)
    variances = np.einsum("im,ij,jm->m", table, alike, table)
    return dict(zip(prediction.values, np.maximum(variances, 0.0).tolist(), strict=True))


def _moved(scenario: Scenario, knob: Knob, value: float, deviation: float) -> Scenario:
    up = value * math.exp(deviation)
    most = knob.kind.most * knob.scale
    return turned(scenario, {knob: up if up <= most else value * math.exp(-deviation)})


def _shift(moved: float, value: float) -> float:
    if not (math.isfinite(moved) and moved > 0 and value > 0):
        return 0.0
    return max(-MOST_SHIFT, min(MOST_SHIFT, math.log(moved / value)))
