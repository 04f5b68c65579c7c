from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from capsim.random import Stream
from capsim.workload import Arrivals, ClosedLoop, Load, arrival_times
from capsim.workload.open_loop import Renewal

STREAM = Stream.named(0, 0, "arrivals")
ARRIVALS: TypeAdapter[Any] = TypeAdapter(Arrivals)


def process(**fields: Any) -> Any:
    """An arrival process as a document gives it."""
    return ARRIVALS.validate_python(fields)


def sent_ns(arrivals: Renewal, count: int) -> list[int]:
    """The first instants."""
    times: list[int] = arrival_times(arrivals, STREAM, 0, count, 0.0)[0].tolist()
    return times


def test_deterministic_arrivals_come_at_equal_gaps_the_first_after_one() -> None:
    assert sent_ns(process(process="deterministic", rate="200 /s"), 3) == [5_000_000, 10_000_000, 15_000_000]


def test_poisson_gaps_are_exponential_in_the_uniforms_of_the_stream() -> None:
    gaps = -np.log1p(-STREAM.uniforms(0, 3)) / 200
    assert sent_ns(process(process="poisson", rate="200 /s"), 3) == np.rint(np.cumsum(gaps) * 1e9).tolist()


def test_gamma_gaps_of_variation_one_are_exponential() -> None:
    gamma = sent_ns(process(process="gamma", rate="200 /s", cv=1), 1000)
    assert gamma == pytest.approx(sent_ns(process(process="poisson", rate="200 /s"), 1000), abs=1)


@pytest.mark.parametrize("cv", [0.2, 3])
def test_gamma_gaps_have_the_variation_that_was_asked(cv: float) -> None:
    gaps = np.diff(sent_ns(process(process="gamma", rate="1000 /s", cv=cv), 200_000))
    assert gaps.mean() == pytest.approx(1e6, rel=0.03)
    assert gaps.std() / gaps.mean() == pytest.approx(cv, rel=0.03)


def test_long_gaps_are_not_clipped() -> None:
    """Of 400,000 exponential gaps the longest is about 13 means, and the mean is kept within 5 standard errors."""
    gaps = np.diff(sent_ns(process(process="poisson", rate="1000 /s"), 400_000))
    assert gaps.max() > 10e6
    assert gaps.mean() == pytest.approx(1e6, rel=5 / 400_000**0.5)


@pytest.mark.parametrize("kind", ["poisson", "deterministic", "gamma"])
@given(cuts=st.lists(st.integers(1, 40), min_size=1, max_size=5))
def test_chunks_of_any_size_give_the_same_instants(kind: str, cuts: list[int]) -> None:
    arrivals = process(process=kind, rate="300 /s", **({"cv": 2} if kind == "gamma" else {}))
    start, reached, found = 0, 0.0, []
    for size in cuts:
        times, reached = arrival_times(arrivals, STREAM, start, start + size, reached)
        found += times.tolist()
        start += size
    assert found == sent_ns(arrivals, start)


def test_instants_beyond_all_horizons_stay_whole_numbers() -> None:
    times = sent_ns(process(process="deterministic", rate="1e-12 /s"), 5)
    assert all(time > 3660 * 86_400 * 10**9 for time in times)


def test_the_offered_load_is_the_mean_rate() -> None:
    assert process(process="poisson", rate="200 /s").offered_per_s(60) == 200
    assert process(process="closed_loop", clients=3).offered_per_s(60) is None


def test_clients_start_staggered_over_the_mean_think_time() -> None:
    constant = process(process="closed_loop", clients=4, think_time="8 ms")
    drawn = process(process="closed_loop", clients=3, think_time={"distribution": "exponential", "mean": "10 ns"})
    assert isinstance(constant, ClosedLoop)
    assert constant.starts_ns() == [0, 2_000_000, 4_000_000, 6_000_000]
    assert drawn.starts_ns() == [0, 3, 6]
    assert process(process="closed_loop", clients=2, think_time="0 s").starts_ns() == [0, 0]
    assert process(process="closed_loop", clients=2).starts_ns() == [0, 2_500]


def test_each_process_says_what_more_of_it_is_counted_in() -> None:
    rate = process(process="poisson", rate={"steps": [{"at": "0 s", "rate": "10 /s"}, {"at": "1 s", "rate": "30 /s"}]})
    clients = process(process="closed_loop", clients=3, think_time="1 ms")
    assert rate.load(2) == Load("rate_per_s", 20, whole=False)
    assert clients.load(2) == Load("clients", 3, whole=True)
    assert rate.scaled(1.5).load(2).amount == 30
    assert clients.scaled(1.5).load(2).amount == 4
    assert clients.scaled(0.01).clients == 1


def test_a_process_knows_whether_its_load_varies_and_whether_anybody_waits() -> None:
    constant = process(process="gamma", cv=2, rate="10 /s")
    bursts = process(
        process="gamma", cv=2, rate={"bursts": {"base": "1 /s", "peak": "2 /s", "every": "2 s", "length": "1 s"}}
    )
    clients = process(process="closed_loop", clients=3, think_time="1 ms")
    assert [constant.steady, bursts.steady, clients.steady] == [True, False, True]
    assert [constant.clients, clients.clients] == [None, 3]
    assert [constant.mean_think_ns, clients.mean_think_ns] == [0, 1_000_000]
    assert clients.stays_in_step
    assert not process(process="closed_loop", clients=3).stays_in_step
    assert not process(process="closed_loop", clients=1, think_time="1 ms").stays_in_step
