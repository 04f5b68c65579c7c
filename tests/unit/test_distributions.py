from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter
from scipy import stats

from capsim.distributions import Distribution, Name, unit_quantile
from capsim.documents import Document, validate
from capsim.errors import InputError

GRID = (np.arange(200_000) + 0.5) / 200_000


@pytest.mark.parametrize(
    ("name", "cv", "known"),
    [
        ("exponential", 1.0, stats.expon()),
        ("gamma", 0.5, stats.gamma(4, scale=0.25)),
        ("gamma", 2.0, stats.gamma(0.25, scale=4)),
        ("lognormal", 0.5, stats.lognorm(np.sqrt(np.log(1.25)), scale=1 / np.sqrt(1.25))),
    ],
)
def test_quantiles_are_those_of_the_distribution(name: Name, cv: float, known: Any) -> None:
    u = np.array([1e-6, 0.01, 0.5, 0.99, 1 - 1e-6])
    assert unit_quantile(name, cv, u) == pytest.approx(known.ppf(u), rel=1e-9)


@pytest.mark.parametrize(("name", "cv"), [("exponential", 1), ("gamma", 0.3), ("gamma", 1.5), ("lognormal", 0.8)])
def test_the_mean_is_one_and_the_variation_is_what_was_asked(name: Name, cv: float) -> None:
    drawn = unit_quantile(name, cv, GRID)
    assert drawn.mean() == pytest.approx(1, rel=1e-3)
    assert drawn.std() == pytest.approx(cv, rel=1e-2)
    assert np.all(np.diff(drawn) >= 0)


def test_a_constant_is_one() -> None:
    assert unit_quantile("constant", 0, GRID[:3]).tolist() == [1, 1, 1]


def test_a_gamma_of_variation_one_is_exponential() -> None:
    some = GRID[::1000]
    assert unit_quantile("gamma", 1, some) == pytest.approx(unit_quantile("exponential", 1, some), rel=1e-9)


@pytest.mark.parametrize("cv", [1e-9, 1e-3, 100])
@pytest.mark.parametrize("name", ["gamma", "lognormal"])
def test_extreme_variations_stay_finite(name: Name, cv: float) -> None:
    drawn = unit_quantile(name, cv, np.array([2.0**-53, 0.5, 1 - 2.0**-53]))
    assert np.all(np.isfinite(drawn))
    assert np.all(drawn >= 0)


def validated(**fields: Any) -> Distribution:
    """A distribution as a document gives it."""
    found: Distribution = TypeAdapter(Distribution).validate_python(fields)
    return found


def test_the_variation_is_known_where_it_is_not_asked() -> None:
    assert validated(distribution="constant", mean="5 ms").variation == 0
    assert validated(distribution="exponential", mean="5 ms").variation == 1
    assert validated(distribution="gamma", mean="5 ms", cv=2).variation == 2


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"distribution": "constant", "mean": "5 ms", "cv": 1}, "constant has no cv"),
        ({"distribution": "exponential", "mean": "5 ms", "cv": 2}, "exponential has no cv"),
        ({"distribution": "gamma", "mean": "5 ms"}, "gamma needs a cv"),
        ({"distribution": "lognormal", "mean": "5 ms"}, "lognormal needs a cv"),
        (
            {"distribution": "normal", "mean": "5 ms"},
            "unknown choice 'normal'; choose constant, exponential, lognormal, gamma",
        ),
        ({"distribution": "gamma", "mean": "5 ms", "cv": 0}, "must be more than 0"),
        ({"distribution": "gamma", "mean": "5 ms", "cv": 101}, "must be at most 100"),
        ({"distribution": "constant", "mean": "0 ms"}, "more than zero"),
        ({"distribution": "constant", "mean": 5}, "expected a time with its unit"),
    ],
)
def test_a_distribution_that_makes_no_sense_is_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        validate(Distribution, Document("scenario.yaml", fields))
