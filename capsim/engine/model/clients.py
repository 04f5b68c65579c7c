"""Clients of closed loops, who wait for their answer before they send again."""

from __future__ import annotations

from capsim.engine.kernel.layout import NOTHING, word
from capsim.engine.kernel.order import ARRIVAL
from capsim.engine.kernel.records import Model, class_at, client_class_of
from capsim.engine.kernel.words import next_think_ns, ring_at
from capsim.engine.ledger import Outcome

REJECTED = int(Outcome.rejected)


@word
def think(m: Model, client: int, outcome: int, answered_ns: int) -> None:
    """A client has its answer: it thinks and sends its next request."""
    of_class = class_at(m, client_class_of(m)[client])
    pause_ns = next_think_ns(m, client)
    if outcome == REJECTED:
        pause_ns += of_class.retry_delay_ns
    # A sender that watches over its requests is there when they are sent.
    door_ns = of_class.up_ns if of_class.sender == NOTHING else 0
    ring_at(m, ARRIVAL, client, answered_ns + pause_ns + door_ns)
