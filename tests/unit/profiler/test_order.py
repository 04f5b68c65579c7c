from __future__ import annotations

from collections import Counter

import numpy as np

from capsim.profiler.order import shares, shuffled


def test_quick_batch_sizes_come_up_to_five_times_in_a_round() -> None:
    assert shares({1: 1.0, 2: 20.0, 4: 100.0}) == {1: 5, 2: 1, 4: 1}
    assert shares({1: 4.0, 32: 100.0}) == {1: 3, 32: 1}


def test_a_round_holds_each_as_often_as_counted() -> None:
    assert Counter(shuffled({1: 5, 2: 2, 4: 0}, np.random.default_rng(1))) == {1: 5, 2: 2}


def test_the_order_is_random_and_belongs_to_the_seed() -> None:
    def orders(seed: int) -> list[list[int]]:
        rng = np.random.default_rng(seed)
        return [shuffled(dict.fromkeys((1, 2, 4, 8), 1), rng) for _ in range(50)]

    assert orders(1) == orders(1)
    assert orders(1) != orders(2)
    assert len({tuple(order) for order in orders(1)}) > 10


def test_nothing_counted_means_an_empty_round() -> None:
    assert shuffled({}, np.random.default_rng(1)) == []
