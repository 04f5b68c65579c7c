"""The verdict in words says what the numbers say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from capsim import load_scenario, simulate
from capsim.errors import CodedWarning
from capsim.planner.headroom import Headroom
from capsim.report.sentences import counted, dollars, headroom_sentence, range_of, spread_note, verdict_of, with_range
from capsim.stats import Result
from capsim.stats.histogram import Histogram
from capsim.stats.interval import LatencyInterval
from capsim.stats.judgement import ObjectiveResult, Words


def known(value: float | None, ends: tuple[float, float] | None) -> LatencyInterval:
    """A latency with one interval for all that is known."""
    return LatencyInterval(value, None, ends)


def objective(
    met: bool, probability: float, words: Words, targets_s: Mapping[str, float] | None = None, **more: Any
) -> ObjectiveResult:
    """A verdict; all of its doubt comes from simulation unless told otherwise."""
    more = {"probability_simulation": probability, **more}
    return ObjectiveResult(met, probability, targets_s or {"p99": 0.25}, words, **more)


@pytest.fixture(scope="module")
def result() -> Result:
    found = simulate(load_scenario("shipped:image-classification", ["run.horizon=10 s", "run.replications=3"]))
    latency = {**found.latency_s, "p99": known(0.238, (0.233, 0.243)), "p50": known(0.09, (0.0894, 0.0913))}
    return replace(found, latency_s=latency, verdict="stable", warnings=[], requests={"offered": 100, "completed": 100})


@pytest.mark.parametrize(
    ("met", "probability", "kind", "sure", "sentence"),
    [
        (True, 0.9999, "met", True, "Met: p99 238 ms [233, 243] against 250 ms, with probability above 99.9 %."),
        (True, 0.7, "met", False, "Probably met: p99 238 ms [233, 243] against 250 ms, with probability 70.0 %."),
        (
            False,
            0.3,
            "not met",
            False,
            "Probably not met: p99 238 ms [233, 243] against 250 ms, met with probability 30.0 %.",
        ),
        (
            False,
            0.0,
            "not met",
            True,
            "Not met: p99 238 ms [233, 243] against 250 ms, met with probability below 0.1 %.",
        ),
    ],
)
def test_verdicts(result: Result, met: bool, probability: float, kind: str, sure: bool, sentence: str) -> None:
    words: Words = "met" if met else "not met"
    words = words if sure else ("probably met" if met else "probably not met")
    told = verdict_of(replace(result, objective=objective(met, probability, words)))
    assert (told.kind, told.sure, told.sentence) == (kind, sure, sentence)


def test_a_verdict_on_assumptions_says_so_and_is_never_sure(result: Result) -> None:
    assumed = objective(True, 0.9999, "met", assumes=["pool gpu: its service times are assumed"])
    told = verdict_of(replace(result, objective=assumed))
    assert (told.kind, told.sure) == ("met", False)
    assert told.sentence.startswith("Met if the assumptions hold: p99 238 ms")
    assert told.sentence.endswith("Assumed: pool gpu: its service times are assumed.")


def test_both_probabilities_are_told_where_they_differ(result: Result) -> None:
    told = verdict_of(replace(result, objective=objective(True, 0.7, "probably met", probability_simulation=0.997)))
    assert told.sentence.endswith(
        "with probability 70.0 % with what the profile and the calibration don't know, 99.7 % from simulation alone."
    )


def test_what_nobody_can_know_is_unknown(result: Result) -> None:
    told = verdict_of(replace(result, objective=ObjectiveResult(None, None, {"p99": 0.25}, "unknown", None)))
    assert (told.kind, told.sure) == ("unknown", False)
    assert told.sentence.startswith("Unknown: ")
    assert "too little was simulated" in told.sentence


def test_all_targets_and_losses_are_told(result: Result) -> None:
    some_lost = {"offered": 200, "completed": 199}
    told = verdict_of(
        replace(result, objective=objective(False, 0.0, "not met", {"p50": 0.1, "p99": 0.25}), requests=some_lost)
    )
    assert "p50 90.0 ms [89.4, 91.3] against 100 ms, p99 238 ms" in told.sentence
    assert told.sentence.endswith("; 0.5 % of requests do not complete.")


def test_saturation_comes_before_the_objective(result: Result) -> None:
    why = CodedWarning("overload", "130 requests/s are offered and at most 119 requests/s can be served")
    full = replace(result, verdict="saturated", warnings=[why], objective=objective(False, 0.0, "not met"))
    assert verdict_of(full).kind == "saturated"
    assert verdict_of(full).sentence.startswith(f"Saturated: {why.message}. Not met: ")
    grows = verdict_of(replace(full, warnings=[], objective=None)).sentence
    assert grows.startswith("Saturated: waiting grows")
    assert "No objective is set" in grows


def test_without_an_objective_p99_is_told(result: Result) -> None:
    told = verdict_of(replace(result, objective=None))
    assert (told.kind, told.sentence) == ("answered", "No objective is set: p99 is 238 ms [233, 243].")


def test_a_picture_of_latencies_says_what_it_leaves_out(result: Result) -> None:
    spread = Histogram((0.1, 0.3), (0.999,), 0.001, 0.435)
    told = spread_note(replace(result, latency_histogram=spread))
    assert told == "Orange bars are beyond the objective. Not shown: the slowest 0.1 % of requests, up to 435 ms."
    assert spread_note(replace(result, latency_histogram=replace(spread, beyond=0.0), objective=None)) == ""


def test_units_stand_once_where_they_are_the_same() -> None:
    assert with_range(known(0.98, (0.96, 1.02))) == "980 ms [960 ms, 1.02 s]"
    assert range_of(known(0.98, (0.96, 1.02))) == "960 ms to 1.02 s"
    assert range_of(known(0.238, (0.233, 0.243))) == "233 to 243 ms"
    assert (with_range(known(None, None)), range_of(known(0.1, None))) == ("–", "interval unknown")


def test_amounts_and_headroom() -> None:
    assert [dollars(usd) for usd in (0.5, 99.994, 365, 12300.4)] == ["$0.50", "$99.99", "$365", "$12,300"]
    more = headroom_sentence(Headroom(1.12, 1.14, "rate_per_s", 100))
    assert more == "The objective is met up to 112 requests/s, 12 % more than today."
    assert "at least 640 clients" in headroom_sentence(Headroom(64, None, "clients", 10))
    burst = headroom_sentence(Headroom(1.05, 1.06, "requests", 100))
    assert burst == "The objective is met up to 105 requests where the trace has 100, 5 % more than today."
    assert "no more than today" in headroom_sentence(Headroom(1.0, 1.01, "clients", 10))


@pytest.mark.parametrize(
    ("number", "words"),
    [(450_123, "450,000"), (36e6, "36 million"), (1.234e9, "1.23 billion"), (3e12, "3,000 billion"), (7, "7")],
)
def test_large_counts_are_told_in_words(number: float, words: str) -> None:
    assert counted(number) == words


def test_orange_bars_are_named_where_there_are_some(result: Result) -> None:
    assert result.objective is not None
    far = replace(result.objective, targets_s={"p99": 60.0})
    assert "Orange" in spread_note(replace(result, objective=replace(far, targets_s={"p99": 0.1})))
    assert "Orange" not in spread_note(replace(result, objective=far))
