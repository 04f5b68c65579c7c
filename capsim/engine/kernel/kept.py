"""Records of the rows that are kept of a run, from which its ledger is made."""

from __future__ import annotations

from dataclasses import dataclass

from capsim.engine.kernel.layout import Whole16, Whole32, Whole64, table


@dataclass(slots=True)
class Request:
    """The row of a request; sums of its times are along the path that ended last."""

    arrived_ns: Whole64 = 0
    finished_ns: Whole64 = 0
    outcome: Whole64 = 0
    waited_ns: Whole64 = 0
    served_ns: Whole64 = 0


@dataclass(slots=True)
class Detail:
    """What the row of a request tells besides, where that can differ.

    `delayed_ns` is its time in delays, look-ups and links, `retried_ns` that from its first sending to that of the
    attempt that was answered.
    """

    of_class: Whole32 = 0
    attempts: Whole32 = 0
    units: Whole64 = 0
    delayed_ns: Whole64 = 0
    retried_ns: Whole64 = 0


@dataclass(slots=True)
class Visit:
    """The row of a token's visit to a station: `server` is the first of it; `batch` is a row, once it has begun."""

    request: Whole64 = 0
    node: Whole16 = 0
    attempt: Whole16 = 0
    server: Whole32 = 0
    enqueued_ns: Whole64 = 0
    batch: Whole64 = 0


@dataclass(slots=True)
class Refusal:
    """The row of a token that an admission rule turned away, which came, or waited in line, since an instant."""

    request: Whole64 = 0
    server: Whole64 = 0
    since_ns: Whole64 = 0


@dataclass(slots=True)
class LookUp:
    """The row of a look-up."""

    request: Whole64 = 0
    attempt: Whole32 = 0
    node: Whole32 = 0
    at_ns: Whole64 = 0
    hit: Whole64 = 0


@dataclass(slots=True)
class Sending:
    """The row of an attempt at a request."""

    request: Whole64 = 0
    attempt: Whole64 = 0
    sent_ns: Whole64 = 0
    finished_ns: Whole64 = 0
    outcome: Whole64 = 0


@dataclass(slots=True)
class Batch:
    """The row of a batch."""

    server: Whole64 = 0
    number: Whole64 = 0
    started_ns: Whole64 = 0
    finished_ns: Whole64 = 0
    requests: Whole32 = 0
    units: Whole32 = 0


request_at, visit_at, batch_at = table("requests", Request), table("visits", Visit), table("batches", Batch)
refusal_at, detail_at, look_up_at = table("refusals", Refusal), table("details", Detail), table("look_ups", LookUp)

sending_at = table("sendings", Sending)

KEPT = (request_at, visit_at, batch_at, refusal_at, detail_at, look_up_at, sending_at)
