from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydantic import TypeAdapter

from capsim.documents import parse_yaml, validate
from capsim.engine import lower
from capsim.engine.compiled import replication as compiled
from capsim.engine.simpy import replication as simpy
from capsim.errors import InputError
from capsim.parameters import Section
from capsim.random import Stream
from capsim.scenario import scenario_from
from capsim.workload import Arrivals, Load, arrival_times

ARRIVALS: TypeAdapter[Any] = TypeAdapter(Arrivals)
S = 10**9
SENT, MODULATION = Stream.named(0, 0, "arrivals"), Stream.named(0, 0, "arrivals/modulation")


class Asked(Section):
    """A document with arrivals."""

    arrivals: Arrivals


def mmpp(rates: list[str], sojourns: list[str]) -> Any:
    """The process as a document gives it."""
    return ARRIVALS.validate_python({"process": "mmpp", "rates": rates, "sojourns": sojourns})


BURSTY = mmpp(["50 /s", "400 /s"], ["10 s", "2 s"])


def sent_s(process: Any, until_s: int, stream: Stream = SENT, modulation: Stream = MODULATION) -> NDArray[np.float64]:
    """The instants of one replication until then."""
    count = round(2 * process.offered_per_s(until_s) * until_s)
    sent = arrival_times(process.drawn(modulation, until_s * S), stream, 0, count, 0.0)[0] / S
    assert sent[-1] > until_s
    return sent[sent < until_s]


def test_a_path_follows_the_states_in_turn_with_exponential_sojourns() -> None:
    path = mmpp(["10 /s", "20 /s", "0 /s"], ["1 s", "2 s", "5 s"]).drawn(MODULATION, 40_000 * S).rate
    after = {10.0: 20.0, 20.0: 0.0, 0.0: 10.0}
    assert path.at_s[0] == 0
    assert path.per_s[1:].tolist() == [after[rate] for rate in path.per_s[:-1].tolist()]
    for rate, mean_s in ((10.0, 1.0), (20.0, 2.0), (0.0, 5.0)):
        spans = np.diff(path.at_s)[path.per_s[:-1] == rate]
        assert spans.mean() == pytest.approx(mean_s, rel=4 / len(spans) ** 0.5)
        assert spans.std() == pytest.approx(mean_s, rel=8 / len(spans) ** 0.5)


def test_a_run_begins_in_each_state_as_often_as_time_is_spent_in_it() -> None:
    first = [BURSTY.drawn(Stream.named(0, number, "m"), S).rate.per_s[0] for number in range(2000)]
    assert np.mean(np.array(first) == 400) == pytest.approx(1 / 6, abs=0.03)


def test_a_longer_run_begins_as_a_shorter_one() -> None:
    short, long = (BURSTY.drawn(MODULATION, until).rate for until in (50 * S, 5000 * S))
    assert long.at_s[-1] > 4000
    assert long.at_s[: len(short.at_s)].tolist() == short.at_s.tolist()
    assert long.per_s[: len(short.at_s)].tolist() == short.per_s.tolist()


@given(cuts=st.lists(st.integers(1, 700), min_size=1, max_size=6))
def test_chunks_of_any_size_give_the_same_instants(cuts: list[int]) -> None:
    process = mmpp(["50 /s", "0 /s", "4000 /s"], ["100 ms", "300 ms", "20 ms"]).drawn(MODULATION, 60 * S)
    start, reached, chunks = 0, 0.0, []
    for size in cuts:
        times, reached = arrival_times(process, SENT, start, start + size, reached)
        chunks += times.tolist()
        start += size
    assert chunks == arrival_times(process, SENT, 0, start, 0.0)[0].tolist()


def test_nobody_sends_in_a_state_without_load() -> None:
    process = mmpp(["0 /s", "1000 /s"], ["1 s", "1 s"])
    path, sent = process.drawn(MODULATION, 100 * S).rate, sent_s(process, 100)
    quiet = path.per_s[np.searchsorted(path.at_s, sent, side="right") - 1] == 0
    assert not quiet.any()
    assert len(sent) == pytest.approx(50_000, rel=0.3)


