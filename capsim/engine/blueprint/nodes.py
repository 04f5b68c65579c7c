"""Nodes of routes, in numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from capsim.serving.rule import BY_REQUEST
from capsim.units import NEVER

END = -1
"""The node behind the last one."""


@dataclass(frozen=True)
class StepPlan:
    """A node where requests are served: its queues, how one is chosen, and their cumulative shares.

    `health_lag_ns` is how late it learns that a queue has no server, `lag_ns` how old the loads are that it sees;
    `drawn_by` what its uniforms go by, see `serving.rule`.
    """

    queues: tuple[int, ...]
    balancing: str
    shares: tuple[float, ...]
    next: int = END
    settings: tuple[int, ...] = ()
    lag_ns: int = 0
    health_lag_ns: int = 0
    drawn_by: int = BY_REQUEST


@dataclass(frozen=True, eq=False)
class QuantilePlan:
    """A quantile function (ns), linear between `values_ns` at `shares`, which begin at 0 and end at 1."""

    shares: NDArray[np.float64]
    values_ns: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class DelayPlan:
    """A node where requests spend time and nobody waits for anybody."""

    delay: QuantilePlan
    next: int = END


@dataclass(frozen=True)
class LinkPlan:
    """A node that sends the request, or its answer, over a link; contended ones of one number share a line."""

    latency_ns: int
    ns_per_byte: float
    carries_response: bool = False
    line: int | None = None
    next: int = END


@dataclass(frozen=True)
class ChoosePlan:
    """A node from which a request goes one of several ways: by cumulative shares, or by the number of its class."""

    starts: tuple[int, ...]
    shares: tuple[float, ...] = ()
    by_class: tuple[int, ...] = ()
    """For each class which of the ways it takes; empty where shares decide."""


@dataclass(frozen=True)
class SplitPlan:
    """A node that sends a copy along each branch and goes on at `next` when `wait_for` of them have come to its join.

    The copy of a branch has the number `first_branch` + its place; 0 is the request's own way.
    """

    starts: tuple[int, ...]
    wait_for: int
    first_branch: int
    next: int = END


@dataclass(frozen=True)
class JoinPlan:
    """The node where the branches of a split end."""

    split: int


@dataclass(frozen=True, eq=False)
class CachePlan:
    """A node that looks for an answer: on a hit the request goes on at `hit`, else at `next`.

    It knows `hit_share` of them by chance, or the `capacity` keys used last: of as many `keys`, drawn by cumulative
    `key_shares`, where they are given and else the request's own. What was fetched is put in when the request comes to
    the node `hit` (or to the end), and is known for `ttl_ns`.
    """

    look_up_ns: int
    hit: int
    hit_share: float | None = None
    capacity: int = 0
    keys: int = 0
    key_shares: NDArray[np.float64] | None = None
    ttl_ns: int = NEVER
    coalesces: bool = False
    next: int = END


NodePlan = StepPlan | DelayPlan | LinkPlan | ChoosePlan | SplitPlan | JoinPlan | CachePlan
