"""What machine code adds to the records of the model: its loop, and what it gets from outside in chunks."""

from __future__ import annotations

from dataclasses import dataclass

from capsim.engine.kernel.asking import ASKING
from capsim.engine.kernel.kept import KEPT
from capsim.engine.kernel.layout import Layout, Whole64, column, float_column, table
from capsim.engine.kernel.path import PATH
from capsim.engine.kernel.records import PARTS, Model

WANTS_ARRIVALS, WANTS_DRAWS, WANTS_THINK = 1, 2, 4
WANTS_TOKENS, WANTS_REQUESTS, WANTS_VISITS, WANTS_BATCHES, WANTS_RING = 8, 16, 32, 64, 128
WANTS_REFUSALS, TICKS, WANTS_CHANGES, WANTS_ALARMS, WANTS_LOOK_UPS = 256, 512, 1024, 2048, 4096
WANTS_SENDINGS, WANTS_CALLS, WANTS_TRIES, WANTS_ENDINGS = 8192, 16384, 32768, 65536
"""Why the loop pauses: what it has used up, or that there is progress to tell."""

SENDING, DRAINING, OVER = 0, 1, 2
"""Until the last request sent before the horizon has arrived; until all have ended; the end."""


@dataclass(slots=True)
class Alarm:
    """An alarm of a token or a sender in a place, which tells by the stamp whether it still waits for it."""

    at_ns: Whole64 = 0
    rank: Whole64 = 0
    place: Whole64 = 0
    stamp: Whole64 = 0


@dataclass(slots=True)
class Machine(Model):
    """The present of a model in machine code.

    `free` is the first free token, as others are of calls and the like; a count says how many rows a table has, and
    `many_` how many it has room for.
    """

    last_ns: Whole64 = 0
    tick_ns: Whole64 = 0
    phase: Whole64 = 0
    wants: Whole64 = 0
    events_base: Whole64 = 0
    events_size: Whole64 = 0
    clients_base: Whole64 = 0
    clients_size: Whole64 = 0
    next_arrival: Whole64 = 0
    many_arrivals_ns: Whole64 = 0
    passing_count: Whole64 = 0
    alarms_count: Whole64 = 0
    many_alarms: Whole64 = 0
    look_ups_count: Whole64 = 0
    many_look_ups: Whole64 = 0
    sendings_count: Whole64 = 0
    many_sendings: Whole64 = 0
    free_call: Whole64 = 0
    free_try: Whole64 = 0
    free_ending: Whole64 = 0
    free: Whole64 = 0
    requests_count: Whole64 = 0
    visits_count: Whole64 = 0
    batches_count: Whole64 = 0
    refusals_count: Whole64 = 0
    many_tokens: Whole64 = 0
    many_requests: Whole64 = 0
    many_refusals: Whole64 = 0
    many_changes: Whole64 = 0
    many_visits: Whole64 = 0
    many_batches: Whole64 = 0
    many_instances: Whole64 = 0
    items_per_unit: Whole64 = 0
    think_drawn: Whole64 = 0
    think_room: Whole64 = 0
    draws_room: Whole64 = 0


# Alarms: a heap by instant and rank, which is a kind and an order within it.
alarm_at = table("alarms", Alarm)
# Where leaves of each kind begin in the tree of events.
first_leaf_of = column("first_leaf")
# Tokens between nodes: a heap of request and place.
passing_of = column("passing")
# What comes from outside; `think_ns` is the mean of each client, `cycles` counts its think times and says where its
# chunk begins.
arrivals_ns_of, think_ns_of, cycles_of = column("arrivals_ns"), column("think_ns"), column("cycles")
draws_of, think_of = float_column("draws"), float_column("think")

# Where the columns of the ledger go when the run is over, and which row comes next.
unfolded_of, places_of = column("unfolded"), column("places")

SHARED = (arrivals_ns_of, think_ns_of, cycles_of, draws_of, think_of, first_leaf_of, unfolded_of, places_of)

GENERAL = Layout(
    Machine,
    (*PARTS, *KEPT, *PATH, *ASKING, *SHARED, passing_of, alarm_at),
    lined=("servers", "instances", "stations", "tokens"),
)
"""What the general form works on."""
