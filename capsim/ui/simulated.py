"""Answers for pages, each simulated once: kept by a digest of all that it depends on."""

from __future__ import annotations

import time
from dataclasses import replace

import streamlit as st

from capsim.engine.memory import check_memory
from capsim.errors import Fault, InputError
from capsim.planner.headroom import Headroom, headroom
from capsim.planner.load_curve import LoadPoint, point_at
from capsim.scenario import Scenario
from capsim.scenario.demand import expected_requests
from capsim.simulation import Progress, simulate
from capsim.stats import Result
from capsim.sweeping.journal import key_of

MOST_REQUESTS = 20_000_000
MOST_SECONDS = 60.0
MOST_BYTES = 1e9
"""A page shares its process with others."""
HEADROOM_REQUESTS = 600_000
"""The search simulates a dozen times; scenarios larger than this would keep the page waiting."""


def answer_to(scenario: Scenario) -> Result:
    """The answer to a scenario, without its ledgers.

    Raises:
        InputError: it takes longer than a page may wait, or more memory than it may have.
    """
    requests = expected_requests(scenario)
    if requests > MOST_REQUESTS:
        said = f"makes about {requests:.2g} requests, and this page simulates at most {MOST_REQUESTS:.2g}"
        raise InputError(scenario.name, [Fault("run.horizon", f"{said}; shorten it, or run the command")])
    check_memory(scenario, most_bytes=MOST_BYTES)
    return _answer(key_of(scenario, "auto"), scenario)


def headroom_of(scenario: Scenario) -> Headroom | None:
    """How much more load a scenario bears that meets its objective; None where that takes too long to find out."""
    if scenario.run.precision is not None or expected_requests(scenario) > HEADROOM_REQUESTS:
        return None
    return _headroom(key_of(scenario, "auto"), scenario)


def curve_point(scenario: Scenario, load: float) -> LoadPoint:
    """The point at a load; the scenario's own load does not matter."""
    return _point(key_of(scenario, "auto"), load, scenario)


@st.cache_data(max_entries=500, show_spinner="Simulating", show_time=True)
def _answer(key: str, _scenario: Scenario) -> Result:  # noqa: ARG001 - what Streamlit keeps it by
    """The answer of a digest."""
    return replace(simulate(_scenario, progress=_limit(_scenario.name), counted=True), ledgers=())


@st.cache_data(max_entries=5000, show_spinner=False)
def _point(key: str, load: float, _scenario: Scenario) -> LoadPoint:  # noqa: ARG001 - what Streamlit keeps it by
    """The point of a digest."""
    return point_at(_scenario, load)


@st.cache_data(max_entries=500, show_spinner="Looking for the most load that meets the objective", show_time=True)
def _headroom(key: str, _scenario: Scenario) -> Headroom:  # noqa: ARG001 - what Streamlit keeps it by
    """The headroom of a digest."""

    def meets(scenario: Scenario) -> bool:
        objective = simulate(scenario, counted=True, beyond_chance=False).objective
        return objective is not None and objective.holds(0.5)

    return headroom(_scenario, meets)


def _limit(name: str) -> Progress:
    """Ends a simulation that takes too long for a page."""
    started = time.monotonic()

    def told(replication: int, wanted: int, share: float) -> None:
        if time.monotonic() - started > MOST_SECONDS and replication + share < wanted:
            said = f"has simulated for {MOST_SECONDS:.0f} s without an end; shorten it, or run the command"
            raise InputError(name, [Fault("run.horizon", said)])

    return told
