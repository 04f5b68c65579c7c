"""Everything that is known to be uncertain about a scenario besides chance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from capsim.certainty.fitted import METRICS, scatter, shift_variances
from capsim.certainty.profiles import DRAWS, redrawn, sampled
from capsim.certainty.trials import Latencies, Trial, log_ratios, trial
from capsim.engine import lower
from capsim.engine.choice import choose_engine
from capsim.profile import LatencyProfile
from capsim.scenario import Scenario
from capsim.stats.model_error import ModelError


def model_errors(scenario: Scenario) -> dict[str, ModelError]:
    """By statistic of latency, of a class by `CLASS.p99`: how far the real system may be from the simulated one.

    Trials under common random numbers tell what other profiles and settings would do. Statistics of which nothing
    is known to be uncertain are left out: an assumed distribution is taken as given.

    The fastest engine makes the trials: all engines agree.
    """
    profiles = {pool.profile.file: pool.profile for pool in scenario.pools if pool.profile and sampled(pool.profile)}
    turnable = scenario.calibration is not None and any(told.standard_error for told in scenario.calibration.fitted)
    attempt = trial(choose_engine("auto", lower(scenario)))
    base = attempt(scenario) if profiles or turnable else {}
    drawn = _drawn(scenario, profiles, base, attempt) if profiles and base else {}
    variances = shift_variances(scenario, base, attempt) if turnable and base else {}
    errors = {}
    for name in _statistics(scenario):
        # What measurements showed of all requests is taken for those of each class.
        seen = scatter(scenario, name.rpartition(".")[2])
        parts = [drawn.get(name), ModelError(0.0, variances.get(name, 0.0) ** 0.5), seen]
        error = ModelError.summed([part for part in parts if part is not None])
        if error is not None:
            errors[name] = error
    return errors


def _statistics(scenario: Scenario) -> list[str]:
    """The statistics of latency that an answer has: of all requests, and of those of each of several classes."""
    several = scenario.classes if len(scenario.classes) > 1 else []
    return [*METRICS, *(f"{each.name}.{name}" for each in several for name in METRICS)]


def _drawn(
    scenario: Scenario, profiles: dict[str, LatencyProfile], base: Latencies, attempt: Trial
) -> dict[str, ModelError]:
    """What the samples of the profiles leave unknown: the spread over profiles that could be true."""
    ratios = []
    for draw in range(DRAWS):
        others = {file: redrawn(profile, draw) for file, profile in profiles.items()}
        ratios.append(log_ratios(attempt(_with(scenario, others)), base))
    return {name: _spread([row[name] for row in ratios if name in row]) for name in base}


def _spread(ratios: Sequence[float]) -> ModelError:
    """What draws in antithetic pairs say of another one: a degree of freedom for each pair."""
    count = len(ratios)
    if count < 3:
        return ModelError(0.0, 0.0)
    return ModelError(float(np.mean(ratios)), float(np.std(ratios, ddof=1)), count // 2)


def _with(scenario: Scenario, profiles: dict[str, LatencyProfile]) -> Scenario:
    pools = [
        pool.model_copy(update={"profile": profiles[pool.profile.file]})
        if pool.profile is not None and pool.profile.file in profiles
        else pool
        for pool in scenario.pools
    ]
    return scenario.model_copy(update={"pools": pools})
