"""Fit what a profile lacks to a few measured load points."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from capsim._version import VERSION
from capsim.errors import CodedWarning, Fault, InputError
from capsim.importer.loads.measured import METRICS, PERCENTILES, LoadPoint, Measurements
from capsim.scenario import Scenario
from capsim.scenario.evidence import LONGEST_TEXT, Calibration, FittedParameter
from capsim.scenario.knobs import Knob, drawn_to, given, knobs_of, turned
from capsim.scenario.route import Step
from capsim.scenario.service import service_times
from capsim.scenario.visits import least_ns
from capsim.validation import littles_law, origin, structure
from capsim.validation.fitting import NOISE_FLOOR, Fitted, fit
from capsim.validation.likeness import SCATTER, bare_as_most, likeness
from capsim.validation.points import Effort, guess, log_ratios
from capsim.validation.residuals import residuals, saturated, split_residuals

SCHEMA = "capsim.calibration/1"
EFFORT = Effort(requests=1200, replications=3)
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
        changed: path to value of what is structured otherwise than in the scenario.
        warnings: what is doubtful.
        simulations: how often all points were simulated.
    """

    scenario: Scenario
    settings: dict[Knob, float]
    left: dict[Knob, float]
    changed: dict[str, str]
    warnings: list[CodedWarning]
    simulations: int

    def to_dict(self) -> dict[str, Any]:
        """Plain data: what `capsim calibrate --json` prints, besides the file that it wrote."""
        told = self.scenario.calibration
        return {
            "schema": SCHEMA,
            "scenario": self.scenario.name,
            **(told.model_dump() if told else {}),
            "left_at_zero": [knob.path for knob, value in self.left.items() if value == 0],
            "left_as_given": [knob.path for knob, value in self.left.items() if value > 0],
            "changed": self.changed,
            "trials": self.simulations,
            "warnings": [asdict(warning) for warning in self.warnings],
        }


def think_s(scenario: Scenario) -> float:
    """The mean think time of the scenario's clients (s)."""
    return float(scenario.workload.combined.mean_think_ns / 1e9)


def check_units(scenario: Scenario, points: Sequence[LoadPoint], source: str) -> None:
    """Refuse measurements that cannot be what their columns say.

    Raises:
        InputError: throughput and latency contradict each other many times over, or latency the profile; or the
            scenario has several classes, whose loads no measured load tells.
    """
    if scenario.workload.classes is not None:
        said = "measured loads stand for one kind of requests; give the scenario arrivals in place of its classes"
        raise InputError(scenario.name, [Fault("workload.classes", said)])
    faults = littles_law.unit_faults(points, think_s(scenario), round(scenario.classes[0].items.mean))
    faults += _too_fast(scenario, points) if not faults else []
    if faults:
        raise InputError(source, faults[:20])


def _too_fast(scenario: Scenario, points: Sequence[LoadPoint]) -> list[Fault]:
    """Latencies far below the mean service of a request alone: most likely not in ms."""
    each = scenario.classes[0]
    fewest = each.items.values[0]

    def served_ns(step: Step) -> float:
        return min(float(service_times(scenario.pool(name), fewest).mean_ns[0]) for name in step.pools)

    least_ms = least_ns(each, served_ns, lambda _: 0.0) / 1e6
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


def calibrate(
    scenario: Scenario,
    points: Sequence[LoadPoint],
    source: str = "measurements",
    effort: Effort = EFFORT,
    progress: Progress | None = None,
    like: Sequence[tuple[str, Scenario]] = (),
    measurements: Measurements | None = None,
) -> Calibrated:
    """The scenario with what its profile lacks fitted to measured load points.

    A setting that the scenario gives draws the fit, and stays as it is where the points do not tell otherwise; not one
    that an earlier calibration has put there. The structure (by which rule of its releases a server batches, whether
    instances take turns) is the scenario's unless another predicts the points far better.

    Args:
        scenario: its profile and batching are taken as they are; overheads, sharing and network are fitted.
        points: what was measured.
        source: where they come from, for faults and provenance.
        effort: how much to simulate for each point and trial.
        progress: called after each trial.
        like: name and scenario of calibrated ones that draw the fit towards their settings.
        measurements: how the points were measured, where a file tells it.

    Raises:
        InputError: the measurements contradict themselves, or one of the others was not calibrated.
    """
    check_units(scenario, points, source)
    window = littles_law.window_s(points, think_s(scenario))
    warnings = list(origin.doubts(scenario, measurements)) if measurements else []
    warnings += littles_law.doubts(points, think_s(scenario), window)
    if window is None and like and not littles_law.shares(points, think_s(scenario)):
        window = likeness(scenario, like).window_s
    attempts = _Attempts(points, given(scenario), like, effort, window, progress)
    best = attempts.best(bare_as_most(scenario, like))
    result = turned(best.structure, best.settings)
    ratios = [log_ratios(guess(result, point, effort, window).values, point.measured) for point in points]
    told = _provenance(best.fitted, points, ratios, source, window, [name for name, _ in like])
    if measurements is not None:
        told = told.model_copy(update={"measured_with": origin.sentence(measurements)[:LONGEST_TEXT]})
    unfitted = [*best.fitted.dropped, *best.unused]
    return Calibrated(
        result.model_copy(update={"calibration": told}),
        {knob: best.settings[knob] for knob in best.fitted.knobs},
        {knob: best.settings[knob] for knob in unfitted},
        structure.changed(scenario, result),
        [*warnings, *best.limits, *_indistinct(best.fitted)],
        attempts.made,
    )


