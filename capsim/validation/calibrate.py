"""Fit what a profile lacks to a few measured load points."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from capsim._version import VERSION
from capsim.errors import CodedWarning, Fault, InputError
from capsim.scenario import Scenario
from capsim.scenario.evidence import Calibration, FittedParameter
from capsim.scenario.service import service_times
from capsim.validation import littles_law, rules
from capsim.validation.fitting import PULL, Fitted, fit
from capsim.validation.knobs import Knob, drawn_to, given, knobs_of, turned
from capsim.validation.likeness import SCATTER, by_usual_rules, likeness
from capsim.validation.measured import METRICS, PERCENTILES, LoadPoint
from capsim.validation.points import Effort, log_ratios, predict
from capsim.workload import ClosedLoop

EFFORT = Effort(requests=1200, replications=3)
WEIGHTS = {"throughput_per_s": 0.7, "mean_ms": 1.0, "p50_ms": 0.3, "p90_ms": 0.4, "p95_ms": 0.4, "p99_ms": 1.2}
UNPREDICTED = 3.0
"""Log ratio that stands for a metric that was measured and not predicted at all."""
SATURATED_BELOW = 0.95
FAR_BELOW = 100.0
"""By what factor a latency must lie below the service to suspect its unit rather than the profile."""
ALIKE = 0.9
VAGUE = 1.0

PRIOR_SCATTER = {
    "throughput_per_s": 0.1,
    "mean_ms": 0.1,
    "p50_ms": 0.11,
    "p90_ms": 0.12,
    "p95_ms": 0.12,
    "p99_ms": 0.13,
}
"""How far measurements lie from a calibrated prediction, from `docs/explanation/accuracy.md` (log ratio)."""
PRIOR_WEIGHT = 12.0
"""How many measured numbers that is worth."""

LIKE_PULL = 0.1
"""How strongly settings of others draw: as much as a measurement that is as far off as measurements usually are."""

Floats = NDArray[np.float64]
Progress = Callable[[int], None]
"""Told how many simulations of all points have been made."""


@dataclass(frozen=True, eq=False)
class Calibrated:
    """A fitted scenario.

    Attributes:
        scenario: with the settings that were fitted, and how they were.
        settings: knob to setting (ns, or a fraction).
        left: knobs that earned no place, with what they stay at: as the scenario gave them, or zero.
        rules: pool to batching policy where the points fit that of another release better.
        warnings: what is doubtful.
        simulations: how often all points were simulated.
    """

    scenario: Scenario
    settings: dict[Knob, float]
    left: dict[Knob, float]
    rules: dict[str, str]
    warnings: list[CodedWarning]
    simulations: int


def think_s(scenario: Scenario) -> float:
    """The mean think time of the scenario's clients (s)."""
    arrivals = scenario.workload.arrivals
    return arrivals.mean_think_ns / 1e9 if isinstance(arrivals, ClosedLoop) else 0.0


def check_units(scenario: Scenario, points: Sequence[LoadPoint], source: str) -> None:
    """Refuse measurements that cannot be what their columns say.

    Raises:
        InputError: throughput and latency contradict each other many times over, or latency the profile.
    """
    faults = littles_law.unit_faults(points, think_s(scenario), scenario.workload.items_per_request)
    faults += _too_fast(scenario, points) if not faults else []
    if faults:
        raise InputError(source, faults[:20])


def _too_fast(scenario: Scenario, points: Sequence[LoadPoint]) -> list[Fault]:
    """Latencies far below the mean service of a request alone: most likely not in ms."""
    items = scenario.workload.items_per_request
    alone = [
        min(float(service_times(scenario.pool(name), items).mean_ns[0]) for name in s.pools) for s in scenario.steps
    ]
    least_ms = sum(alone) / 1e6
    return [
        Fault(
            name,
            f"{value:g} ms is far below the {least_ms:.3g} ms that the service alone takes; is it in ms?",
            point.line,
        )
        for point in points
        for name, value in point.measured.items()
        if name.endswith("_ms") and value * FAR_BELOW < least_ms
    ]


def saturated(point: LoadPoint) -> bool:
    """Whether the system did not bear this open load: its latency then depends on how long it was measured."""
    done = point.measured.get("throughput_per_s")
    return point.load == "rate_per_s" and done is not None and done < SATURATED_BELOW * point.value


