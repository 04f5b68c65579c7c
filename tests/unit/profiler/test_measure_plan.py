from __future__ import annotations

import math
import os

import pytest

from capsim.errors import InputError
from capsim.profiler.plan import Plan
from capsim.profiler.samples import Cell


def test_sizes_are_sorted_and_distinct() -> None:
    assert Plan.parse("4, 1,2,2").batch_sizes == (1, 2, 4)


def test_every_batch_size_meets_every_number_of_instances() -> None:
    plan = Plan.parse("1,8", instances="1,4")
    assert plan.cells == (Cell(1, 1), Cell(1, 4), Cell(8, 1), Cell(8, 4))


def test_times_and_shares_have_units() -> None:
    plan = Plan.parse("1", time_limit="1.5 min", tolerance="2 %")
    assert plan.most_seconds == 90
    assert plan.tolerance == 0.02
    assert Plan.parse("1").most_seconds == math.inf


def test_pins_to_as_many_cores_as_threads(cores: list[int]) -> None:
    if not cores:
        pytest.skip("this system cannot pin a process")
    assert Plan.parse("1").cores == (cores[-1],)
    assert Plan.parse("1", cores=str(cores[0])).cores == (cores[0],)
    assert Plan.parse("1", device="cuda").cores == ()


def test_cores_may_be_named_by_ranges(cores: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    if not cores:
        pytest.skip("this system cannot pin a process")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(16)))
    assert Plan.parse("1", cores="8-11, 2,14-14").cores == (2, 8, 9, 10, 11, 14)
    for wrong in ("3-1", "1-", "-1", "1-2-3", "a-b"):
        with pytest.raises(InputError, match=f"expected whole numbers such as 1,2,4, got '{wrong}'"):
            Plan.parse("1", cores=wrong)
    with pytest.raises(InputError, match="core 17 is not among those this process may use"):
        Plan.parse("1", cores="14-17")


def test_instances_that_have_fewer_cores_than_threads_are_told() -> None:
    said = Plan((1,), (1, 4), threads=2, cores=(0, 1)).crowd
    assert said == "8 threads of 4 instances have 2 cores between them; name 8 with --cores to give each its own"
    assert Plan((1,), (1, 4), threads=2, cores=tuple(range(8))).crowd is None
    assert Plan((1,), (1,), threads=1, cores=(0,)).crowd is None
    assert Plan((1,), (1, 4), cores=()).crowd is None
    assert Plan((1,), (1, 4), cores=(0,), device="cuda").crowd is None


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        Plan.parse(
            "0,two,-4,12345678", instances="2,100", samples=0, most_samples=-1, tolerance="5", time_limit="0 s",
            threads=0, cores="99999", seed=-1,
        )  # fmt: skip
    paths = [fault.path for fault in caught.value.faults]
    assert paths == [
        *["--batch-sizes"] * 4, "--samples", "--threads", "--seed", "--most-samples", "--instances", "--instances",
        "--tolerance", "--time-limit", "--cores",
    ]  # fmt: skip
    assert "must be from 1 to 999999, got 0" in str(caught.value)
    assert "expected whole numbers such as 1,2,4, got 'two'" in str(caught.value)
    assert "must include 1, which the others are compared with" in str(caught.value)


def test_threads_need_cores(cores: list[int]) -> None:
    if not cores:
        pytest.skip("this system cannot pin a process")
    with pytest.raises(InputError, match="2 threads need as many cores, got 1"):
        Plan.parse("1", threads=2, cores=str(cores[0]))


def test_a_number_of_thousands_of_digits_is_a_fault() -> None:
    with pytest.raises(InputError, match="must be from 1"):
        Plan.parse("9" * 10_000)