@dataclass(frozen=True, eq=False)
class _Attempt:
    """The best that a structure can do.

    Attributes:
        structure: the scenario before its settings are turned.
        fitted: the fit.
        score: mean square of how far it is off, also in where the time goes: tells structures apart, while settings
            are fitted to what is predicted.
        settings: of all knobs.
        unused: knobs that were left alone because others do without.
        limits: what the points cannot tell.
    """

    structure: Scenario
    fitted: Fitted
    score: float
    settings: dict[Knob, float]
    unused: list[Knob]
    limits: list[CodedWarning]


@dataclass
class _Attempts:
    """Fits one structure after the other to the same points; counts the simulations of all points."""

    points: Sequence[LoadPoint]
    known: dict[str, float]
    like: Sequence[tuple[str, Scenario]]
    effort: Effort
    window: float | None
    progress: Progress | None
    made: int = 0

    def best(self, scenario: Scenario) -> _Attempt:
        """The scenario as it is structured, unless another structure predicts far better."""
        best = self.fit(scenario)
        for others in structure.OTHERS:
            # Each kind of structure is tried with the best of those before, unless that is as good as can be.
            for other in others(best.structure) if best.score > NOISE_FLOOR**2 else []:
                attempt = self.fit(other)
                if attempt.score < structure.EARNED * best.score:
                    best = attempt
        return best

    def fit(self, scenario: Scenario) -> _Attempt:
        """The knobs of one structure fitted."""
        alike = likeness(scenario, self.like) if self.like else None
        if alike:
            knobs, limits, unused = alike.knobs, saturation(self.points), alike.unused
        else:
            (knobs, limits), unused = _knowable(knobs_of(scenario), self.points), []
        knobs = [drawn_to(knob, self.known.get(knob.path)) for knob in knobs]
        console = _Console(scenario, {knob: self.known.get(knob.path, 0.0) for knob in [*knobs, *unused]})
        off = partial(self.off, console)
        fitted = fit(knobs, off, LIKE_PULL, drop=False) if alike else fit(knobs, off)
        chosen = console.settings(fitted.knobs, fitted.x)
        result = turned(scenario, chosen)
        split = np.concatenate([split_residuals(result, point, self.effort, self.window) for point in self.points])
        score = float(np.mean(np.concatenate([off(fitted.knobs, fitted.x), split]) ** 2))
        return _Attempt(scenario, fitted, score, chosen, unused, limits)

    def off(self, console: _Console, kept: Sequence[Knob], x: Floats) -> Floats:
        """How far predictions are off at all points with some knobs turned."""
        self.made += 1
        trial = turned(console.scenario, console.settings(kept, x))
        by_point = [residuals(trial, point, self.effort, self.window) for point in self.points]
        if self.progress:
            self.progress(self.made)
        return np.concatenate(by_point)


@dataclass(frozen=True, eq=False)
class _Console:
    """A structure and its knobs, each with what it stays at unless it is turned."""

    scenario: Scenario
    unturned: dict[Knob, float]

    def settings(self, kept: Sequence[Knob], x: Floats) -> dict[Knob, float]:
        """Of all knobs, where some are turned to numbers in their own unit."""
        return self.unturned | {knob: knob.setting(float(value)) for knob, value in zip(kept, x, strict=True)}


def carry_over(scenario: Scenario, like: Sequence[tuple[str, Scenario]]) -> Calibrated:
    """The scenario with the usual settings of calibrated ones that are like it, and nothing measured.

    Settings that it gives itself stay as they are.

    Raises:
        InputError: one of the others was not calibrated.
    """
    bare = bare_as_most(scenario, like)
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
    changed = structure.changed(scenario, result)
    return Calibrated(result.model_copy(update={"calibration": told}), settings, left, changed, [], 0)


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
    doubtful = [
        CodedWarning("vague_parameter", f"{knob.path} is known to a factor of {np.exp(deviation):.2g} only")
        for knob, deviation in zip(fitted.knobs, deviations, strict=True)
        if deviation > VAGUE
    ]
    for i, one in enumerate(fitted.knobs):
        for j, other in enumerate(fitted.knobs[:i]):
            alike = fitted.covariance[i, j] / (deviations[i] * deviations[j])
            if abs(alike) > ALIKE:
                said = f"{other.path} and {one.path} cannot be told apart (correlation {alike:.2f})"
                doubtful.append(CodedWarning("indistinct_parameters", said))
    return doubtful


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
    by_metric = {name: np.array([row[name] for row in ratios if name in row]) for name in METRICS}
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