def calibrate(
    scenario: Scenario,
    points: Sequence[LoadPoint],
    source: str = "measurements",
    effort: Effort = EFFORT,
    progress: Progress | None = None,
    like: Sequence[tuple[str, Scenario]] = (),
) -> Calibrated:
    """The scenario with what its profile lacks fitted to measured load points.

    A setting that the scenario gives draws the fit, and stays as it is where the points do not tell otherwise; not one
    that an earlier calibration has put there. Where releases of a server batch by different rules, the scenario's is
    taken unless another predicts the points far better.

    Args:
        scenario: its profile and batching are taken as they are; overheads, sharing and network are fitted.
        points: what was measured.
        source: where they come from, for faults and provenance.
        effort: how much to simulate for each point and trial.
        progress: called after each trial.
        like: name and scenario of calibrated ones that draw the fit towards their settings.

    Raises:
        InputError: the measurements contradict themselves, or one of the others was not calibrated.
    """
    check_units(scenario, points, source)
    bare = by_usual_rules(scenario, like)
    window = littles_law.window_s(points, think_s(scenario))
    warnings = littles_law.doubts(points, think_s(scenario), window)
    known = given(scenario)
    alike = likeness(bare, like) if like else None
    knobs, limits = (alike.knobs, []) if alike else _knowable(knobs_of(bare), points)
    knobs = [drawn_to(knob, known.get(knob.path)) for knob in knobs]
    warnings += limits + (saturation(points) if alike else [])
    if alike and window is None and not littles_law.shares(points, think_s(scenario)):
        window = alike.window_s
    unused = alike.unused if alike else []
    unturned = {knob: known.get(knob.path, 0.0) for knob in [*knobs, *unused]}
    trials = _Trials(bare, points, unturned, effort, window, progress)
    best, fitted = trials.best(knobs, LIKE_PULL if alike else PULL, drop=not alike)
    settings = trials.settings(fitted.knobs, fitted.x)
    result = turned(best, settings)
    ratios = [log_ratios(predict(result, point, effort, window).values, point.measured) for point in points]
    told = _provenance(fitted, points, ratios, source, window, alike.names if alike else [])
    warnings += _indistinct(fitted)
    return Calibrated(
        result.model_copy(update={"calibration": told}),
        {knob: settings[knob] for knob in fitted.knobs},
        {knob: settings[knob] for knob in [*fitted.dropped, *unused]},
        rules.changed(scenario, result),
        warnings,
        trials.made,
    )


@dataclass
class _Trials:
    """Simulations of all points with knobs turned, and those that are not as they are; counts what it has made."""

    bare: Scenario
    points: Sequence[LoadPoint]
    unturned: dict[Knob, float]
    effort: Effort
    window: float | None
    progress: Progress | None
    made: int = 0

    def best(self, knobs: Sequence[Knob], pull: float, *, drop: bool) -> tuple[Scenario, Fitted]:
        """The scenario, or by the rules of another release if that predicts far better, and the fit."""
        scenario, *others = rules.alternatives(self.bare)
        fitted = fit(knobs, self, pull, drop=drop)
        least = rules.EARNED * fitted.squares
        for other in others:
            self.bare = other
            found = fit(knobs, self, pull, drop=drop)
            if found.squares < least:
                scenario, fitted, least = other, found, found.squares
        self.bare = scenario
        return scenario, fitted

    def settings(self, knobs: Sequence[Knob], x: Floats) -> dict[Knob, float]:
        return self.unturned | {knob: knob.setting(float(value)) for knob, value in zip(knobs, x, strict=True)}

    def __call__(self, knobs: Sequence[Knob], x: Floats) -> Floats:
        """Weighted log ratios of predicted and measured."""
        self.made += 1
        trial = turned(self.bare, self.settings(knobs, x))
        found = [_residuals(trial, point, _fitted_metrics(point), self.effort, self.window) for point in self.points]
        if self.progress:
            self.progress(self.made)
        return np.concatenate(found)


def carry_over(scenario: Scenario, like: Sequence[tuple[str, Scenario]]) -> Calibrated:
    """The scenario with the usual settings of calibrated ones that are like it, and nothing measured.

    Settings that it gives itself stay as they are.

    Raises:
        InputError: one of the others was not calibrated.
    """
    bare = by_usual_rules(scenario, like)
    alike = likeness(bare, like)
    known = given(scenario)
    settings = {knob: knob.setting(knob.kind.usual) for knob in alike.knobs if knob.path not in known}
    left = {knob: known.get(knob.path, 0.0) for knob in [*alike.knobs, *alike.unused] if knob not in settings}
    told = Calibration(
        points=0,
        loads=[],
        like=alike.names,
        version=VERSION,
        fitted=[
            FittedParameter(path=knob.path, value=value, standard_error=value * knob.kind.spread)
            for knob, value in settings.items()
        ],
        window_s=alike.window_s,
        scatter=dict.fromkeys(METRICS, SCATTER),
    )
    result = turned(bare, left | settings)
    changed = rules.changed(scenario, result)
    return Calibrated(result.model_copy(update={"calibration": told}), settings, left, changed, [], 0)


