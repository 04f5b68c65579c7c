"""Who sends requests, when, and what they carry, in numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from capsim.distributions import Variate
from capsim.units import NEVER
from capsim.workload import OpenLoop, Trace


@dataclass(frozen=True, eq=False)
class CrowdPlan:
    """Requests of an open loop: a process says how far apart they are, in expected counts, and at which rate."""

    process: OpenLoop


@dataclass(frozen=True, eq=False)
class ReplayPlan:
    """Requests at recorded instants, drawn from the stream of arrivals where they were recorded coarsely."""

    trace: Trace


@dataclass(frozen=True, eq=False)
class ClientsPlan:
    """Clients that wait for their answer: when each sends first, and how long it thinks before it sends again.

    `think` is of mean 1, absent where every think time is the mean; a client thinks `retry_delay_ns` longer after a
    rejection.
    """

    starts_ns: tuple[int, ...]
    think_ns: int
    think: Variate | None
    retry_delay_ns: int


ArrivalPlan = CrowdPlan | ReplayPlan | ClientsPlan


@dataclass(frozen=True)
class BreakerPlan:
    """Nothing is sent for `open_ns` once `failures` of at least `least` attempts within `window_ns` were no answers."""

    failures: float
    window_ns: int
    least: int
    open_ns: int


@dataclass(frozen=True)
class SendersPlan:
    """What senders do about a request that is late or lost.

    Attributes:
        timeout_ns: how long they wait for the answer of an attempt.
        cancels: whether the system learns that they gave up.
        backoff_ns: how long they pause before each further attempt, at most; one a retry.
        jitter: what of that is drawn: 0 nothing, 1 all, 2 the second half.
        retried: by outcome, whether it is tried again.
        budget: retries for each request first sent, at most; unbounded unless given.
        hedge_ns: after how long a copy is sent beside the first; NEVER where none is.
        hedge_share: or after the quantile of the latencies seen so far.
        most_hedges: how many copies at most.
        breaker: when nothing is sent at all.
    """

    timeout_ns: int = NEVER
    cancels: bool = False
    backoff_ns: tuple[int, ...] = ()
    jitter: int = 0
    retried: tuple[bool, ...] = ()
    budget: float | None = None
    hedge_ns: int = NEVER
    hedge_share: float | None = None
    most_hedges: int = 0
    breaker: BreakerPlan | None = None

    @property
    def most_attempts(self) -> int:
        """How often a request is sent at most."""
        return (1 + len(self.backoff_ns)) * (1 + self.most_hedges)


@dataclass(frozen=True, eq=False)
class ClassPlan:
    """Requests of one kind.

    Attributes:
        name: what results call it.
        arrivals: when they are sent.
        units: of each request; 0 where they are drawn or recorded.
        unit_values: how many units a request can have, and
        unit_shares: how many requests have up to as many.
        key_shares: cumulative shares of keys; none where requests have none or recorded ones.
        priority: lower goes first.
        deadline_ns: from being sent; NEVER where there is none.
        up_ns: the way from the client to the first node.
        down_ns: the way back.
        request_bytes: size of a request.
        response_bytes: size of its answer.
        first_node: where its route begins.
        senders: what clients do about late answers; nothing unless given.
        up_ns_per_byte: how much longer the way to the first node is for each byte more.
    """

    name: str
    arrivals: ArrivalPlan
    units: int = 1
    unit_values: tuple[int, ...] = ()
    unit_shares: tuple[float, ...] = ()
    key_shares: NDArray[np.float64] | None = None
    priority: int = 0
    deadline_ns: int = NEVER
    up_ns: int = 0
    down_ns: int = 0
    request_bytes: int = 0
    response_bytes: int = 0
    first_node: int = 0
    senders: SendersPlan | None = None
    up_ns_per_byte: float = 0.0

    @property
    def recorded(self) -> bool:
        """Whether a trace says what its requests carry."""
        if not isinstance(self.arrivals, ReplayPlan):
            return False
        file = self.arrivals.trace.file
        return any(column is not None for column in (file.items, file.keys, file.request_bytes))

    @property
    def door_ns(self) -> int:
        """How long after being sent a request comes to the engine; at once where its sender watches over it."""
        return 0 if self.senders is not None else self.up_ns

    @property
    def keys(self) -> int:
        """How many different keys its requests can have, drawn or recorded."""
        if self.key_shares is not None:
            return len(self.key_shares)
        recorded = self.arrivals.trace.file.keys if isinstance(self.arrivals, ReplayPlan) else None
        return 0 if recorded is None else int(recorded.max()) + 1

    def up_with_ns(self, request_bytes: NDArray[np.int64]) -> NDArray[np.int64]:
        """The way to the first node of requests of other sizes."""
        more = np.asarray((request_bytes - self.request_bytes) * self.up_ns_per_byte, np.float64)
        up_ns: NDArray[np.int64] = self.up_ns + np.rint(more).astype(np.int64)
        return up_ns

    @property
    def longest_up_ns(self) -> int:
        """The longest way of a request to the first node."""
        sizes = self.arrivals.trace.file.request_bytes if isinstance(self.arrivals, ReplayPlan) else None
        return self.up_ns if sizes is None else int(self.up_with_ns(sizes).max())
