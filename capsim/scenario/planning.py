"""The section `plan` of a scenario: what may be chosen, and what the choice has to hold."""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import Field, model_validator

from capsim.parameters import Number, Section, Whole
from capsim.prices import HOURS_PER_MONTH, HOURS_PER_YEAR
from capsim.scenario.objective import Objective
from capsim.units import Share

Money = Annotated[Number, Field(gt=0, le=1e12)]


class Budget(Section):
    """The most that the servers may cost; one of them."""

    usd_per_hour: Money | None = None
    """US dollars per hour."""
    usd_per_month: Money | None = None
    """US dollars per month of 730 hours."""
    usd_per_year: Money | None = None
    """US dollars per year of 8,760 hours."""

    @model_validator(mode="after")
    def _one(self) -> Budget:
        given = [name for name, value in self if value is not None]
        if len(given) != 1:
            raise ValueError(f"needs one of {', '.join(type(self).model_fields)}, got {len(given) or 'none'}")
        return self

    @property
    def hourly(self) -> float:
        """US dollars per hour."""
        if self.usd_per_hour is not None:
            return self.usd_per_hour
        if self.usd_per_month is not None:
            return self.usd_per_month / HOURS_PER_MONTH
        return (self.usd_per_year or 0.0) / HOURS_PER_YEAR


class Loss(Section):
    """What may fail, the objective still being met."""

    servers: Annotated[Whole, Field(ge=0, le=1000)]
    """How many servers of any one pool."""


class Planning(Section):
    """What `capsim plan` may choose, and what the choice has to hold."""

    vary: Annotated[dict[str, Any], Field(max_length=100)] = Field(default_factory=dict)
    """Path to the values to choose from: a range such as 1:16, or a list."""
    objective: Objective | None = None
    """The latency to keep below, in place of the scenario's."""
    probability: Share | None = None
    """With which it must be met in the long run; 95 % unless given."""
    survive: Loss | None = None
    """What may fail, the objective still being met."""
    budget: Budget | None = None
    """The most that the servers may cost."""
    utilisation: Share | None = None
    """How busy any pool may be at most."""
    watts: Annotated[Number, Field(gt=0, le=1e9)] | None = None
    """What all servers together may draw at most while they are busy (W)."""


def ranges(vary: dict[str, Any]) -> list[str]:
    """What may be chosen, as `--vary` takes it."""
    return [f"{path}={_text(values)}" for path, values in vary.items()]


def _text(values: Any) -> str:
    if isinstance(values, list):
        return ",".join(_text(value) for value in values)
    return values if isinstance(values, str) else json.dumps(values, ensure_ascii=False)
