"""What a scenario needs of the event loop: constants of its machine code, so that what it lacks costs nothing.

The loop is one text. `compiler` compiles it for the features of a scenario: in each form these constants have its
values, and what is behind one that is false is left out.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import Any

from capsim.engine.blueprint import Blueprint, ClientsPlan, PoolPlan, QueuePlan
from capsim.serving.batching import BATCHING


@dataclass(frozen=True)
class Constant:
    """Has a value in machine code only, there as known beforehand as a number in the text."""

    name: str


KEEPS_ROWS: Any = Constant("rows")
"""A row is kept for each request; otherwise a tally."""
CLOSED: Any = Constant("closed")
"""The load is that of a closed loop."""
FULL: Any = Constant("full")
"""There are more than one step, several instances, front ends, shared queues, or queues that turn requests away."""


@dataclass(frozen=True)
class Features:
    """The values of one form of the loop."""

    rows: bool
    closed: bool
    full: bool

    @classmethod
    def of(cls, blueprint: Blueprint, rows: bool) -> Features:
        """What a blueprint needs."""
        full = len(blueprint.steps) > 1 or any(map(_more, blueprint.pools)) or any(map(_limited, blueprint.queues))
        return cls(rows, isinstance(blueprint.arrivals, ClientsPlan), full)

    @property
    def name(self) -> str:
        """Unlike that of other features."""
        words = {"rows": "tally", "closed": "open", "full": "plain"}
        return "-".join(yes if value else no for (yes, no), value in zip(words.items(), astuple(self), strict=True))


def _more(pool: PoolPlan) -> bool:
    every_event: bool = BATCHING[pool.batching].EVERY_EVENT
    return every_event or pool.instances > 1 or pool.before_ns > 0 or pool.after_ns > 0


def _limited(queue: QueuePlan) -> bool:
    return queue.servers > 1 or queue.capacity is not None or queue.timeout_ns is not None
