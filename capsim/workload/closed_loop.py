"""Clients that wait for their answer before they send again."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from capsim.distributions import Distribution
from capsim.parameters import Whole, choice, parameters
from capsim.units import Duration


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

    @property
    def sends_at_once(self) -> bool:
        """Whether nobody thinks between an answer and the next request."""
        return self.think_time in (0, AT_ONCE)

    @property
    def mean_think_ns(self) -> int:
        """The mean think time (ns)."""
        if isinstance(self.think_time, Distribution):
            return self.think_time.mean
        return int(self.think_time)

    def starts_ns(self) -> list[int]:
        """When each client sends its first request (ns): staggered over the mean think time."""
        return [client * self.mean_think_ns // self.clients for client in range(self.clients)]
