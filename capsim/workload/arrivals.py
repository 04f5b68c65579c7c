"""The arrival processes a scenario can name, and their instants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from capsim.parameters import choice
from capsim.random import Stream
from capsim.units import FAR_S, NS_PER_S
from capsim.workload.closed_loop import ClosedLoop
from capsim.workload.deterministic import Deterministic
from capsim.workload.gamma import Gamma
from capsim.workload.mmpp import MarkovModulated
from capsim.workload.open_loop import Renewal
from capsim.workload.poisson import Poisson
from capsim.workload.process import ArrivalProcess
from capsim.workload.rates import instants_s
from capsim.workload.trace import Trace

ARRIVALS: dict[str, type[ArrivalProcess]] = {
    "poisson": Poisson,
    "deterministic": Deterministic,
    "gamma": Gamma,
    "mmpp": MarkovModulated,
    "closed_loop": ClosedLoop,
    "trace": Trace,
}


def _which(value: Any) -> str | None:
    return value.get("process") if isinstance(value, dict) else getattr(value, "process", None)


Arrivals: Any = choice(ARRIVALS, _which)
"""Any of the arrival processes, told apart by `process`."""


def instants_ns(
    rate: Any,
    gaps: NDArray[np.float64],
    running_sum: Callable[[NDArray[np.float64]], NDArray[np.float64]] = np.cumsum,
) -> tuple[NDArray[np.int64], float]:
    """When requests are sent (ns) by the gaps between their expected counts, and the last of these."""
    counts = running_sum(gaps)
    instants = np.minimum(instants_s(rate, counts), FAR_S)
    instants *= NS_PER_S
    return np.rint(instants, out=instants).astype(np.int64), float(counts[-1])


def arrival_times(
    process: Renewal,
    stream: Stream,
    start: int,
    stop: int,
    before: float,
    instants: Callable[[Any, NDArray[np.float64]], tuple[NDArray[np.int64], float]] = instants_ns,
) -> tuple[NDArray[np.int64], float]:
    """When requests start to stop - 1 are sent (ns), and the expected count reached at the last.

    `before` is the expected count reached at request start - 1 (0 for the first), so that drawing in chunks
    of any size adds the same numbers in the same order; so does whatever stands in for `instants_ns`.
    """
    gaps = process.unit_gaps(stream.uniforms(start, stop))
    gaps[0] += before
    return instants(process.rate, gaps)
