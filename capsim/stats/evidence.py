"""What an answer rests on: profiles, measurements, what was assumed, and what it took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from capsim._version import VERSION
from capsim.engine import Ledger
from capsim.engine.tally import LARGEST_ERROR, Tally
from capsim.scenario import Pool, Scenario
from capsim.stats.model_error import ModelError
from capsim.units import SHARE


def provenance(
    scenario: Scenario,
    ledgers: Sequence[Ledger | Tally],
    errors: Mapping[str, ModelError],
    engine_s: float,
    wall_s: float,
) -> dict[str, Any]:
    """What the answer from these replications rests on, as `Result.provenance` holds it.

    Args:
        scenario: what was simulated.
        ledgers: of all replications.
        errors: what is known to be uncertain besides chance, by statistic of latency.
        engine_s: CPU seconds in the engine.
        wall_s: seconds in all.
    """
    return {
        "version": VERSION,
        "profiles": [_profile(pool) for pool in scenario.pools if pool.profile is not None],
        "evidence": [_evidence(pool, scenario) for pool in scenario.pools],
        "trace": _trace(scenario),
        "engine_s": engine_s,
        "largest_quantile_error": max((LARGEST_ERROR for part in ledgers if isinstance(part, Tally)), default=0.0),
        "requests_simulated": sum(len(ledger) for ledger in ledgers),
        "model_error": {name: asdict(error) for name, error in errors.items()},
        "wall_s": wall_s,
    }


def _profile(pool: Pool) -> dict[str, Any]:
    profile = pool.profile
    assert profile is not None, "called for pools with a profile"  # noqa: S101 - the caller has looked
    return {
        "pool": pool.name,
        "file": profile.file,
        "model": profile.model,
        "hardware": profile.hardware.name if profile.hardware else None,
        "runtime": profile.runtime,
        "precision": profile.precision,
        "batch_sizes": profile.batch_sizes,
        "samples_per_batch_size": profile.samples or None,
        "measured": dict(profile.measured),
    }


def _trace(scenario: Scenario) -> str | None:
    """What the times of a replayed file were taken for, where they are not plain seconds."""
    files = [each.arrivals.file for each in scenario.classes]
    return "; ".join(dict.fromkeys(file.read_as for file in files if file and file.read_as)) or None


def _evidence(pool: Pool, scenario: Scenario) -> dict[str, Any]:
    """What the answer for a pool rests on: the least of it, then what measurements have added."""
    level = "assumed distribution" if pool.profile is None else "profile only"
    fitted, compared, added = scenario.calibration, scenario.validation, dict[str, Any]()
    if fitted is not None:
        level = fitted.level
        added |= {"calibrated_loads": list(fitted.loads)}
    if compared is not None:
        level += f", validated on {compared.unseen} more" if fitted else f", validated on {compared.points} points"
        added |= {"validated_loads": list(compared.loads), "error": dict(compared.error)}
    if pool.jitter is not None:
        level += f", jitter of {SHARE.format(pool.jitter.cv)} assumed"
        added |= {"jitter_cv": pool.jitter.cv}
    return {"pool": pool.name, "level": level, **added}
