"""The same load, more or less of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from capsim.workload.closed_loop import ClosedLoop
from capsim.workload.multiplied import multiplied
from capsim.workload.rates import Bursts, Daily, Steps
from capsim.workload.trace import Trace
from capsim.workload.trace_file import TraceFile


def scaled(arrivals: Any, factor: float) -> Any:
    """An arrival process with `factor` times the rate, the clients of a closed loop, or the requests of a trace."""
    if isinstance(arrivals, ClosedLoop):
        return replace(arrivals, clients=max(1, round(arrivals.clients * factor)))
    if isinstance(arrivals, Trace):
        return replace(arrivals, file=TraceFile(arrivals.file.file, multiplied(arrivals.file.times_s, factor)))
    return replace(arrivals, rate=_scaled_rate(arrivals.rate, factor))


def _scaled_rate(rate: Any, factor: float) -> Any:
    if isinstance(rate, Steps):
        return replace(rate, steps=[replace(step, rate=step.rate * factor) for step in rate.steps])
    if isinstance(rate, Daily):
        curve = rate.daily
        return replace(rate, daily=replace(curve, mean=curve.mean * factor, peak=curve.peak * factor))
    if isinstance(rate, Bursts):
        pattern = rate.bursts
        return replace(rate, bursts=replace(pattern, base=pattern.base * factor, peak=pattern.peak * factor))
    return rate * factor
