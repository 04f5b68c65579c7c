"""When servers are down."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from capsim.parameters import Section, Whole, parameters
from capsim.units import Duration, PositiveDuration


class Span(Section):
    """From when to when something is down."""

    from_: Annotated[Duration, Field(alias="from")]
    """When it fails, from the start of the run."""
    to: PositiveDuration
    """When it is back."""

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.to <= self.from_:
            raise ValueError("to must be after from")
        return self


class Outage(Span):
    """A span in which servers are down."""

    server: Annotated[Whole, Field(ge=0, le=100_000)] | None = None
    """Which server of the pool, counted from 0; all unless given."""


@parameters
class ChanceOfFaults:
    """What fails and comes back by chance, on the clock; at the start of a run it is up."""

    mtbf: PositiveDuration
    """Mean time that it is up: it is so for mtbf / (mtbf + mttr) of the time."""
    mttr: PositiveDuration
    """Mean time that it is down."""
    distribution: Literal["exponential", "constant"] = "exponential"
    """Of both times."""


@parameters
class Faults:
    """Servers fail and come back, by chance on the clock or at given instants; at the start of a run all are up."""

    mtbf: PositiveDuration | None = None
    """Mean time that a server is up: it is so for mtbf / (mtbf + mttr) of the time."""
    mttr: PositiveDuration | None = None
    """Mean time that it is down."""
    distribution: Literal["exponential", "constant"] = "exponential"
    """Of both times."""
    at: Annotated[list[Outage], Field(max_length=10_000)] = Field(default_factory=list)
    """Outages at given instants."""

    def __post_init__(self) -> None:
        """Refuse half of a pair, and nothing at all."""
        if (self.mtbf is None) != (self.mttr is None):
            raise ValueError("needs both mtbf and mttr, or neither")
        if self.mtbf is None and not self.at:
            raise ValueError("needs mtbf and mttr, or outages in at")


class ZoneOutage(Span):
    """A span in which all servers of a zone are down."""

    zone: Annotated[str, Field(max_length=64)]
    """Which zone."""


@parameters
class Zones:
    """Zones, which pools name, go down with all servers in them: each for itself by chance, or at given instants."""

    faults: ChanceOfFaults | None = None
    """How often each zone goes down by chance."""
    at: Annotated[list[ZoneOutage], Field(max_length=10_000)] = Field(default_factory=list)
    """Outages at given instants."""
