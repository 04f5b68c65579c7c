"""The order in which batch sizes alternate.

Measured one after the other, each batch size would meet its own weather on a shared machine. In rounds, with
a random order within each round, all of them meet the same, and a measurement that is broken off is balanced.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import numpy as np

T = TypeVar("T")

# What is quick next to the slowest comes more than once in a round, since it costs little and a p99 needs
# many samples: up to this often, within this part of the slowest's time.
_MOST_SHARES = 5
_PART_OF_SLOWEST = 0.125

RULE = "rounds of everything that is measured, in random order within a round"


def shares(expected_s: Mapping[T, float]) -> dict[T, int]:
    """How often each comes in a round, given how long it takes."""
    slowest = max(expected_s.values())
    counts = {each: int(_PART_OF_SLOWEST * slowest / took) for each, took in expected_s.items()}
    return {each: min(max(count, 1), _MOST_SHARES) for each, count in counts.items()}


def shuffled(counts: Mapping[T, int], rng: np.random.Generator) -> list[T]:
    """Each as often as it is counted, in random order."""
    every = [each for each, count in counts.items() for _ in range(count)]
    return [every[at] for at in rng.permutation(len(every))]
