"""Whatever stands in a file, it is a scenario that can be checked and lowered, or an `InputError` with faults."""

from __future__ import annotations

import copy
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st
from strategies import documents

from capsim.documents import parse_yaml
from capsim.engine import lower
from capsim.errors import InputError
from capsim.scenario import scenario_from
from capsim.scenario.checks import check

JUNK: st.SearchStrategy[Any] = st.sampled_from(
    [
        *(None, True, -1, 0, 1, 7, 10**9, 2**63, 10**30, 0.5, -0.5, 1e-320, 1e308),
        *(float("nan"), float("inf"), "", " ", "x", "5", "0 ms", "5 ms", "-1 ms", "nan ms", "1e-400 /s", "1e9 /s"),
        *("3660 d", "1 bit/s", "1000 GB", "a", "policy", "dynamic", "none", "auto", "shipped:x", "a\0b", "a" * 5000),
        *([], [None], [[]], [1], ["a", "a"], {}, {"": 1}, {"policy": None}, {"policy": ["dynamic"]}, {"a": {"a": {}}}),
    ]
)


@st.composite
def spoiled(draw: st.DrawFn) -> dict[str, Any]:
    """A scenario in which a few values were replaced, left out or added at random."""
    document: dict[str, Any] = draw(documents(loads=["poisson", "closed_loop", "deterministic"]))
    for _ in range(draw(st.integers(1, 3))):
        here: Any = document
        while True:
            keys = list(here) if isinstance(here, dict) else list(range(len(here)))
            key = draw(st.sampled_from(keys))
            deeper = isinstance(here[key], (dict, list)) and here[key]
            if not deeper or draw(st.integers(0, 3)) == 0:
                break
            here = here[key]
        match draw(st.sampled_from(["replace", "replace", "replace", "remove", "add"])):
            case "replace":
                here[key] = copy.deepcopy(draw(JUNK))
            case "remove" if len(here) > 1:
                del here[key]
            case _ if isinstance(here, dict):
                here[draw(st.sampled_from(["servres", "policy", "rate", "", "x"]))] = copy.deepcopy(draw(JUNK))
    return document


def judge(data: Any) -> None:
    """Nothing but an `InputError` comes of it."""
    try:
        scenario = scenario_from(data)
    except InputError as error:
        faults = error.faults
    else:
        check(scenario)
        lower(scenario)
        return
    assert faults
    assert all(fault.message for fault in faults)


@given(spoiled())
def test_a_spoiled_scenario_is_a_scenario_or_refused(document: dict[str, Any]) -> None:
    judge(document)


@given(spoiled())
def test_a_spoiled_file_is_a_scenario_or_refused(document: dict[str, Any]) -> None:
    text = yaml.safe_dump(document, sort_keys=False)
    try:
        data = parse_yaml(text, "spoiled.yaml").data
    except InputError:
        return
    judge(data)