@pytest.mark.parametrize("span_s", [0.02, 0.2, 5.0])
def test_counts_are_as_dispersed_as_theory_says(span_s: float) -> None:
    """Variance over mean of the requests in a span (Fischer and Meier-Hellstern 1993), in 4000 s."""
    rates, sojourns = (60.0, 300.0), (0.2, 0.1)
    a, b = 1 / sojourns[0], 1 / sojourns[1]
    mean = (rates[0] * b + rates[1] * a) / (a + b)
    limit = 2 * (rates[0] - rates[1]) ** 2 * a * b / ((a + b) ** 3 * mean)
    exact = 1 + limit * (1 + np.expm1(-(a + b) * span_s) / ((a + b) * span_s))
    sent = sent_s(mmpp(["60 /s", "300 /s"], ["200 ms", "100 ms"]), 4000)
    counts = np.histogram(sent, np.arange(0, 4000 + span_s / 2, span_s))[0]
    assert len(sent) / 4000 == pytest.approx(mean, rel=0.02)
    assert counts.var() / counts.mean() == pytest.approx(exact, rel=0.15 if span_s > 1 else 0.04)


def test_more_load_is_more_of_it_in_each_state() -> None:
    more = BURSTY.scaled(1.5)
    assert BURSTY.offered_per_s(60) == pytest.approx((50 * 10 + 400 * 2) / 12)
    assert more.rates == [75, 600]
    assert more.sojourns == BURSTY.sojourns
    assert more.load(60) == Load("rate_per_s", more.offered_per_s(60), whole=False)
    assert not BURSTY.steady


def test_a_run_of_few_rounds_is_doubted() -> None:
    [doubt] = BURSTY.doubts(0, 60 * S, 1e6)
    assert doubt.code == "few_rounds"
    assert "60 s holds about 5 rounds of the 2 states, each of 12 s on average" in doubt.message
    assert "simulate at least 2 min" in doubt.message
    assert not list(BURSTY.doubts(0, 120 * S, 1e6))
    assert list(BURSTY.doubts(60 * S, 120 * S, 1e6))
    assert BURSTY.whole_ns(S) == 120 * S


def test_states_that_change_too_often_are_refused() -> None:
    assert not list(BURSTY.faults(3600 * S))
    [(field, said)] = mmpp(["1 /s", "2 /s"], ["1 us", "1 us"]).faults(60 * S)
    assert field == "sojourns"
    assert said == "change about 6e+07 times before the horizon; at most 2e+06 can be followed"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rates: [50 /s, 400 /s], sojourns: [10 s]", "arrivals.sojourns must have at least 2 entries, got 1"),
        ("rates: [5 /s, 4 /s], sojourns: [1 s, 2 s, 3 s]", "of the same states, got 2 rates and 3 sojourns"),
        ("rates: [0 /s, 0 /s], sojourns: [1 s, 2 s]", "at least one state must have a rate above zero"),
        ("rates: [5 /s, 4 /s], sojourns: [1 s, 0 s]", "arrivals.sojourns[1] must be more than zero, got '0 s'"),
        ("rates: [5 /s, -4 /s], sojourns: [1 s, 1 s]", "arrivals.rates[1] must not be negative"),
        ("rates: [5 /s, 4 /s], sojourn: [1 s, 1 s]", "did you mean sojourns?"),
        ("rate: 5 /s", "arrivals.rates is missing"),
    ],
)
def test_what_is_wrong_is_told(text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        validate(Asked, parse_yaml(f"arrivals: {{process: mmpp, {text}}}", "asked.yaml"))
    assert any(said in f"{fault.path} {fault.message}" for fault in caught.value.faults), caught.value.faults


def test_both_engines_see_the_same_requests_and_each_replication_others() -> None:
    scenario = scenario_from(
        {
            "name": "bursts",
            "workload": {"arrivals": {"process": "mmpp", "rates": ["50 /s", "900 /s"], "sojourns": ["1 s", "200 ms"]}},
            "pools": [{"name": "gpu", "servers": 2, "service": {"distribution": "exponential", "mean": "4 ms"}}],
            "run": {"horizon": "20 s", "replications": 2},
        }
    )
    first, second = lower(scenario, 0), lower(scenario, 1)
    sent = [engine.run(first).requests["arrived_ns"] for engine in (simpy, compiled)]
    assert np.array_equal(*sent)
    assert len(sent[0]) > 1000
    assert not np.array_equal(sent[0][:100], simpy.run(second).requests["arrived_ns"][:100])
