"""The order in which batch sizes alternate.

Measured one after the other, each batch size would meet its own weather on a shared machine. In rounds, with
a random order within each round, all of them meet the same, and a measurement that is broken off is balanced.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

# A batch size that is quick next to the slowest gets further samples, since they cost little and a p99
# out of 200 rests on two of them: up to this many times as many, within this part of the slowest's time.
_MOST_SHARES = 5
_PART_OF_SLOWEST = 0.125

RULE = "rounds of all batch sizes, in random order within a round"


def targets(samples: int, median_ms: Mapping[int, float]) -> dict[int, int]:
    """Number of samples to take of each batch size, given how long each takes."""
    slowest = max(median_ms.values())
    shares = {size: int(_PART_OF_SLOWEST * slowest / each) for size, each in median_ms.items()}
    return {size: samples * min(max(share, 1), _MOST_SHARES) for size, share in shares.items()}


def rounds(missing: Mapping[int, int], seed: int) -> Iterator[list[int]]:
    """Rounds of batch sizes that together hold each as often as it is missing, evenly spread."""
    wanted = {size: count for size, count in missing.items() if count > 0}
    if not wanted:
        return
    rng = np.random.default_rng(seed)
    number = min(wanted.values())
    for index in range(number):
        this = [
            size
            for size, count in wanted.items()
            for _ in range(count * (index + 1) // number - count * index // number)
        ]
        yield [this[at] for at in rng.permutation(len(this))]
