"""Rates over time: when the expected number of arrivals reaches 1, 2, 3 …"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from capsim.documents import Document, validate
from capsim.errors import InputError
from capsim.random import Stream
from capsim.workload import Arrivals, arrival_times
from capsim.workload.rates import RateOverTime, instants_s, mean_per_s

RATES: TypeAdapter[Any] = TypeAdapter(RateOverTime)
ARRIVALS: TypeAdapter[Any] = TypeAdapter(Arrivals)


def rate(**fields: Any) -> Any:
    """A rate as a document gives it."""
    return RATES.validate_python(fields)


def steps(*pairs: tuple[str, str]) -> Any:
    """A rate from each instant on."""
    return rate(steps=[{"at": at, "rate": value} for at, value in pairs])


def reached_s(law: Any, *counts: float) -> list[float]:
    """When the counts are reached."""
    found: list[float] = instants_s(law, np.array(counts, dtype=np.float64)).tolist()
    return found


def test_a_step_changes_the_rate_from_its_instant_on() -> None:
    """10 in the first second, then 20 a second."""
    law = steps(("0 s", "10 /s"), ("1 s", "20 /s"))
    assert reached_s(law, 5, 10, 11, 30) == [0.5, 1.0, 1.05, 2.0]


def test_nothing_arrives_during_a_step_without_load() -> None:
    law = steps(("0 s", "10 /s"), ("1 s", "0 /s"), ("3 s", "10 /s"))
    assert reached_s(law, 9, 10, 11) == [0.9, 1.0, 3.1]


def test_a_load_may_begin_later() -> None:
    assert reached_s(steps(("0 s", "0 /s"), ("2 s", "10 /s")), 1, 10) == [2.1, 3.0]


def test_after_a_last_step_without_load_nothing_arrives() -> None:
    law = steps(("0 s", "10 /s"), ("1 s", "0 /s"))
    assert reached_s(law, 10, 10.5, 11) == [1.0, np.inf, np.inf]
    times, _ = arrival_times(ARRIVALS.validate_python({"process": "deterministic", "rate": law}), Stream(0), 0, 12, 0.0)
    assert times[:10].tolist() == [100_000_000 * i for i in range(1, 11)]
    assert times[10:].min() > 3660 * 86_400 * 10**9


def test_bursts_alternate_with_the_base() -> None:
    """4 in the burst of 0.2 s, 8 in the other 0.8 s: 12 a cycle."""
    law = rate(bursts={"base": "10 /s", "peak": "20 /s", "every": "1 s", "length": "0.2 s"})
    assert reached_s(law, 2, 4, 5, 12, 14) == pytest.approx([0.1, 0.2, 0.3, 1.0, 1.1])
    assert mean_per_s(law, 10) == pytest.approx(12)
    assert mean_per_s(law, 1.1) == pytest.approx(14 / 1.1)


def test_between_bursts_without_a_base_nothing_arrives() -> None:
    law = rate(bursts={"base": "0 /s", "peak": "10 /s", "every": "1 s", "length": "0.5 s"})
    assert reached_s(law, 4, 5, 6, 10, 11) == pytest.approx([0.4, 0.5, 1.1, 1.5, 2.1])


def test_a_day_has_its_mean_and_its_peak() -> None:
    law = rate(daily={"mean": "100 /h", "peak": "150 /h", "peak_at": "14 h"})
    assert mean_per_s(law, 86_400) == pytest.approx(100 / 3600)
    assert mean_per_s(law, 86_400 * 7) == pytest.approx(100 / 3600)
    around_noon = np.diff(reached_s(law, *range(1000, 2000)))
    assert around_noon.min() == pytest.approx(3600 / 150, rel=1e-3)


LAWS = {
    "steps": steps(("0 s", "10 /s"), ("1 s", "0 /s"), ("2 s", "50 /s"), ("2.5 s", "5 /s")),
    "daily": rate(daily={"mean": "30 /s", "peak": "60 /s", "peak_at": "1 s", "period": "4 s"}),
    "flat daily": rate(daily={"mean": "30 /s", "peak": "30 /s", "period": "4 s"}),
    "bursts": rate(bursts={"base": "3 /s", "peak": "90 /s", "every": "700 ms", "length": "33 ms"}),
    "lonely bursts": rate(bursts={"base": "0 /s", "peak": "70 /s", "every": "300 ms", "length": "7 ms"}),
}


@pytest.mark.parametrize("name", LAWS)
@given(counts=st.lists(st.floats(1e-6, 2000), min_size=1, max_size=20))
def test_instants_invert_the_expected_number(name: str, counts: list[float]) -> None:
    """By t, the mean rate times t were expected; instants never decrease."""
    law = LAWS[name]
    instants = reached_s(law, *sorted(counts))
    assert np.all(np.diff(instants) >= 0)
    for count, instant in zip(sorted(counts), instants, strict=True):
        assert mean_per_s(law, instant) * instant == pytest.approx(count, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("name", LAWS)
def test_an_instant_does_not_depend_on_what_is_asked_with_it(name: str) -> None:
    counts = np.cumsum(-np.log(Stream(3).uniforms(0, 3000)))
    parts = [instants_s(LAWS[name], part) for part in np.array_split(counts, 100)]
    assert np.array_equal(np.concatenate(parts), instants_s(LAWS[name], counts))


@pytest.mark.parametrize("name", LAWS)
def test_every_whole_number_is_reached_at_a_number(name: str) -> None:
    """Deterministic arrivals hit the corners of a rate exactly."""
    instants = reached_s(LAWS[name], *range(1, 3000))
    assert np.all(np.isfinite(instants))
    assert instants[0] > 0


def test_counts_in_a_burst_are_those_of_a_poisson_process_of_its_rate() -> None:
    """300 bursts of 50 ms at 200 /s: 10 expected in each, with the variance of Poisson."""
    law = rate(bursts={"base": "10 /s", "peak": "200 /s", "every": "1 s", "length": "50 ms"})
    process = ARRIVALS.validate_python({"process": "poisson", "rate": law})
    times = arrival_times(process, Stream.named(1, 0, "arrivals"), 0, 10_000, 0.0)[0] / 1e9
    inside = np.bincount(times[(times < 300) & (times % 1 < 0.05)].astype(int), minlength=300)
    assert inside.mean() == pytest.approx(10, abs=4 * (10 / 300) ** 0.5)
    assert inside.var() == pytest.approx(10, rel=0.35)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"steps": []}, "must have at least 1 entry, got none"),
        ({"steps": [{"at": "1 s", "rate": "5 /s"}]}, "must begin at 0 s"),
        ({"steps": [{"at": "0 s", "rate": "5 /s"}] * 2}, "must begin later than the one before"),
        ({"steps": [{"at": "0 s", "rate": "0 /s"}]}, "above zero"),
        ({"steps": [{"at": "0 s", "rate": 5}]}, "expected a rate with its unit"),
        ({"daily": {"mean": "10 /s", "peak": "9 /s"}}, "peak must be from the mean to twice the mean"),
        ({"daily": {"mean": "10 /s", "peak": "21 /s"}}, "peak must be from the mean to twice the mean"),
        ({"daily": {"mean": "10 /s", "peak": "15 /s", "period": "0 s"}}, "more than zero"),
        ({"bursts": {"base": "1 /s", "peak": "5 /s", "every": "1 s", "length": "1 s"}}, "less than every"),
        ({"bursts": {"base": "5 /s", "peak": "5 /s", "every": "1 s", "length": "10 ms"}}, "more than base"),
        ({"wave": {}}, "unknown choice 'wave'; choose a rate such as 400 /s, steps, daily, bursts"),
    ],
)
def test_a_rate_that_makes_no_sense_is_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        validate(RateOverTime, Document("scenario.yaml", fields))
