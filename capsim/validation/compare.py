"""What a scenario predicts, beside what was measured."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from capsim._version import VERSION
from capsim.errors import CodedWarning
from capsim.importer.loads.measured import METRICS, LoadPoint, Measurements
from capsim.scenario import Scenario
from capsim.scenario.demand import capacity_per_s
from capsim.scenario.evidence import Validation
from capsim.validation import littles_law, origin
from capsim.validation.calibrate import check_units, think_s
from capsim.validation.intervals import log_deviations
from capsim.validation.points import Effort, Prediction, predict
from capsim.validation.residuals import saturated

SCHEMA = "capsim.validation/1"
EFFORT = Effort(requests=6000, replications=5)
Z90 = 1.6449
REGIONS = ((0.5, "below 50 %"), (0.75, "50 to 75 %"), (0.9, "75 to 90 %"), (math.inf, "above 90 %"))
UNKNOWN = "capacity not known"

Numbers = dict[str, float]
Progress = Callable[[int, int], None]
"""Told how many of how many points have been predicted."""


@dataclass(frozen=True)
class Compared:
    """One load point.

    Attributes:
        point: what was measured.
        predicted: by metric.
        predicted_pi90: the 90 % prediction intervals.
        error: (predicted - measured) / measured, a fraction.
        load: throughput over what the scenario can bear at most, where that is known.
        fitted: it was used for calibration.
        verdict: of the simulation.
        beyond: the measured system did not bear this load.
    """

    point: LoadPoint
    predicted: Numbers
    predicted_pi90: dict[str, tuple[float, float]]
    error: Numbers
    load: float | None
    fitted: bool
    verdict: str
    beyond: bool = False

    def judges(self, name: str) -> bool:
        """Whether the error of a metric counts: latency beyond saturation depends on how long one measures."""
        return name in self.error and not (self.beyond and name.endswith("_ms"))

    @property
    def region(self) -> str:
        """The region of its load."""
        return UNKNOWN if self.load is None else next(name for most, name in REGIONS if self.load < most)

    def to_dict(self) -> dict[str, Any]:
        """Plain data; see the contract of `capsim validate --json`."""
        return {
            self.point.load: self.point.value,
            "measured": dict(self.point.measured),
            "predicted": self.predicted,
            "predicted_pi90": {name: list(pair) for name, pair in self.predicted_pi90.items()},
            "error": self.error,
            "load": self.load,
            "region": self.region,
            "used_for_calibration": self.fitted,
            "verdict": self.verdict,
            "saturated": self.beyond,
        }


@dataclass(frozen=True)
class Comparison:
    """All load points, the errors over them, and how often the intervals cover."""

    scenario: str
    source: str
    evidence: str
    points: list[Compared]
    warnings: list[CodedWarning]
    origin: Measurements | None = None

    @property
    def judged(self) -> list[Compared]:
        """The points that count: those not used for calibration, or all where there are no others."""
        return [point for point in self.points if not point.fitted] or self.points

    def errors(self, region: str | None = None) -> dict[str, Numbers]:
        """By metric: median and 90th percentile of the absolute error, the bias, and the coverage of the intervals."""
        by_metric = {}
        chosen = [point for point in self.judged if region in (None, point.region)]
        for name in METRICS:
            errors = np.array([point.error[name] for point in chosen if point.judges(name)])
            if not len(errors):
                continue
            covered = [
                low <= point.point.measured[name] <= high
                for point in chosen
                if point.judges(name)
                for low, high in [point.predicted_pi90[name]]
            ]
            by_metric[name] = {
                "median": float(np.median(np.abs(errors))),
                "p90": float(np.quantile(np.abs(errors), 0.9)),
                "bias": float(np.median(errors)),
                "coverage": float(np.mean(covered)),
                "points": len(errors),
            }
        return by_metric

    def _scatter(self, name: str) -> float:
        """Root mean square of the log ratios that count."""
        return float(np.sqrt(np.mean([math.log1p(one.error[name]) ** 2 for one in self.judged if one.judges(name)])))

    def to_dict(self) -> dict[str, Any]:
        """Plain data; see the contract of `capsim validate --json`."""
        regions = {region: self.errors(region) for _, region in REGIONS}
        return {
            "schema": SCHEMA,
            "scenario": self.scenario,
            "measured": self.source,
            "origin": self.origin.to_dict() if self.origin else None,
            "evidence": self.evidence,
            "points": [point.to_dict() for point in self.points],
            "error": self.errors(),
            "error_by_region": {region: errors for region, errors in regions.items() if errors},
            "warnings": [asdict(warning) for warning in self.warnings],
        }

    def validation(self) -> Validation:
        """What a scenario may say of itself after this."""
        loads = sorted(self.judged, key=lambda compared: compared.point.value)
        return Validation(
            points=len(self.points),
            unseen=sum(not point.fitted for point in self.points),
            loads=[loads[0].point.name, loads[-1].point.name],
            measured=self.source,
            version=VERSION,
            error={name: told["median"] for name, told in self.errors().items()},
            scatter={name: self._scatter(name) for name in self.errors()},
        )


def compare(
    scenario: Scenario,
    points: Sequence[LoadPoint],
    source: str = "measurements",
    effort: Effort = EFFORT,
    progress: Progress | None = None,
    measurements: Measurements | None = None,
) -> Comparison:
    """What the scenario predicts for every load point, beside what was measured there.

    `measurements` says how the points were measured, where a file tells it.

    Raises:
        InputError: the measurements contradict themselves.
    """
    check_units(scenario, points, source)
    told = scenario.calibration
    window = told.window_s if told else None
    seen = set(told.loads) if told else set()
    compared = []
    for i, point in enumerate(points):
        prediction = predict(scenario, point, effort, window)
        deviations = log_deviations(scenario, point, prediction, effort, window)
        compared.append(_compared(scenario, point, prediction, deviations, fitted=point.name in seen))
        if progress:
            progress(i + 1, len(points))
    warnings = list(origin.doubts(scenario, measurements)) if measurements else []
    warnings += _doubts(scenario, points, compared, window)
    level = told.level if told else "profile only"
    return Comparison(scenario.name, source, level, compared, warnings, measurements)


def _compared(
    scenario: Scenario, point: LoadPoint, prediction: Prediction, deviations: Numbers, *, fitted: bool
) -> Compared:
    names = [name for name in METRICS if name in point.measured and math.isfinite(prediction.values[name])]
    values = {name: prediction.values[name] for name in names}
    capacity = capacity_per_s(scenario)
    done = point.value if point.load == "rate_per_s" else prediction.values["throughput_per_s"]
    return Compared(
        point=point,
        predicted=values,
        predicted_pi90={
            name: (value * math.exp(-Z90 * deviations[name]), value * math.exp(Z90 * deviations[name]))
            for name, value in values.items()
        },
        error={name: value / point.measured[name] - 1 for name, value in values.items()},
        load=None if capacity is None else done / capacity,
        fitted=fitted,
        verdict=prediction.verdict,
        beyond=saturated(point),
    )


def _doubts(
    scenario: Scenario, points: Sequence[LoadPoint], compared: Sequence[Compared], window: float | None
) -> list[CodedWarning]:
    think = think_s(scenario)
    seen = littles_law.window_s(points, think)
    doubtful = littles_law.doubts(points, think, window)
    if window is None and seen is not None:
        said = f"throughput falls short of Little's law as if the load generator counted in windows of {seen:.3g} s"
        doubtful = [CodedWarning("measurement_window", f"{said}; capsim calibrate takes that into account"), *doubtful]
    beyond = [one.point.name for one in compared if one.beyond]
    if beyond:
        said = f"the measured system did not bear {', '.join(beyond[:5])}; only the throughput there counts"
        doubtful.append(CodedWarning("saturated_points", said))
    predicted = [one for one in compared if one.point.load == "rate_per_s" and one.verdict == "saturated"]
    unborne = [one.point.name for one in predicted if not one.beyond]
    if unborne:
        said = f"the simulated system does not bear {', '.join(unborne[:5])}; its latency there grows with the horizon"
        doubtful.append(CodedWarning("predicted_saturation", said))
    silent = [one.point.name for one in compared if len(one.predicted) < len(one.point.measured)]
    if silent:
        doubtful.append(CodedWarning("not_predicted", f"no request completed in the simulation at {', '.join(silent)}"))
    return doubtful
