"""How many items requests carry: one number, shares of several, or a distribution rounded to whole numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator, Field

from capsim.distributions import CV_OF, Name, Variation, check_variation, unit_quantile, unit_share
from capsim.errors import CodedWarning
from capsim.parameters import PositiveInt, Whole, choice, parameters
from capsim.units import Share

MOST_ITEMS = 1_000_000_000
MOST_DRAWN = 100_000
"""A distribution has a probability for each whole number up to as many."""
KEPT = 0.9999
"""Share of requests that a distribution without `most` keeps."""
ROUNDING = 1e-9
NEARLY = 0.01
"""A mean that rounding moves by less is the one that was asked for."""


@dataclass(frozen=True)
class ItemCounts:
    """Which numbers of items requests carry, and how often.

    Attributes:
        values: the numbers, rising.
        shares: for each, the share of requests that carry as many or fewer; the last is 1.
    """

    values: tuple[int, ...]
    shares: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Mean number of items of a request."""
        return float(np.diff(self.shares, prepend=0.0) @ np.array(self.values, dtype=np.float64))

    @property
    def most(self) -> int:
        """The largest request."""
        return self.values[-1]


def _number(key: Any) -> int:
    text = str(key).strip()
    if not (re.fullmatch(r"[1-9][0-9]{0,9}", text) and int(text) <= MOST_ITEMS):
        raise ValueError(f"expected a whole number of items from 1 to {MOST_ITEMS}, got '{text[:40]}'")
    return int(text)


ItemNumber = Annotated[int, BeforeValidator(_number)]


@parameters
class ItemShares:
    """Some numbers of items, each carried by a share of the requests."""

    values: Annotated[dict[ItemNumber, Share], Field(min_length=1, max_length=10_000)]
    """Number of items to share of requests, such as `{1: 70 %, 8: 30 %}`; together 100 %."""

    def __post_init__(self) -> None:
        """Refuse shares that do not add up."""
        total = math.fsum(self.values.values())
        if abs(total - 1) > ROUNDING:
            raise ValueError(f"the shares must add up to 100 %, got {total * 100:.10g} %")

    @cached_property
    def counts(self) -> ItemCounts:
        """The numbers in order, with their cumulative shares."""
        values = sorted(self.values)
        sums = np.cumsum([self.values[value] for value in values])
        return ItemCounts(tuple(values), (*(sums[:-1] / sums[-1]).tolist(), 1.0))

    def doubts(self) -> Iterator[CodedWarning]:
        """None."""
        return iter(())


@parameters
class ItemDistribution:
    """A distribution, rounded to the nearest whole number; at least 1, at most `most`."""

    distribution: Name
    """constant, exponential, lognormal or gamma."""
    mean: Annotated[float, Field(strict=True, gt=0, le=MOST_DRAWN)]
    """Mean before rounding."""
    cv: Variation | None = None
    """Coefficient of variation (standard deviation over mean); lognormal and gamma need it."""
    most: Annotated[Whole, Field(ge=1, le=MOST_DRAWN)] | None = None
    """No request carries more: the distribution is truncated there; unless given, where 99.99 % of it is below."""

    def __post_init__(self) -> None:
        """Refuse a cv without meaning or none where it is needed, and a bound below the mean or too far away."""
        check_variation(self.distribution, self.cv)
        if self.most is not None and self.most < self.mean:
            raise ValueError(f"most must be at least the mean of {self.mean:g}, got {self.most}")
        if self.bound > MOST_DRAWN:
            said = f"requests can carry {self.bound:.3g} items and more; say most, of at most {MOST_DRAWN}"
            raise ValueError(said)

    @property
    def bound(self) -> int:
        """The most items that a request can carry."""
        if self.most is not None:
            return self.most
        far = float(unit_quantile(self.distribution, self._variation, np.array([KEPT]))[0])
        return max(1, math.ceil(self.mean * far - 0.5))

    @cached_property
    def counts(self) -> ItemCounts:
        """Each whole number with the probability that rounding gives it, what would be none with 1."""
        numbers = np.arange(1, self.bound + 1, dtype=np.int64)
        shares = unit_share(self.distribution, self._variation, np.asarray((numbers + 0.5) / self.mean, np.float64))
        shares = shares / shares[-1]
        carried = np.diff(shares, prepend=0.0) > 0
        return ItemCounts(tuple(numbers[carried].tolist()), tuple(shares[carried].tolist()))

    def doubts(self) -> Iterator[CodedWarning]:
        """A mean that rounding or the bound has moved."""
        mean = self.counts.mean
        if abs(mean / self.mean - 1) > NEARLY:
            said = f"requests carry {mean:.4g} items on average, not {self.mean:g}: each is a whole number from 1 to "
            yield CodedWarning("items_rounded", f"{said}{self.bound}")

    @property
    def _variation(self) -> float:
        return CV_OF[self.distribution] if self.cv is None else self.cv


def _which(value: Any) -> str:
    if isinstance(value, ItemShares) or (isinstance(value, dict) and "values" in value):
        return "by share"
    return "drawn" if isinstance(value, (ItemDistribution, dict)) else "alike"


ItemsPerRequest: Any = choice({"alike": PositiveInt, "by share": ItemShares, "drawn": ItemDistribution}, _which)
"""A whole number, or a mapping with `values` or `distribution`."""


def item_counts(items: int | ItemShares | ItemDistribution) -> ItemCounts:
    """How many items requests carry, and how often."""
    return ItemCounts((items,), (1.0,)) if isinstance(items, int) else items.counts


def item_doubts(items: int | ItemShares | ItemDistribution) -> Iterator[CodedWarning]:
    """What is doubtful about the items that requests carry."""
    return iter(()) if isinstance(items, int) else items.doubts()