def _fitted_metrics(point: LoadPoint) -> dict[str, float]:
    kept = ("throughput_per_s",) if saturated(point) else tuple(point.measured)
    return {name: point.measured[name] for name in kept}


def _residuals(
    scenario: Scenario, point: LoadPoint, measured: dict[str, float], effort: Effort, window: float | None
) -> Floats:
    ratios = log_ratios(predict(scenario, point, effort, window).values, measured)
    weighted = [WEIGHTS[name] * ratio for name, ratio in ratios.items()]
    return np.asarray(np.nan_to_num(np.array(weighted), nan=UNPREDICTED))


def saturation(points: Sequence[LoadPoint]) -> list[CodedWarning]:
    """Which loads the system did not bear, so that their latency is not fitted."""
    beyond = [point.name for point in points if saturated(point)]
    if not beyond:
        return []
    said = f"the system did not bear {', '.join(beyond[:5])}; only the throughput there is fitted"
    return [CodedWarning("saturated_points", said)]


def _knowable(knobs: list[Knob], points: Sequence[LoadPoint]) -> tuple[list[Knob], list[CodedWarning]]:
    """The knobs that so many points can tell, and what is to be said about the others."""
    warnings = saturation(points)
    spread = any(name in point.measured for point in points for name in PERCENTILES if not saturated(point))
    known = [knob for knob in knobs if spread or knob.kind.place != "noise.cv"]
    # A point says one thing of the level of latency, and one of its spread where percentiles were measured.
    most = len(points) * (2 if spread else 1)
    if len(points) < len(known):
        said = f"{len(points)} points for up to {len(known)} parameters"
        if most < len(known):
            said += f"; left at their defaults: {', '.join(knob.path for knob in known[most:])}"
        warnings.append(CodedWarning("fewer_points_than_parameters", said))
    order = {"overhead.per_batch": 0, "network.client.latency": 1, "sharing.overlap": 2, "front_end.after": 3}
    known.sort(key=lambda knob: order.get(knob.kind.place, 9))
    return known[:most], warnings


def _indistinct(fitted: Fitted) -> list[CodedWarning]:
    """Which parameters the data cannot tell from each other, or at all."""
    deviations = np.sqrt(np.diag(fitted.covariance))
    found = [
        CodedWarning("vague_parameter", f"{knob.path} is known to a factor of {np.exp(deviation):.2g} only")
        for knob, deviation in zip(fitted.knobs, deviations, strict=True)
        if deviation > VAGUE
    ]
    for i, one in enumerate(fitted.knobs):
        for j, other in enumerate(fitted.knobs[:i]):
            alike = fitted.covariance[i, j] / (deviations[i] * deviations[j])
            if abs(alike) > ALIKE:
                said = f"{other.path} and {one.path} cannot be told apart (correlation {alike:.2f})"
                found.append(CodedWarning("indistinct_parameters", said))
    return found


def _provenance(
    fitted: Fitted,
    points: Sequence[LoadPoint],
    ratios: Sequence[dict[str, float]],
    source: str,
    window: float | None,
    like: list[str],
) -> Calibration:
    deviations = np.sqrt(np.diag(fitted.covariance))
    alike = fitted.covariance / np.outer(deviations, deviations)
    parameters = [
        FittedParameter(path=knob.path, value=knob.setting(float(x)), standard_error=float(knob.scale * x * deviation))
        for knob, x, deviation in zip(fitted.knobs, fitted.x, deviations, strict=True)
    ]
    by_metric = {name: np.array([row[name] for row in ratios if name in row]) for name in WEIGHTS}
    told = {name: values[np.isfinite(values)] for name, values in by_metric.items()}
    return Calibration(
        points=len(points),
        loads=[point.name for point in points],
        measured=source,
        like=like,
        version=VERSION,
        fitted=parameters,
        correlation=[[round(float(cell), 3) for cell in row] for row in alike],
        window_s=window,
        error={name: float(np.median(np.abs(np.expm1(v)))) for name, v in told.items() if len(v)},
        scatter={name: scatter(name, v) for name, v in told.items() if len(v)},
    )


def scatter(metric: str, ratios: Floats) -> float:
    """How far a new measurement lies from its prediction: what is usual, and what was seen at the points fitted."""
    usual = PRIOR_SCATTER[metric]
    squares = PRIOR_WEIGHT * usual**2 + float(ratios @ ratios)
    return float(np.sqrt(squares / (PRIOR_WEIGHT + len(ratios))))
