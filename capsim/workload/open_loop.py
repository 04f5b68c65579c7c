"""Requests that wait for no answer: what arrival processes of an open loop have in common."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from capsim.errors import CodedWarning
from capsim.random import Stream
from capsim.units import NS_PER_S, TIME
from capsim.workload.process import Load
from capsim.workload.rates import is_constant, mean_per_s, scaled_rate


class WithoutClients:
    """Nobody waits for an answer before sending again."""

    clients: ClassVar[None] = None
    mean_think_ns: ClassVar[int] = 0
    retry_delay: ClassVar[int] = 0
    sends_at_once: ClassVar[bool] = False
    stays_in_step: ClassVar[bool] = False


class OpenLoop(WithoutClients, ABC):
    """Arrivals at a rate, which may be a matter of chance itself."""

    file: ClassVar[None] = None
    most_factor: ClassVar[float] = math.inf
    # The field that says how much load there is.
    rate_field: ClassVar[str] = "rate"

    @abstractmethod
    def drawn(self, stream: Stream, until_ns: int) -> Renewal:
        """The process with the rate of one replication until an instant, drawn from the stream if it is chance."""

    @abstractmethod
    def offered_per_s(self, horizon_s: float) -> float:
        """The mean rate from 0 to the horizon."""

    @abstractmethod
    def quicker(self, share: float) -> Self:
        """The same rates in that share of the time, where the pattern can be had in less."""

    @abstractmethod
    def whole_ns(self, least_ns: int) -> int:
        """The shortest time that is no shorter and holds the whole pattern (ns)."""

    def load(self, horizon_s: float) -> Load:
        """The mean rate until the horizon."""
        return Load("rate_per_s", self.offered_per_s(horizon_s), whole=False)


class Renewal(OpenLoop):
    """Arrivals by a rate that is known beforehand: independent gaps of mean 1, stretched by the rate."""

    rate: Any

    @abstractmethod
    def unit_gaps(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """Gaps of mean 1 from uniforms."""

    def drawn(self, stream: Stream, until_ns: int) -> Renewal:  # noqa: ARG002 - for rates of chance
        """See `OpenLoop`; nothing is drawn."""
        return self

    @property
    def steady(self) -> bool:
        """Whether the rate is constant."""
        return is_constant(self.rate)

    def offered_per_s(self, horizon_s: float) -> float:
        """The mean rate from 0 to the horizon."""
        return mean_per_s(self.rate, horizon_s)

    def scaled(self, factor: float) -> Self:
        """The same with `factor` times the rate."""
        return self._with(scaled_rate(self.rate, factor))

    def quicker(self, share: float) -> Self:
        """See `OpenLoop`."""
        return self if self.steady else self._with(self.rate.quicker(share))

    def whole_ns(self, least_ns: int) -> int:
        """See `OpenLoop`."""
        return least_ns if self.steady else int(self.rate.whole_ns(least_ns))

    def faults(self, horizon_ns: int) -> Iterable[tuple[str, str]]:  # noqa: ARG002 - there are none
        """None: a rate is well formed by itself."""
        return ()

    def doubts(self, start_ns: int, horizon_ns: int, least_service_ns: float) -> Iterator[CodedWarning]:  # noqa: ARG002 - for traces
        """A run that sees a part of the load only says nothing of the rest."""
        unseen = None if self.steady else self.rate.unseen(start_ns / NS_PER_S, horizon_ns / NS_PER_S)
        if unseen:
            yield CodedWarning("load_cut", f"the run of {TIME.format(horizon_ns)} {unseen}")

    def _with(self, rate: Any) -> Self:
        fields: Any = self  # each process is a dataclass, this class is not
        other: Self = replace(fields, rate=rate)
        return other
