"""What the lane works on."""

from __future__ import annotations

from dataclasses import dataclass

from capsim.engine.blueprint import FIFO, Blueprint, PoolPlan, QueuePlan
from capsim.engine.compiled.records import SHARED, Machine
from capsim.engine.kernel import records
from capsim.engine.kernel.kept import batch_at
from capsim.engine.kernel.layout import Key, Layout, Whole16, Whole32, Whole64, column, table
from capsim.serving.batching import BATCHING
from capsim.serving.rule import BY_CLASS


@dataclass(slots=True)
class LaneMachine(Machine):
    """The present of the lane."""

    many_arrived_ns: Whole64 = 0


@dataclass(slots=True)
class Lane:
    """A server and its line, which stands in a ring.

    From `head` on stand the requests that wait, before it those in service. The first cache line is what an arrival
    needs.
    """

    ring: Whole64 = 0
    mask: Whole32 = 0
    head: Whole32 = 0
    waiting: Whole32 = 0
    serving: Whole32 = 0
    pool: Whole32 = 0
    touched: Whole16 = 0
    node: Whole16 = 0
    trees: Whole32 = 0
    trees_end: Whole32 = 0
    load_unit: Whole64 = 0
    wakes_ns: Whole64 = 0
    ends_ns: Whole64 = 0
    started_ns: Whole64 = 0
    formed: Whole64 = 0
    drawn_from: Whole64 = 0
    key: Key = 0
    batch: Whole64 = 0


lane_at = table("servers", Lane)
# Rings: since when a request waits, who sent it, its number.
since_ns_of, numbers_of = column("ring_since_ns"), column("ring_numbers")
clients_of = column("ring_clients", "i4")
# Rows by request; `batch_of` is the row of its batch.
arrived_ns_of, finished_ns_of = column("arrived_ns"), column("finished_ns")
outcome_of, batch_of = column("outcome"), column("batch_of")

MODEL = (
    *(
        records.arrival_at,
        records.class_at,
        records.client_class_of,
        records.pool_at,
        records.node_at,
        batch_at,
        records.settings_at,
        records.overhead_ns_at,
    ),
    *(records.lower_at, records.mean_ns_at, records.weight_at, records.curve_ns_at),
    *(
        records.station_memory_at,
        records.node_memory_at,
        records.balancing_at,
        records.stations_at,
        records.shares_at,
        records.load_at,
    ),
    *(records.keys_of, records.winners_of, records.trees_of, records.touched_of),
    *(records.tally_requests_of, records.tally_pools_of, records.tally_latency_of, records.tally_waiting_of),
    records.tally_batches_of,
)

LANE = Layout(
    LaneMachine,
    (
        *(*MODEL, *SHARED, lane_at, since_ns_of, numbers_of, clients_of),
        *(arrived_ns_of, finished_ns_of, outcome_of, batch_of),
    ),
    lined=("servers",),
)


def fits(blueprint: Blueprint) -> bool:
    """Whether the lane has all that a blueprint needs."""
    if not blueprint.plain or len(blueprint.nodes) != 1:
        return False
    (node,) = blueprint.steps
    simple = all(map(_simple, blueprint.pools)) and all(map(_unlimited, blueprint.queues))
    return simple and not node.lag_ns and node.drawn_by != BY_CLASS


def _simple(pool: PoolPlan) -> bool:
    front_end = pool.before_ns > 0 or pool.after_ns > 0
    alone = pool.instances == 1 and not pool.instances_interact and pool.discipline == FIFO
    open_door = alone and pool.admission is None and not front_end
    return open_door and not BATCHING[pool.batching].RULE.every_event


def _unlimited(queue: QueuePlan) -> bool:
    return queue.servers == 1 and queue.capacity is None and queue.timeout_ns is None
