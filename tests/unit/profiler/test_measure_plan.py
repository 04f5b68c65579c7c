from __future__ import annotations

import pytest

from capsim.errors import InputError
from capsim.profiler.plan import Plan


def test_sizes_are_sorted_and_distinct() -> None:
    plan = Plan.parse("4, 1,2,2", samples=200, threads=1, cores=None, seed=1)
    assert plan.batch_sizes == (1, 2, 4)


def test_pins_to_as_many_cores_as_threads(cores: list[int]) -> None:
    if not cores:
        pytest.skip("this system cannot pin a process")
    assert Plan.parse("1", 200, 1, None, 1).cores == (cores[-1],)
    assert Plan.parse("1", 200, 1, str(cores[0]), 1).cores == (cores[0],)


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        Plan.parse("0,two,-4,12345678", samples=0, threads=0, cores="99999", seed=-1)
    paths = [fault.path for fault in caught.value.faults]
    assert paths == ["--batch-sizes"] * 4 + ["--samples", "--threads", "--seed", "--cores"]
    assert "must be from 1 to 999999, got 0" in str(caught.value)
    assert "expected whole numbers such as 1,2,4, got 'two'" in str(caught.value)


def test_threads_need_cores(cores: list[int]) -> None:
    if not cores:
        pytest.skip("this system cannot pin a process")
    with pytest.raises(InputError, match="2 threads need as many cores, got 1"):
        Plan.parse("1", 200, 2, str(cores[0]), 1)


def test_a_number_of_thousands_of_digits_is_a_fault() -> None:
    with pytest.raises(InputError, match="must be from 1"):
        Plan.parse("9" * 10_000, 200, 1, None, 1)
