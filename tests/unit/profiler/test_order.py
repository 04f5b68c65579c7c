from __future__ import annotations

from collections import Counter

from capsim.profiler.order import rounds, targets


def test_quick_batch_sizes_get_further_samples_up_to_five_times_as_many() -> None:
    assert targets(200, {1: 1.0, 2: 20.0, 4: 100.0}) == {1: 1000, 2: 200, 4: 200}
    assert targets(200, {1: 4.0, 32: 100.0}) == {1: 600, 32: 200}


def test_rounds_hold_each_size_as_often_as_missing() -> None:
    missing = {1: 17, 2: 5, 4: 0}
    assert Counter(size for this in rounds(missing, seed=1) for size in this) == {1: 17, 2: 5}


def test_rounds_are_balanced_when_broken_off() -> None:
    half = list(rounds({1: 1000, 32: 200}, seed=1))[:100]
    assert Counter(size for this in half for size in this) == {1: 500, 32: 100}


def test_the_order_is_random_and_belongs_to_the_seed() -> None:
    missing = dict.fromkeys((1, 2, 4, 8), 50)
    first = list(rounds(missing, seed=1))
    assert first == list(rounds(missing, seed=1))
    assert first != list(rounds(missing, seed=2))
    assert len({tuple(this) for this in first}) > 10


def test_nothing_missing_means_no_rounds() -> None:
    assert list(rounds({1: 0}, seed=1)) == []
