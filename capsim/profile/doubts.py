"""What is doubtful about a measurement, told wherever a profile is used."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from capsim.errors import CodedWarning
from capsim.profile.quantiles import fewest_samples
from capsim.profile.worth import TAIL

if TYPE_CHECKING:
    from capsim.profile.model import LatencyProfile

NS_PER_MS = 1_000_000
FEW_SAMPLES = 100
LIKELY_SECONDS_MS = 0.02
"""Below this a batch latency is more likely written in seconds than measured in milliseconds."""
LIKELY_MICROSECONDS_MS = 60_000.0
"""Above this even the quickest batch is more likely written in microseconds."""
FALLS_BY = 0.1
"""By what share a larger batch may be quicker than a smaller one."""
RISES_BY = 0.2
"""By what share an item may take longer in the next larger batch: batching is there to make it cheaper."""


def doubts(profile: LatencyProfile) -> Iterator[CodedWarning]:
    """Everything doubtful about a profile, each with its code."""
    doubtful = [*_amount(profile), *_variation(profile), *_unit(profile), *_growth(profile), *_provenance(profile)]
    doubtful += [*_drift(profile), *_open_ended(profile)]
    yield from profile.stated
    yield from (CodedWarning(code, f"{profile.file} {said}") for code, said in doubtful)


def _amount(profile: LatencyProfile) -> Iterator[tuple[str, str]]:
    if 0 < profile.samples < FEW_SAMPLES:
        yield "few_samples", f"has only {profile.samples} samples at some batch size"
    if len(profile.batch_sizes) == 1:
        yield "single_batch_size", "was measured at one batch size only"


def _variation(profile: LatencyProfile) -> Iterator[tuple[str, str]]:
    if all(curve[0] == curve[-1] for curve in profile.curves_ns.values()):
        yield "constant_profile", "has no variation at any batch size"
    elif not profile.tail_known:
        yield "tail_unknown", "says nothing beyond its highest quantile"


def _medians_ms(profile: LatencyProfile) -> dict[tuple[int, int], float]:
    return {key: float(np.median(curve)) / NS_PER_MS for key, curve in profile.curves_ns.items()}


def _unit(profile: LatencyProfile) -> Iterator[tuple[str, str]]:
    medians = _medians_ms(profile).values()
    if max(medians) < LIKELY_SECONDS_MS:
        yield "implausible_unit", f"has at most {max(medians):.3g} ms a batch; are these seconds?"
    if min(medians) > LIKELY_MICROSECONDS_MS:
        yield "implausible_unit", f"has at least {min(medians):.3g} ms a batch; are these microseconds?"


def _growth(profile: LatencyProfile) -> Iterator[tuple[str, str]]:
    medians = _medians_ms(profile)
    for small, large in itertools.pairwise(profile.batch_sizes):
        ratio = medians[1, large] / medians[1, small]
        if ratio < 1 - FALLS_BY:
            yield "latency_falls", f"says that {large} items take less time ({ratio:.0%}) than {small}"
        per_item = ratio * small / large
        if per_item > 1 + RISES_BY:
            said = f"says that an item takes {per_item - 1:.0%} longer in a batch of {large} than in one of {small}"
            yield "per_item_rises", said


def _provenance(profile: LatencyProfile) -> Iterator[tuple[str, str]]:
    missing = [name for name in ("model", "hardware", "runtime", "precision") if getattr(profile, name) is None]
    if profile.measured and missing:
        yield "provenance_incomplete", f"does not say its {', '.join(missing)}"


def _drift(profile: LatencyProfile) -> Iterator[tuple[str, str]]:
    if not profile.worth:
        return
    (_, size), worst = max(profile.worth.items(), key=lambda pair: abs(pair[1].drift))
    if worst.drift:
        word = "rose" if worst.drift > 0 else "fell"
        yield (
            "drift",
            f"has a drift: the median at batch size {size} {word} by {abs(worst.drift) * 100:.1f} % while measured",
        )


def _open_ended(profile: LatencyProfile) -> Iterator[tuple[str, str]]:
    open_ended = {key: worth for key, worth in profile.worth.items() if not worth.ends}
    if open_ended:
        fewest = min(worth.independent_tail for worth in open_ended.values())
        sizes = ", ".join(dict.fromkeys(str(size) for _, size in sorted(open_ended)))
        said = f"does not tell how much higher p99 may be at batch sizes {sizes}: that takes {fewest_samples(TAIL)}"
        yield "p99_open_ended", f"{said} independent samples, and these count for as few as {fewest} at p99"
