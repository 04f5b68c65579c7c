"""Records of senders that give up, try again and send copies; see `records`.

A call is a request as its sender sees it, an attempt one sending of it.
"""

from __future__ import annotations

from dataclasses import dataclass

from capsim.engine.kernel.layout import Key, Number, Whole16, Whole32, Whole64, rows, table

UNLIMITED = -1
"""No budget of retries."""
MILLION = 1_000_000
"""Parts of a retry in which a budget is counted."""


@dataclass(slots=True)
class Sender:
    """What the senders of a class do about an attempt that is late or lost; see `SendersPlan`.

    `balance` is what their retries may still take. The breaker lets nothing through until `opens_until_ns`, then one
    trial; it has heard of attempts from `first_heard` to `last_heard`. Of latencies seen `seen` counts all,
    `seen_below` those in buckets below `seen_bucket`, where the quantile is after which copies are sent.
    """

    timeout_ns: Whole64 = 0
    cancels: Whole32 = 0
    jitter: Whole32 = 0
    most_retries: Whole64 = 0
    backoff_key: Key = 0
    budget: Whole64 = 0
    balance: Whole64 = 0
    hedge_ns: Whole64 = 0
    hedge_share: Number = 0.0
    most_hedges: Whole64 = 0
    seen: Whole64 = 0
    seen_below: Whole64 = 0
    seen_bucket: Whole64 = 0
    breaks: Whole64 = 0
    failures: Number = 0.0
    window_ns: Whole64 = 0
    least: Whole64 = 0
    open_ns: Whole64 = 0
    opens_until_ns: Whole64 = 0
    on_trial: Whole64 = 0
    heard: Whole64 = 0
    heard_failed: Whole64 = 0
    first_heard: Whole64 = 0
    last_heard: Whole64 = 0


@dataclass(slots=True)
class Call:
    """A request as its sender sees it: `attempt` begins a chain of those under way, `copies` are those of this try."""

    root: Whole64 = 0
    sent_ns: Whole64 = 0
    key: Whole64 = 0
    request_bytes: Whole64 = 0
    up_ns: Whole64 = 0
    row: Whole32 = 0
    client: Whole32 = 0
    units: Whole32 = 0
    of_class: Whole32 = 0
    attempts: Whole32 = 0
    tries: Whole32 = 0
    copies: Whole32 = 0
    attempt: Whole32 = 0
    next: Whole64 = 0


@dataclass(slots=True)
class Attempt:
    """One sending of a request. `token` is where it is in the system, `NOTHING` once it has left that.

    `heard` says that its sender waits for it no more; `stamp` tells it from others that had its place.
    """

    call: Whole64 = 0
    stamp: Whole64 = 0
    sent_ns: Whole64 = 0
    up_ns: Whole64 = 0
    order: Whole64 = 0
    token: Whole32 = 0
    next: Whole32 = 0
    row: Whole32 = 0
    number: Whole32 = 0
    heard: Whole16 = 0
    outcome: Whole16 = 0
    waited_ns: Whole64 = 0
    served_ns: Whole64 = 0
    delayed_ns: Whole64 = 0


@dataclass(slots=True)
class Ending:
    """An attempt of which a breaker has heard."""

    at_ns: Whole64 = 0
    failed: Whole32 = 0
    next: Whole32 = 0


sender_at, call_at, attempt_at = table("senders", Sender), table("calls", Call), table("tries", Attempt)
ending_at = table("endings", Ending)
# By sender: the longest pause before each retry, by outcome whether it is tried again, latencies seen by bucket.
backoff_ns_at, retried_at, seen_at = rows("backoff_ns"), rows("retried"), rows("seen")

ASKING = (sender_at, call_at, attempt_at, ending_at, backoff_ns_at, retried_at, seen_at)
