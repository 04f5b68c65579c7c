"""How much load there is."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter

from capsim.scenario.controls.control import LOAD, Control, flow, nice, plain, whole
from capsim.scenario.demand import capacity_per_s
from capsim.scenario.schema import Scenario
from capsim.units import NS_PER_S

STEPS = 100
"""About how many steps the range has."""
TIMES = 4
"""How far it goes at most, where the scenario itself does not go further."""
MOST_CLIENTS, MOST_PER_S, MOST_SCALE = 1_000_000, 10_000_000.0, 10_000.0
"""How far a load can be typed."""
DIGITS = 6


def load_controls(base: Scenario, now: Scenario) -> Iterator[Control]:
    """A control a class: requests per second, clients, or the speed of a trace."""
    given = {each.name: each.arrivals for each in base.classes}
    for each in now.classes:
        control = _of_class(base, given.get(each.name, each.arrivals), each.arrivals, now)
        if now.workload.classes is None:
            yield replace(control, path=f"workload.arrivals.{control.path}")
        else:
            path = f"workload.classes.{each.name}.arrivals.{control.path}"
            yield replace(control, path=path, label=f"{control.label}, {each.name}")


def _of_class(base: Scenario, given: Any, arrivals: Any, now: Scenario) -> Control:
    """The control of a class, its path within the arrivals."""
    if type(given) is not type(arrivals):
        given = arrivals
    unit = arrivals.load(now.run.horizon / NS_PER_S).unit
    if unit == "clients":
        return _clients(given, arrivals.clients)
    if unit == "requests":
        return _speed(given, arrivals.scale)
    return _rate(base, given, arrivals, now.run.horizon / NS_PER_S)


def _clients(given: Any, clients: int) -> Control:
    most = max(TIMES * given.clients, 16)
    said = "How many there are at once."
    return whole("clients", "Clients", LOAD, clients, most, max(MOST_CLIENTS, clients), said)


def _speed(given: Any, scale: float) -> Control:
    return Control(
        "scale",
        "Speed of the trace (times)",
        LOAD,
        scale,
        plain,
        low=min(0.1, scale),
        high=max(TIMES * given.scale, scale),
        step=0.1,
        farthest=max(MOST_SCALE, scale),
        about="2 replays the trace twice as fast: its requests come in half the time, its bursts twice as dense.",
    )


def _rate(base: Scenario, given: Any, arrivals: Any, horizon_s: float) -> Control:
    own, mean = given.offered_per_s(horizon_s) or 1.0, arrivals.offered_per_s(horizon_s) or 1.0
    capacity = capacity_per_s(base)
    most = max(2 * own, min(TIMES * own, 1.2 * (math.inf if capacity is None else capacity)))
    step = nice(most / STEPS)
    constant = arrivals.steady
    return Control(
        given.rate_field,
        "Load (requests/s)" if constant else "Mean load (requests/s)",
        LOAD,
        _rounded(mean),
        _constant if constant else _over_time(given, own),
        low=min(step, _rounded(mean)),
        high=max(_rounded(math.ceil(most / step) * step), _rounded(mean)),
        step=step,
        farthest=max(MOST_PER_S, _rounded(mean)),
        about="Requests that are offered each second.",
    )


def _constant(rate: float) -> str:
    return f"{plain(_rounded(rate))} /s"


def _over_time(given: Any, own: float) -> Callable[[float], str]:
    """Writes rates that vary with another mean; `own` is that of `given`."""
    adapter: TypeAdapter[Any] = TypeAdapter(type(given))

    def text(mean: float) -> str:
        fields = adapter.dump_python(given.scaled(mean / own), mode="json", exclude_defaults=True)
        return flow(fields[given.rate_field])

    return text


def _rounded(rate: float) -> float:
    return float(f"{rate:.{DIGITS}g}")
