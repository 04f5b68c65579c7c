"""How often the intervals of a measured profile hold the truth, and how often two equal devices are told apart.

    python benchmarks/profile_intervals.py --series 1000

Each series is made of normal values whose quantiles are known, with a memory as measured batches have it. Beside what
capsim does stands what comes out if the samples are taken for independent.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from unittest import mock

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter
from scipy.stats import norm

from capsim.profile import difference, quantiles

Floats = NDArray[np.float64]
Weather = Callable[[np.random.Generator, int], Floats]
Test = Callable[[Floats, Floats], float | None]
BURN_IN = 500
LEVELS = (0.5, 0.99)
LOCATION = 20.0
"""Far above the spread, as a latency is."""


def memory(strength: float) -> Weather:
    """Each value resembles the one before: autoregressive of order one."""

    def draw(chance: np.random.Generator, count: int) -> Floats:
        shocks = chance.standard_normal(count + BURN_IN) * np.sqrt(1 - strength**2)
        return np.asarray(lfilter([1], [1, -strength], shocks))[BURN_IN:]

    return draw


def slow(chance: np.random.Generator, count: int) -> Floats:
    """Independent noise on a slow weather, of which neighbours show little: 36 % of the variance, memory 0.95."""
    return np.asarray(0.8 * chance.standard_normal(count) + 0.6 * memory(0.95)(chance, count))


CASES: dict[str, Weather] = {
    "independent": memory(0.0),
    "memory 0.5": memory(0.5),
    "memory 0.8": memory(0.8),
    "noise on slow weather": slow,
}


def coverage(weather: Weather, count: int, series: int, level: float) -> float:
    """The share of intervals that hold the quantile."""
    chance, truth = np.random.default_rng(1), LOCATION + float(norm.ppf(level))
    found = [quantiles.quantile(LOCATION + weather(chance, count), level) for _ in range(series)]
    return sum(each.low <= truth <= each.high for each in found) / series


def false_alarms(weather: Weather, count: int, series: int, test: Test = difference.typical_p) -> float:
    """The share of pairs of equal devices that are told apart at 5 %."""
    chance = np.random.default_rng(2)
    found = [test(weather(chance, count), weather(chance, count)) for _ in range(series)]
    return sum(p is not None and p < 0.05 for p in found) / series


def rows(series: int) -> Iterator[str]:
    """The lines of the table."""
    yield "| series | samples | p50 covers | p99 covers | false alarms | of p99 | if independent: p50 | false alarms |"
    yield "|---|---|---|---|---|---|---|---|"
    for name, weather in CASES.items():
        for count in (200, 800):
            told = [coverage(weather, count, series, level) for level in LEVELS]
            told.append(false_alarms(weather, count, series))
            told.append(false_alarms(weather, count, series, lambda a, b: difference.tail_p(a, b, LEVELS[1])))
            with (
                mock.patch.object(quantiles, "effective_samples", len),
                mock.patch.object(difference, "effective_samples", len),
            ):
                told += [coverage(weather, count, series, LEVELS[0]), false_alarms(weather, count, series)]
            yield f"| {name} | {count} | {' | '.join(f'{share:.1%}' for share in told)} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="How far intervals and tests of profiles can be trusted.")
    parser.add_argument("--series", type=int, default=1000, help="Series for each number.")
    for row in rows(parser.parse_args().series):
        print(row, flush=True)


if __name__ == "__main__":
    main()
