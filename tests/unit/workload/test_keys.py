from __future__ import annotations

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from capsim.workload import Keys

KEYS = TypeAdapter(Keys)


def test_popular_keys_are_asked_for_by_zipfs_law() -> None:
    shares = np.diff(KEYS.validate_python({"zipf": 1.0, "count": 4}).shares, prepend=0.0)
    assert shares == pytest.approx(np.array([1, 1 / 2, 1 / 3, 1 / 4]) / (25 / 12))


def test_an_exponent_of_zero_asks_for_all_alike() -> None:
    assert KEYS.validate_python({"zipf": 0, "count": 4}).shares.tolist() == [0.25, 0.5, 0.75, 1.0]


@pytest.mark.parametrize("zipf", [0.0, 0.7, 1.1, 10.0])
def test_the_shares_of_many_keys_rise_to_one(zipf: float) -> None:
    shares = KEYS.validate_python({"zipf": zipf, "count": 1_000_000}).shares
    assert shares[-1] == 1
    assert (np.diff(shares) >= 0).all()


def test_nobody_can_change_the_shares() -> None:
    assert not KEYS.validate_python({"zipf": 1, "count": 3}).shares.flags.writeable


@pytest.mark.parametrize("wrong", [{"zipf": -0.1}, {"zipf": 11}, {"count": 0}, {"count": 10_000_001}, {"count": 2.5}])
def test_what_has_no_meaning_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        KEYS.validate_python({"zipf": 1, "count": 10} | wrong)
