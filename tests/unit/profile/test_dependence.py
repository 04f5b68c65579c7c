"""How many independent samples a series is worth."""

from __future__ import annotations

import numpy as np
import pytest
from recordings import weather

from capsim.profile.dependence import effective_samples, ranks


@pytest.mark.parametrize(("memory", "tau"), [(0.0, 1.0), (0.5, 3.0), (0.8, 9.0)])
def test_memory_makes_samples_worth_less(memory: float, tau: float) -> None:
    """τ of an autoregressive series is (1 + memory) / (1 - memory)."""
    chance = np.random.default_rng(1)
    found = [2000 / effective_samples(weather(chance, 2000, memory)) for _ in range(100)]
    assert tau <= np.mean(found) <= 1.3 * tau


def test_a_drift_is_seen_where_neighbours_hardly_resemble_each_other() -> None:
    chance = np.random.default_rng(2)
    noise = chance.standard_normal(1000)
    assert effective_samples(noise) > 500
    assert effective_samples(noise + np.linspace(0, 2, 1000)) < 100


def test_too_few_or_equal_samples_count_as_they_are() -> None:
    assert effective_samples(np.arange(19.0)) == 19
    assert effective_samples(np.ones(50)) == 50


def test_ties_share_a_rank() -> None:
    assert ranks(np.array([5.0, 1.0, 5.0, 9.0])).tolist() == [2.5, 1, 2.5, 4]
