"""When servers are down."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from capsim.parameters import Section, Whole, parameters
from capsim.units import Duration, PositiveDuration


class Outage(Section):
    """A span in which servers are down."""

    from_: Annotated[Duration, Field(alias="from")]
    """When they fail, from the start of the run."""
    to: PositiveDuration
    """When they are back."""
    server: Annotated[Whole, Field(ge=0, le=100_000)] | None = None
    """Which server of the pool, counted from 0; all unless given."""

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Outage:
        if self.to <= self.from_:
            raise ValueError("to must be after from")
        return self


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
