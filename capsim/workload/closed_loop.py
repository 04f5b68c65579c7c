"""Clients that wait for their answer before they send again."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field

from capsim.distributions import Distribution
from capsim.errors import CodedWarning
from capsim.parameters import Whole, choice, parameters
from capsim.units import Duration
from capsim.workload.process import Load


def _which(value: Any) -> str | None:
    return "drawn" if isinstance(value, (dict, Distribution)) else "constant"


AT_ONCE = Distribution(distribution="exponential", mean=5_000)
"""The pause of clients that send again at once: the answers of a batch reach no two of them at one instant."""

ThinkTime: Any = choice({"constant": Duration, "drawn": Distribution}, _which)


@parameters
class ClosedLoop:
    """A fixed number of clients, each sending its next request a think time after its answer."""

    process: Literal["closed_loop"]
    """Which arrival process."""
    clients: Annotated[Whole, Field(ge=1, le=1_000_000)]
    """How many clients there are at once."""
    think_time: ThinkTime = AT_ONCE
    """Time from an answer to the next request: constant, or a distribution. Exponential with mean 5 us unless given."""
    retry_delay: Duration = 0
    """Added to the think time after a rejection."""

    file: ClassVar[None] = None
    most_factor: ClassVar[float] = math.inf
    steady: ClassVar[bool] = True

    @property
    def sends_at_once(self) -> bool:
        """Whether nobody thinks between an answer and the next request."""
        return self.think_time in (0, AT_ONCE)

    @property
    def stays_in_step(self) -> bool:
        """Whether clients that are answered at one instant send again at one instant."""
        return self.clients > 1 and not isinstance(self.think_time, Distribution)

    @property
    def mean_think_ns(self) -> int:
        """The mean think time (ns)."""
        if isinstance(self.think_time, Distribution):
            return self.think_time.mean
        return int(self.think_time)

    def starts_ns(self) -> list[int]:
        """When each client sends its first request (ns): staggered over the mean think time."""
        return [client * self.mean_think_ns // self.clients for client in range(self.clients)]

    def offered_per_s(self, horizon_s: float) -> None:
        """Nothing: how many requests clients send is an outcome."""

    def load(self, horizon_s: float) -> Load:  # noqa: ARG002 - clients stay the same
        """How many clients there are."""
        return Load("clients", self.clients, whole=True)

    def scaled(self, factor: float) -> Self:
        """The same with `factor` times the clients, at least one."""
        return replace(self, clients=max(1, round(self.clients * factor)))

    def faults(self, horizon_ns: int) -> Iterable[tuple[str, str]]:  # noqa: ARG002 - there are none
        """None: what clients need hangs on the rest of the scenario."""
        return ()

    def doubts(self, start_ns: int, horizon_ns: int, least_service_ns: float) -> Iterable[CodedWarning]:  # noqa: ARG002 - there are none
        """None."""
        return ()
