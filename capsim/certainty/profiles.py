"""Profiles that could be the true one, given the samples that were measured.

The probabilities below the sorted samples of any continuous distribution are uniform order statistics: gaps of
exponential variates over their sum (David and Nagaraja, Order Statistics, 3rd edition, 2003, section 2.5; the
Bayesian bootstrap: Rubin, Annals of Statistics 9(1), 1981). Samples that resemble each other count as the fewer
independent ones that they are worth; what the mean is known less exactly by than p99 is a factor on all batches
alike, as the weather of a shared machine is. Beyond the slowest sample latency goes on as an exponential tail with the
mean excess seen over p90.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from capsim.profile import CELLS, LatencyProfile
from capsim.profile.worth import Worth
from capsim.random import Stream

Floats = NDArray[np.float64]

DRAWS = 32
"""Profiles that could be the true one."""
MOST_GAPS = 20_000
"""More independent samples leave nothing unknown that matters."""
TAIL_FROM = 0.9
LEVELS = np.linspace(0, 1, CELLS + 1)


def sampled(profile: LatencyProfile) -> bool:
    """Whether it is known how many samples the profile rests on."""
    return any(profile.counts.values())


def redrawn(profile: LatencyProfile, draw: int) -> LatencyProfile:
    """A profile that could be the true one; batch sizes without a number of samples stay as they are."""
    name = _name(profile)
    weather = _normal(name, draw)
    curves = {}
    for (instances, size), curve in profile.curves_ns.items():
        count = profile.counts[instances, size]
        worth = profile.worth.get((instances, size), Worth(count, count, ends=True, drift=0.0))
        if count:
            stream = Stream.named(0, draw // 2, f"samples of {name} {instances} {size}")
            uniforms = stream.uniforms(0, min(worth.independent_tail, MOST_GAPS) + 1)
            # Draws come in antithetic pairs, so that their mean is known better.
            curve = _reweighted(curve, uniforms if draw % 2 else 1 - uniforms)
            curve = curve * np.exp(weather * _common(profile.curves_ns[instances, size], worth))
        curves[instances, size] = curve
    return replace(profile, curves_ns=curves)


def _name(profile: LatencyProfile) -> str:
    """Of its chance: what the profile says, wherever its file lies and however that is named."""
    said = hashlib.blake2b(digest_size=8)
    for curve in profile.curves_ns.values():
        said.update(np.ascontiguousarray(curve).tobytes())
    return said.hexdigest()


def _reweighted(curve: Floats, uniforms: Floats) -> Floats:
    """The curve with other probabilities below its order statistics, of which there is one less than uniforms."""
    count = len(uniforms) - 1
    ordered = np.interp((np.arange(count) + 0.5) / count, LEVELS, curve)
    below = np.cumsum(-np.log(uniforms))
    below = below[:-1] / below[-1]
    reweighted = np.interp(LEVELS, below, ordered)
    beyond = below[-1] < LEVELS
    excess = float(curve[LEVELS > TAIL_FROM].mean() - np.interp(TAIL_FROM, LEVELS, curve))
    # Half a cell short of the end, where an exponential tail has no end.
    left = np.maximum(1 - LEVELS[beyond], 0.5 / CELLS)
    reweighted[beyond] = ordered[-1] + excess * np.log((1 - below[-1]) / np.minimum(left, 1 - below[-1]))
    return np.asarray(reweighted)


def _common(curve: Floats, worth: Worth) -> float:
    """Standard deviation of what all batches have in common, beyond the error of independent samples (logarithm)."""
    rest = 1 / worth.independent - 1 / worth.independent_tail
    return float(np.std(np.log(curve)) * np.sqrt(rest)) if rest > 0 else 0.0


def _normal(name: str, draw: int) -> float:
    """The draws of a standard normal variate by quantiles, in an order of the profile's own; their variance is 1."""
    from scipy.special import ndtri

    quantiles = ndtri((np.arange(DRAWS) + 0.5) / DRAWS)
    order = np.argsort(Stream.named(0, 0, f"weather of {name}").uniforms(0, DRAWS))
    return float(quantiles[order[draw]] / np.std(quantiles, ddof=1))
