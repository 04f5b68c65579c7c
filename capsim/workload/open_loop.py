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
    """Arrivals by a rate: gaps of mean 1, stretched by the rate."""

    rate: Any
    file: ClassVar[None] = None
    most_factor: ClassVar[float] = math.inf

    @abstractmethod
    def unit_gaps(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """Gaps of mean 1 from uniforms."""

    @property
    def steady(self) -> bool:
        """Whether the rate is constant."""
        return is_constant(self.rate)

    def offered_per_s(self, horizon_s: float) -> float:
        """The mean rate from 0 to the horizon."""
        return mean_per_s(self.rate, horizon_s)

    def load(self, horizon_s: float) -> Load:
        """The mean rate until the horizon."""
        return Load("rate_per_s", self.offered_per_s(horizon_s), whole=False)

    def scaled(self, factor: float) -> Self:
        """The same with `factor` times the rate."""
        fields: Any = self  # each process is a dataclass, this class is not
        more: Self = replace(fields, rate=scaled_rate(self.rate, factor))
        return more

    def faults(self, horizon_ns: int) -> Iterable[tuple[str, str]]:  # noqa: ARG002 - there are none
        """None: a rate is well formed by itself."""
        return ()

    def doubts(self, start_ns: int, horizon_ns: int, least_service_ns: float) -> Iterator[CodedWarning]:  # noqa: ARG002 - for traces
        """A run that sees a part of the load only says nothing of the rest."""
        unseen = None if self.steady else self.rate.unseen(start_ns / NS_PER_S, horizon_ns / NS_PER_S)
        if unseen:
            yield CodedWarning("load_cut", f"the run of {TIME.format(horizon_ns)} {unseen}")
