"""What latency is good enough."""

from __future__ import annotations

from pydantic import model_validator

from capsim.parameters import Section
from capsim.units import PositiveDuration


class Objective(Section):
    """The latency to keep below; at least one."""

    mean: PositiveDuration | None = None
    """Mean latency."""
    p50: PositiveDuration | None = None
    """Median latency."""
    p90: PositiveDuration | None = None
    """90th percentile."""
    p95: PositiveDuration | None = None
    """95th percentile."""
    p99: PositiveDuration | None = None
    """99th percentile."""
    p999: PositiveDuration | None = None
    """99.9th percentile."""

    @model_validator(mode="after")
    def _has_target(self) -> Objective:
        if not self.targets_ns():
            raise ValueError(f"needs at least one of {', '.join(type(self).model_fields)}")
        return self

    def targets_ns(self) -> dict[str, int]:
        """The statistics that have a target, with it (ns)."""
        return {name: target for name, target in self if target is not None}
