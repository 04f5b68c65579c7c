"""From a blueprint to the tables of the event loop."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from capsim.engine.blueprint import Blueprint, ClientsPlan, PoolPlan, QueuePlan
from capsim.engine.compiled import model as tables
from capsim.engine.compiled.entries import choose_at, decide_at, learn_at
from capsim.engine.compiled.features import Features
from capsim.engine.compiled.forest import Trees
from capsim.engine.compiled.model import NOTHING, STATE_CELLS, Model
from capsim.engine.tally import BUCKETS, BUSY_NS, ENDED, SLICES, slice_edges_ns
from capsim.serving.balancing import BALANCING
from capsim.serving.batching import BATCHING
from capsim.units import NEVER

FIRST_RING, FIRST_SLOTS, FIRST_ROWS, FIRST_BATCHES = 64, 4096, 1 << 16, 1 << 14
MOST_ROWS_AT_ONCE = 1 << 26
DRAWS_TOGETHER, FEWEST_DRAWS, MOST_DRAWS = 1 << 16, 32, 4096
THINK_TOGETHER, FEWEST_THINK, MOST_THINK = 1 << 20, 4, 64


def build(blueprint: Blueprint, tally_from_ns: int | None = None) -> Model:
    """The tables of a run that has not begun: with rows, or with a tally of what comes from an instant on."""
    keeps_rows = tally_from_ns is None
    pools, queues, steps = blueprint.pools, blueprint.queues, blueprint.steps
    servers = sum(pool.servers for pool in pools)
    clients = len(blueprint.arrivals.starts_ns) if isinstance(blueprint.arrivals, ClientsPlan) else 1
    trees = Trees(blueprint)
    sizes = np.concatenate([[0], np.cumsum([len(pool.service.mean_ns) for pool in pools])])
    features = Features.of(blueprint, keeps_rows)
    requests = np.zeros(FIRST_SLOTS if features.full else 1, tables.REQUEST)
    requests["next"] = np.append(np.arange(1, len(requests)), NOTHING)
    rows = _first_rows(blueprint) if keeps_rows else 0
    batches = max(FIRST_BATCHES, rows * len(steps)) + sum(pool.servers * pool.instances for pool in pools)
    drawn = any(_draws(pool) == tables.DRAWN for pool in pools)
    draws = min(max(DRAWS_TOGETHER // servers, FEWEST_DRAWS), MOST_DRAWS) + 2 * max(pool.instances for pool in pools)
    instances, members = _instances(pools)
    arrays = {
        "pools": _pools(blueprint, sizes),
        "servers": _servers(blueprint),
        "instances": instances,
        "queues": _queues(blueprint, trees),
        "steps": _steps(blueprint, trees),
        "requests": requests,
        "keys": trees.keys,
        "winners": trees.winners,
        "trees": trees.of_queues,
        "load": np.zeros(len(queues), np.int64),
        "queues_of_step": np.array([q for step in steps for q in step.queues], np.int64),
        "shares_of_step": np.array([share for step in steps for share in step.shares], np.float64),
        "settings": np.array([number for pool in pools for number in pool.settings] or [0], np.int64),
        "queue_state": np.zeros(sum(_state_cells(pools[queue.pool]) for queue in queues), np.int64),
        "step_state": np.zeros((len(steps), STATE_CELLS), np.int64),
        "touched": np.zeros((len(queues) + 1, 2), np.int64),
        "deciding": np.zeros(len(queues), np.int64),
        "members": np.zeros(members, np.int32),
        "passing": np.zeros((FIRST_SLOTS, 2), np.int64),
        "overhead_ns": np.concatenate([pool.service.overhead_ns for pool in pools]).astype(np.int64),
        "mean_ns": np.concatenate([pool.service.mean_ns for pool in pools]).astype(np.float64),
        "lower": np.concatenate([pool.service.lower for pool in pools]).astype(np.int64),
        "weight": np.concatenate([pool.service.weight for pool in pools]).astype(np.float64),
        "curves_ns": _curves(pools),
        "slowdown": np.array([slow for pool in pools for slow in pool.slowdown], np.int64),
        "arrivals_ns": np.full(1, NEVER, np.int64),
        "draws": np.zeros((servers, draws) if drawn else (1, 1)),
        "think": _room_for_think(blueprint),
        "cycles": np.zeros((clients, 2), np.int64),
        "arrived_ns": np.empty(rows, np.int64),
        "finished_ns": np.empty(rows, np.int64),
        "outcome": np.empty(rows, np.int64),
        "enqueued_ns": np.empty(rows * len(steps), np.int64),
        "visit": np.empty(rows * len(steps), np.int64),
        "batches": np.empty(batches if keeps_rows else 0, tables.BATCH),
    }
    arrays |= _rings(len(queues) * FIRST_RING, features) | _tally(blueprint, int(sizes[-1]), keeps_rows)
    clock = _clock(blueprint, trees, keeps_rows)
    if tally_from_ns is not None:
        _, width_ns = slice_edges_ns(tally_from_ns, blueprint.horizon_ns)
        clock |= {"tally_start_ns": tally_from_ns, "tally_width_ns": width_ns, "tally_sizes": int(sizes[-1])}
    return Model(clock, arrays)


def _rings(cells: int, features: Features) -> dict[str, NDArray[Any]]:
    """The columns of rings; without a cell where a form does not need them."""
    plain = not features.full
    return {
        "rings": np.zeros(cells * features.full, np.int32),
        "ring_since_ns": np.zeros(cells * plain, np.int64),
        "ring_senders": np.zeros(cells * (plain and features.closed), np.int32),
        "ring_numbers": np.zeros(cells * (plain and features.rows), np.int64),
        "formed_sizes": np.zeros(cells, np.int32),
    }


def _tally(blueprint: Blueprint, sizes: int, keeps_rows: bool) -> dict[str, NDArray[Any]]:
    """The arrays of a tally, or without a cell where there are rows."""
    slices = 0 if keeps_rows else SLICES + 2
    return {
        "tally_requests": np.zeros((slices, ENDED + 1)),
        "tally_latency": np.zeros((slices, BUCKETS), np.int32),
        "tally_waiting": np.zeros((slices, BUCKETS), np.int32),
        "tally_pools": np.zeros((len(blueprint.pools), slices, BUSY_NS + 1)),
        "tally_batches": np.zeros((slices, sizes), np.int32),
    }


def _first_rows(blueprint: Blueprint) -> int:
    """About as many rows as will be needed, where that is known: memory that is not touched costs nothing."""
    return max(FIRST_ROWS, min(int(1.01 * (blueprint.expected or 0.0)) + FIRST_ROWS - 1, MOST_ROWS_AT_ONCE))


def _draws(pool: PoolPlan) -> int:
    if pool.service.curves_ns is not None:
        return tables.PROFILED
    variate = pool.service.variate
    return tables.CONSTANT if variate is not None and variate.distribution == "constant" else tables.DRAWN


def _room_for_think(blueprint: Blueprint) -> NDArray[np.float64]:
    loop = blueprint.arrivals
    if not isinstance(loop, ClientsPlan) or loop.think is None:
        return np.zeros((1, 1))
    clients = len(loop.starts_ns)
    return np.zeros((clients, min(max(THINK_TOGETHER // clients, FEWEST_THINK), MOST_THINK)))


def _clock(blueprint: Blueprint, trees: Trees, keeps_rows: bool) -> dict[str, int]:
    loop = blueprint.arrivals
    last_sent_arrives_ns = blueprint.horizon_ns + blueprint.up_ns
    now = {
        "horizon_ns": blueprint.horizon_ns,
        "stop_ns": blueprint.stop_ns,
        "up_ns": blueprint.up_ns,
        "down_ns": blueprint.down_ns,
        "last_sent_arrives_ns": last_sent_arrives_ns,
        "last_ns": last_sent_arrives_ns - 1,
        "tick_ns": NEVER,
        "last_step": len(blueprint.steps) - 1,
        "events_size": trees.sizes[0],
        "after_leaf": trees.after_leaf,
        "before_leaf": trees.before_leaf,
        "timer_leaf": trees.timer_leaf,
        "clients_base": trees.base(trees.clients),
        "clients_size": trees.sizes[trees.clients],
        "keeps_rows": int(keeps_rows),
    }
    if isinstance(loop, ClientsPlan):
        now |= {"closed": 1, "retry_delay_ns": loop.retry_delay_ns, "think_ns": loop.think_ns}
        now["think_drawn"] = int(loop.think is not None)
    return now


def _pools(blueprint: Blueprint, sizes: NDArray[np.int64]) -> Any:
    found = np.zeros(len(blueprint.pools), tables.POOL)
    settings = slowdown = curve = 0
    for row, pool, first_size in zip(found, blueprint.pools, sizes, strict=False):
        row["instances"], row["interact"] = pool.instances, pool.instances_interact
        row["before_ns"], row["after_ns"] = pool.before_ns, pool.after_ns
        row["decide"] = decide_at(pool.batching)
        row["every_event"] = BATCHING[pool.batching].EVERY_EVENT
        row["newest"] = getattr(BATCHING[pool.batching], "NEWEST", False)
        row["learn"], row["state_cells"] = learn_at(pool.batching), _state_cells(pool)
        row["settings"], row["settings_end"] = settings, settings + len(pool.settings)
        row["merged_most"], row["merged_after_ns"] = pool.merged_most, pool.merged_after_ns
        row["slowdown"], row["sizes"], row["curve"], row["draws"] = slowdown, first_size, curve, _draws(pool)
        settings += len(pool.settings)
        slowdown += len(pool.slowdown)
        curve += 0 if pool.service.curves_ns is None else len(pool.service.curves_ns)
    return found


def _state_cells(pool: PoolPlan) -> int:
    cells: int = getattr(BATCHING[pool.batching], "STATE_CELLS", STATE_CELLS)
    return cells


def _curves(pools: tuple[PoolPlan, ...]) -> NDArray[np.float64]:
    curves = [pool.service.curves_ns for pool in pools if pool.service.curves_ns is not None]
    return np.concatenate(curves) if curves else np.zeros((2, 2))


def _servers(blueprint: Blueprint) -> Any:
    servers = np.array([pool.servers for pool in blueprint.pools])
    found = np.zeros(servers.sum(), tables.SERVER)
    for name in ("before_first", "before_last", "after_first", "after_last"):
        found[name] = NOTHING
    found["pool"] = np.repeat(np.arange(len(servers)), servers)
    found["queue"] = np.repeat(np.arange(len(blueprint.queues)), [queue.servers for queue in blueprint.queues])
    instances = np.array([pool.instances for pool in blueprint.pools])[found["pool"]]
    found["first_instance"] = np.cumsum(instances) - instances
    found["key"] = [
        blueprint.service_stream(pool, position).key for pool in blueprint.pools for position in range(pool.servers)
    ]
    return found


def _instances(pools: tuple[PoolPlan, ...]) -> tuple[Any, int]:
    """The instances, and how many requests can be in batches at once."""
    counts = np.concatenate([[pool.servers * pool.instances, len(pool.service.mean_ns)] for pool in pools])
    most = np.repeat(counts[1::2], counts[::2])
    found = np.zeros(len(most), tables.INSTANCE)
    found["members"] = np.cumsum(most) - most
    found["ends_ns"] = NEVER
    return found, int(most.sum())


def _queues(blueprint: Blueprint, trees: Trees) -> Any:
    queues = blueprint.queues
    found = np.zeros(len(queues), tables.QUEUE)
    found["wakes_ns"] = found["expires_ns"] = NEVER
    found["ring"], found["mask"] = np.arange(len(queues)) * FIRST_RING, FIRST_RING - 1
    for name in ("pool", "first_server", "servers", "load_unit"):
        found[name] = [getattr(queue, name) for queue in queues]
    found["capacity"] = [NEVER if queue.capacity is None else queue.capacity for queue in queues]
    found["timeout_ns"] = [NEVER if queue.timeout_ns is None else queue.timeout_ns for queue in queues]
    found["watchful"] = [_watchful(queue, blueprint.pools[queue.pool]) for queue in queues]
    found["idle"] = [queue.servers * blueprint.pools[queue.pool].instances for queue in queues]
    cells = np.array([_state_cells(blueprint.pools[queue.pool]) for queue in queues])
    found["state"] = np.cumsum(cells) - cells
    found["trees"], found["trees_end"] = trees.first_of_queue[:-1], trees.first_of_queue[1:]
    found["servers_base"] = [trees.base(tree) for tree in trees.of_queue]
    found["servers_size"] = [trees.sizes[tree] for tree in trees.of_queue]
    return found


def _watchful(queue: QueuePlan, pool: PoolPlan) -> bool:
    """Whether something can follow from an arrival even while no instance is idle."""
    every_event: bool = BATCHING[pool.batching].EVERY_EVENT
    return every_event or queue.capacity is not None or queue.timeout_ns is not None


def _steps(blueprint: Blueprint, trees: Trees) -> Any:
    found = np.zeros(len(blueprint.steps), tables.STEP)
    first = 0
    for number, step in enumerate(blueprint.steps):
        row = found[number]
        row["queues"], row["queues_end"] = first, first + len(step.queues)
        row["choose"] = choose_at(step.balancing)
        row["uniforms"] = BALANCING[step.balancing].UNIFORMS
        row["key"] = blueprint.stream(f"balancing/{number}").key
        row["tree_base"] = trees.base(trees.of_step[number])
        first += len(step.queues)
    return found
