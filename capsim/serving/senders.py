"""What clients do about a request that is late or lost: give up, try again, send a copy, stop sending."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from capsim.parameters import Flag, Number, Whole, choice, parameters
from capsim.units import TIME, Duration, PositiveDuration, Share

Lost = Literal["rejected", "timed_out", "failed"]
PERCENTILES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99, "p999": 0.999}
"""After what share of the latencies seen so far a copy can be sent."""
MOST_RETRIES, MOST_HEDGES = 20, 8


def _hedged_after(value: Any) -> str:
    return "percentile" if isinstance(value, str) and value in PERCENTILES else "time"


HedgeAfter: Any = choice({"percentile": Literal["p50", "p90", "p95", "p99", "p999"], "time": Duration}, _hedged_after)


@parameters
class Backoff:
    """The pause before a request is sent again."""

    first: Duration
    """Before the first retry, at most."""
    factor: Annotated[Number, Field(ge=1, le=100)] = 2.0
    """How much longer each further pause is."""
    jitter: Literal["none", "full", "equal"] = "full"
    """What of it is drawn: nothing, all, or the second half (the first is always waited)."""

    def pauses_ns(self, retries: int) -> tuple[int, ...]:
        """The longest pause before each retry (ns)."""
        return tuple(round(min(self.first * self.factor**n, float(TIME.most))) for n in range(retries))


@parameters
class Retry:
    """Sending a lost request again."""

    most: Annotated[Whole, Field(ge=1, le=MOST_RETRIES)]
    """How often at most, for each request."""
    backoff: Backoff = Backoff(first=0)
    """The pause before; none unless given."""
    on: Annotated[tuple[Lost, ...], Field(min_length=1, max_length=3)] = ("rejected", "timed_out", "failed")
    """After which outcomes of an attempt."""
    budget: Share | None = None
    """Retries per request first sent, at most, in the long run. Unbounded unless given."""


@parameters
class Hedge:
    """A copy sent beside an attempt that takes long; the first answer wins, the others are cancelled."""

    after: HedgeAfter
    """After how long, or after which percentile of the latencies seen so far (p50, p90, p95, p99, p999)."""
    most: Annotated[Whole, Field(ge=1, le=MOST_HEDGES)] = 1
    """How many copies at most."""


@parameters
class Breaker:
    """Sending stops for a while after many failures; requests meanwhile end as rejected."""

    failures: Share
    """The share of attempts that ended without an answer, from which it opens."""
    window: PositiveDuration
    """Of the attempts that ended within this time."""
    least: Annotated[Whole, Field(ge=1, le=1_000_000)] = 20
    """Of at least so many."""
    open: PositiveDuration
    """How long nothing is sent; one trial then decides."""


@parameters
class Clients:
    """What senders do about a request that is late or lost."""

    timeout: PositiveDuration | None = None
    """How long they wait for the answer of an attempt. For ever unless given."""
    cancel: Flag = False
    """Tell the servers when an answer is no longer wanted; they go on in vain otherwise."""
    retry: Retry | None = None
    """Whether a lost request is sent again."""
    hedge: Hedge | None = None
    """Whether a late request is sent twice."""
    breaker: Breaker | None = None
    """When nothing is sent at all."""

    @property
    def most_attempts(self) -> int:
        """How often a request is sent at most."""
        retries = 0 if self.retry is None else self.retry.most
        return (1 + retries) * (1 + (0 if self.hedge is None else self.hedge.most))
