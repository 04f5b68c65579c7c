"""The settings of a pool beside its policies."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated, Literal

from pydantic import Field

from capsim.distributions import Distribution
from capsim.parameters import Flag, Whole, parameters
from capsim.units import Bandwidth, Duration, PositiveDuration, Size


@parameters
class Service(Distribution):
    """Service times from a distribution instead of a profile: mean + per_item · items, with a given cv."""

    per_item: Duration = 0
    """Added to the mean for each item of the batch."""


@parameters
class Queue:
    """Where requests wait for their batch."""

    discipline: Literal["fifo", "priority", "edf"] = "fifo"
    """Who goes first: who came first; the lowest `priority` of the classes; or the earliest deadline."""
    shared: Flag = False
    """One queue for the pool instead of one a server."""
    capacity: Annotated[Whole, Field(ge=0, le=1_000_000_000)] | None = None
    """Most requests that wait; the newest beyond it is rejected. Unbounded unless given."""
    timeout: PositiveDuration | None = None
    """A request that waits this long leaves unserved. None unless given."""


@parameters
class Overhead:
    """What serving adds to the profile, holding the instance and not slowed by sharing."""

    per_batch: Duration = 0
    """Once a batch, before the device works on it."""
    per_request: Duration = 0
    """For each request of the batch, likewise."""
    overlapped: Flag = False
    """The overhead of the next batch goes on while the device works, as where copies have a stream of their own."""


@parameters
class FrontEnd:
    """A serial stage of each server that handles one request at a time."""

    before: Duration = 0
    """Time of each request before it enters the queue."""
    after: Duration = 0
    """Time of each request after its batch."""


@parameters
class Link:
    """A network link without contention."""

    latency: Duration = 0
    """One way."""
    bandwidth: Bandwidth | None = None
    """Unbounded unless given."""

    @property
    def ns_per_byte(self) -> float:
        """How long each byte takes (ns)."""
        return 0.0 if self.bandwidth is None else 8e9 / self.bandwidth

    def transfer_ns(self, size_bytes: int) -> int:
        """Time of a message of this size, one way (ns)."""
        if self.bandwidth is None:
            return self.latency
        return self.latency + round(size_bytes * 8 / self.bandwidth * 1e9)


@parameters
class NamedLink(Link):
    """A link on the route."""

    latency: Duration = 0
    """One way."""
    bandwidth: Bandwidth | None = None
    """Unbounded unless given."""
    contention: Flag = False
    """Messages are sent one after the other, first come first served, instead of side by side."""


@parameters
class Network:
    """Between clients and the serving system, and on the route."""

    client: Link = Link()
    """The link of a client."""
    links: dict[str, NamedLink] = field(default_factory=dict)
    """Links that nodes of the route name."""
    request_size: Size = 0
    """Size of a request."""
    response_size: Size = 0
    """Size of an answer."""

    @property
    def round_trip_ns(self) -> int:
        """Time of a request and its answer on the way (ns)."""
        return self.transfer_ns(self.request_size) + self.transfer_ns(self.response_size)

    def transfer_ns(self, size_bytes: int) -> int:
        """Time of a message of this size, one way (ns)."""
        return self.client.transfer_ns(size_bytes)
