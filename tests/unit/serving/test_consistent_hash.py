"""Which queue consistent hashing gives a key, by the uniform of the key."""

from __future__ import annotations

import numpy as np
import pytest

from capsim.random import Stream
from capsim.serving.balancing.consistent_hash import RULE

KEYS = Stream.named(3, 0, "keys").uniforms(0, 20_000).tolist()


def queues_of_keys(queues: int) -> np.ndarray:
    """The queue of each key."""
    numbers = list(range(queues))
    return np.array([RULE.choose(numbers, [0] * queues, [], u, 0.0, (), []) for u in KEYS])


@pytest.mark.parametrize("queues", [1, 2, 7, 100])
def test_each_queue_has_about_as_many_keys(queues: int) -> None:
    """Within five standard deviations of a binomial count."""
    counts = np.bincount(queues_of_keys(queues), minlength=queues)
    mean = len(KEYS) / queues
    assert len(counts) == queues
    assert np.abs(counts - mean).max() <= 5 * np.sqrt(mean * (1 - 1 / queues))


@pytest.mark.parametrize("queues", [1, 2, 7, 100])
def test_one_queue_more_only_takes_keys(queues: int) -> None:
    """No key moves between queues that there were, and the new one takes its share from all alike."""
    before, after = queues_of_keys(queues), queues_of_keys(queues + 1)
    moved = before != after
    assert set(after[moved].tolist()) == {queues}
    share = len(KEYS) / (queues + 1)
    assert abs(moved.sum() - share) <= 5 * np.sqrt(share)
    assert len(np.unique(before[moved])) == queues or share / queues < 5


def test_the_last_keys_have_a_queue_too() -> None:
    """Uniforms next to 0 and 1."""
    for u in (2.0**-53, 1 - 2.0**-53):
        assert 0 <= RULE.choose([0, 1, 2], [0] * 3, [], u, 0.0, (), []) <= 2
