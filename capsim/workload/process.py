"""What every arrival process answers for itself, so that nobody asks which one it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, Self

from capsim.errors import CodedWarning
from capsim.workload.trace_file import TraceFile


@dataclass(frozen=True)
class Load:
    """How much load there is, in what more of it would be counted in.

    Attributes:
        unit: `rate_per_s`, `clients`, or the `requests` of a trace before the horizon.
        amount: how many of these.
        whole: whether they come one by one: there is no half a client.
    """

    unit: str
    amount: float
    whole: bool


class ArrivalProcess(Protocol):
    """When requests are sent."""

    @property
    def process(self) -> str:
        """Its name in a scenario."""

    @property
    def clients(self) -> int | None:
        """How many clients wait for an answer before they send again; nothing where requests wait for no answer."""

    @property
    def mean_think_ns(self) -> int:
        """How long a client pauses between an answer and its next request (ns)."""

    @property
    def retry_delay(self) -> int:
        """How much longer it pauses after a rejection (ns)."""

    @property
    def sends_at_once(self) -> bool:
        """Whether a client sends again as soon as it has its answer."""

    @property
    def stays_in_step(self) -> bool:
        """Whether clients that are answered at one instant send again at one instant."""

    @property
    def file(self) -> TraceFile | None:
        """The recording that is replayed."""

    @property
    def steady(self) -> bool:
        """Whether the load is the same all the time, but for chance."""

    def offered_per_s(self, horizon_s: float) -> float | None:
        """The mean rate of requests from 0 to the horizon; nothing for a closed loop, where it is an outcome."""

    def load(self, horizon_s: float) -> Load:
        """How much load there is until the horizon."""

    @property
    def most_factor(self) -> float:
        """Up to which multiple of itself it can be had."""

    def scaled(self, factor: float) -> Self:
        """The same with `factor` times the rate, the clients of a closed loop, or the requests of a trace."""

    def faults(self, horizon_ns: int) -> Iterable[tuple[str, str]]:
        """What contradicts itself or the horizon: the field, and what is wrong with it."""

    def doubts(self, start_ns: int, horizon_ns: int, least_service_ns: float) -> Iterable[CodedWarning]:
        """What is doubtful about it in a run that counts from start to horizon, and serves in no less time (ns)."""
