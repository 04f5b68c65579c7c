from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter

from capsim.distributions import unit_quantile, unit_share
from capsim.documents import parse_yaml, validate
from capsim.errors import InputError
from capsim.parameters import Section
from capsim.random import Stream
from capsim.workload import ItemsPerRequest, item_counts, item_doubts

ITEMS: TypeAdapter[Any] = TypeAdapter(ItemsPerRequest)


class Asked(Section):
    """A document with items."""

    items: ItemsPerRequest = 1


def faults(text: str) -> list[str]:
    """What is wrong with items as they stand in a file."""
    with pytest.raises(InputError) as caught:
        validate(Asked, parse_yaml(f"items: {text}", "asked.yaml"))
    return [f"{fault.line} {fault.path} {fault.message}" for fault in caught.value.faults]


def test_a_number_is_carried_by_all() -> None:
    counts = item_counts(ITEMS.validate_python(5))
    assert (counts.values, counts.shares, counts.mean, counts.most) == ((5,), (1.0,), 5, 5)


def test_shares_are_cumulative_in_the_order_of_the_numbers() -> None:
    counts = item_counts(ITEMS.validate_python({"values": {"8": "30 %", "1": "60 %", "2": "10 %"}}))
    assert counts.values == (1, 2, 8)
    assert counts.shares == pytest.approx((0.6, 0.7, 1.0), abs=1e-12)
    assert counts.mean == pytest.approx(3.2)
    assert counts.most == 8


@pytest.mark.parametrize("law", [("exponential", None), ("lognormal", 1.5), ("gamma", 0.4), ("gamma", 2.0)])
def test_a_distribution_is_rounded_and_truncated_exactly(law: tuple[Any, float | None]) -> None:
    """Against 200,000 draws that are rounded, set to 1 where nothing is left, and drawn again beyond the bound."""
    name, cv = law
    counts = item_counts(
        ITEMS.validate_python({"distribution": name, "mean": 3.0, "most": 9, **({"cv": cv} if cv else {})})
    )
    drawn = np.maximum(np.rint(3 * unit_quantile(name, cv or 1.0, Stream(7).uniforms(0, 200_000))), 1)
    drawn = drawn[drawn <= 9]
    seen = [float((drawn <= number).mean()) for number in counts.values]
    assert counts.values == tuple(range(1, 10))
    assert counts.shares == pytest.approx(seen, abs=5 * 0.5 / 200_000**0.5)
    assert counts.shares[-1] == 1
    assert counts.mean == pytest.approx(drawn.mean(), rel=0.02)


def test_a_constant_is_the_nearest_whole_number() -> None:
    assert item_counts(ITEMS.validate_python({"distribution": "constant", "mean": 4})).values == (4,)
    assert item_counts(ITEMS.validate_python({"distribution": "constant", "mean": 0.2})).values == (1,)


def test_without_a_bound_one_request_in_ten_thousand_is_left_out() -> None:
    """exp(-(n + 1/2) / 8) falls below 1 in 10,000 at n = 74."""
    assert item_counts(ITEMS.validate_python({"distribution": "exponential", "mean": 8})).most == 74


def test_a_mean_that_rounding_moves_is_told() -> None:
    asked = ITEMS.validate_python({"distribution": "lognormal", "mean": 8, "cv": 1.5, "most": 64})
    [doubt] = item_doubts(asked)
    assert doubt.code == "items_rounded"
    assert "carry 7.403 items on average, not 8" in doubt.message
    assert not list(item_doubts(ITEMS.validate_python({"distribution": "gamma", "mean": 800, "cv": 0.1})))
    assert not list(item_doubts(ITEMS.validate_python({"values": {"2": "100 %"}})))
    assert not list(item_doubts(2))


@pytest.mark.parametrize(
    "given", [4, {"values": {"1": "70 %", "8": "30 %"}}, {"distribution": "gamma", "mean": 3.0, "cv": 2.0}]
)
def test_items_are_written_as_they_are_read(given: Any) -> None:
    read = ITEMS.validate_python(given)
    assert ITEMS.validate_python(ITEMS.dump_python(read, mode="json")) == read


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0", ["1 items must be at least 1, got 0"]),
        ("1.5", ["1 items expected a whole number, got 1.5"]),
        ("{values: {1: 70 %, 8: 20 %}}", ["1 items the shares must add up to 100 %, got 90 %"]),
        ("{values: {1: 70 %, 8: 40 %}}", ["1 items the shares must add up to 100 %, got 110 %"]),
        ("{values: {}}", ["1 items.values must have at least 1 entry, got none"]),
        (
            "{values: {1.5: 60 %, 0: 30 %, 01: 10 %}}",
            [
                f"1 items.values.{key} expected a whole number of items from 1 to 1000000000, got '{key}'"
                for key in ("1.5", "0", "01")
            ],
        ),
        ("{distribution: lognormal, mean: 8}", ["1 items lognormal needs a cv"]),
        ("{distribution: exponential, mean: 8, cv: 1}", ["1 items exponential has no cv"]),
        ("{distribution: exponential, mean: 8, most: 4}", ["1 items most must be at least the mean of 8, got 4"]),
        ("{distribution: exponential, mean: 50000}", ["1 items requests can carry 4.61e+05 items and more; say most"]),
        ("{distribution: normal, mean: 8}", ["1 items.distribution unknown choice 'normal'"]),
        ("{vales: {1: 100 %}}", ["did you mean values?"]),
    ],
)
def test_what_is_wrong_with_items_is_told(text: str, said: list[str]) -> None:
    found = faults(text)
    assert all(any(words in fault for fault in found) for words in said), found


@pytest.mark.parametrize("law", [("constant", 1.0), ("exponential", 1.0), ("lognormal", 0.8), ("gamma", 0.5)])
def test_the_share_below_a_quantile_is_its_probability(law: tuple[Any, float]) -> None:
    u = np.array([0.001, 0.3, 0.5, 0.999])
    shares = unit_share(*law, unit_quantile(*law, u))
    assert shares == pytest.approx(np.ones(4) if law[0] == "constant" else u, rel=1e-9)
