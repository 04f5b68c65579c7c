"""What fitted settings and earlier comparisons leave unknown."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from capsim.scenario import Scenario
from capsim.scenario.knobs import Knob, knobs_of, turned
from capsim.stats.model_error import ModelError

MOST_SHIFT = 0.5
LONGEST_STEP = 0.7
"""Parameters are moved by at most this much of their logarithm: further out the model is not linear."""
PRIOR_WEIGHT = 12.0
"""How many measured numbers the scatter of a calibration counts as beyond the points that it was fitted to."""
MEDIAN_OF_NORMAL = 0.6745
"""Median of the absolute value of a standard normal variate."""

METRICS = {"mean": "mean_ms", "p50": "p50_ms", "p90": "p90_ms", "p95": "p95_ms", "p99": "p99_ms", "p999": "p99_ms"}
"""Which measured metric tells how far a statistic of latency may be off; nobody measures p99.9."""


def shift_variances(
    scenario: Scenario, base: Mapping[str, float], predict: Callable[[Scenario], Mapping[str, float]]
) -> dict[str, float]:
    """Variance of the logarithm of each prediction that comes from not knowing the fitted settings (delta method).

    Args:
        scenario: calibrated; without fitted settings there is no variance.
        base: what it predicts.
        predict: what it predicts with other settings, by the same names and under the same chance.
    """
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
        other = predict(_moved(scenario, knob, parameter.value, deviation))
        slopes.append([_shift(other.get(name, math.nan), value) for name, value in base.items()])
        kept.append(i)
    if not slopes:
        return {}
    alike = np.array(told.correlation)[np.ix_(kept, kept)] if told.correlation else np.eye(len(kept))
    table = np.array(slopes)
    variances = np.einsum("im,ij,jm->m", table, alike, table)
    return dict(zip(base, np.maximum(variances, 0.0).tolist(), strict=True))


def _moved(scenario: Scenario, knob: Knob, value: float, deviation: float) -> Scenario:
    up = value * math.exp(deviation)
    most = knob.kind.most * knob.scale
    return turned(scenario, {knob: up if up <= most else value * math.exp(-deviation)})


def _shift(moved: float, value: float) -> float:
    if not (math.isfinite(moved) and moved > 0 and value > 0):
        return 0.0
    return max(-MOST_SHIFT, min(MOST_SHIFT, math.log(moved / value)))


def scatter(scenario: Scenario, statistic: str) -> ModelError | None:
    """How far measurements lie from predictions, as calibration and validation have seen it; none without both.

    Both are pooled, each with as much weight as it has numbers behind it.
    """
    metric = METRICS[statistic]
    seen: list[tuple[float, float]] = []
    fitted, compared = scenario.calibration, scenario.validation
    if fitted is not None and metric in fitted.scatter:
        seen.append((fitted.scatter[metric], PRIOR_WEIGHT + fitted.points))
    if compared is not None and (compared.unseen or fitted is None):
        points = float(compared.unseen or compared.points)
        if metric in compared.scatter:
            seen.append((compared.scatter[metric], points))
        elif metric in compared.error:
            seen.append((math.log1p(compared.error[metric]) / MEDIAN_OF_NORMAL, points))
    if not seen:
        return None
    degrees = sum(count for _, count in seen)
    return ModelError(0.0, math.sqrt(sum(count * deviation**2 for deviation, count in seen) / degrees), degrees)
