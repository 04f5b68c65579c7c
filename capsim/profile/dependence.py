"""How many independent samples a series of samples is worth.

Batches measured one after the other meet the same weather: on a shared machine a slow one follows a slow one. n such
samples tell as much as n / τ independent ones, where τ = 1 + 2 Σ ρ(k) is the integrated autocorrelation time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SECTIONS = 10
FEWEST = 20
"""Samples below which no dependence can be seen."""


def effective_samples(series: Floats) -> int:
    """How many independent samples would know the mean of a series, in the order of measuring, as exactly.

    The larger of two estimates of τ counts, as each misses what the other sees: Geyer's initial monotone sequence
    (short memory; "Practical Markov chain Monte Carlo", Statistical Science 7(4), 1992, section 3.3), and the variance
    of the means of ten sections (slow drift; Asmussen and Glynn, Stochastic Simulation, 2007, section IV.5).
    """
    count = len(series)
    if count < FEWEST or float(np.ptp(series)) == 0:
        return count
    tau = max(1.0, _initial_monotone_sequence(series), _between_sections(series))
    return max(1, int(count / tau))


def _initial_monotone_sequence(series: Floats) -> float:
    count = len(series)
    centred = series - series.mean()
    spectrum = np.fft.rfft(centred, 2 * count)
    correlation = np.fft.irfft(spectrum * np.conj(spectrum))[:count] / float(centred @ centred)
    pairs = correlation[: count // 2 * 2].reshape(-1, 2).sum(axis=1)
    ends = np.flatnonzero(pairs <= 0)
    positive = pairs[: ends[0]] if len(ends) else pairs
    return 2 * float(np.minimum.accumulate(positive).sum()) - 1


def _between_sections(series: Floats) -> float:
    means = [float(part.mean()) for part in np.array_split(series, SECTIONS)]
    return float(np.var(means, ddof=1)) * (len(series) / SECTIONS) / float(np.var(series))


def ranks(series: Floats) -> Floats:
    """The rank of each value, ties at their middle: a few extreme values then hide no dependence."""
    _, place, counts = np.unique(series, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[place])
