"""From the tables of a model to the arrays of the general form."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from capsim.engine.blueprint import Blueprint, CachePlan, SplitPlan
from capsim.engine.compiled.arrays import Arrays, in_rows, table
from capsim.engine.compiled.entries import Addresses
from capsim.engine.compiled.records import GENERAL, Alarm
from capsim.engine.compiled.supply import room_for_chunks
from capsim.engine.compiled.words import KINDS_APART
from capsim.engine.kernel.asking import Attempt, Call, Ending
from capsim.engine.kernel.build import Tables, tables_of
from capsim.engine.kernel.forest import Forest
from capsim.engine.kernel.kept import Batch, Detail, LookUp, Refusal, Request, Sending, Visit
from capsim.engine.kernel.layout import NOTHING, dtype_of
from capsim.engine.kernel.order import BATCH_ENDS, FIRST_ALARM, FRONT_END_AFTER, FRONT_END_BEFORE, SERVER_TURNS, TIMER
from capsim.engine.kernel.path import Copy, Entry, unknown
from capsim.engine.kernel.records import Change, Standing, Token
from capsim.engine.outages import outages_of
from capsim.engine.tally import BUCKETS, ENDED, REFUSED, SLICES, slice_edges_ns
from capsim.units import NEVER

FIRST_TOKENS, FIRST_ROWS, FIRST_BATCHES = 4096, 1 << 16, 1 << 14
MOST_ROWS_AT_ONCE = 1 << 26


def build(blueprint: Blueprint, tally_from_ns: int | None = None) -> Arrays:
    """The tables of a run that has not begun: with rows, or with a tally of what comes from an instant on."""
    tables, forest = tables_of(blueprint, Addresses())
    of = {name: part.of for name, part in GENERAL.named.items()}
    chunks_clock, chunks = room_for_chunks(blueprint)
    trees_clock, leaves = event_trees(blueprint, forest)
    clock = tables.clock | chunks_clock | trees_clock | last_instants(blueprint)
    arrays = {name: table(records, of[name]) for name, records in tables.records.items()}
    arrays |= tables.columns | forest.columns() | leaves | chunks
    for name, cells in tables.rows.items():
        arrays |= in_rows(name, cells, of[name])
    sizes = sum(len(pool.service.mean_ns) for pool in blueprint.pools)
    tally_clock, tally = room_for_tally(blueprint, sizes, tally_from_ns)
    rows = first_rows(blueprint) if tally_from_ns is None else 0
    arrays |= tally | _growing(blueprint, rows, len(arrays["instances"]))
    clock |= set_first_alarms(tables, arrays)
    return Arrays(GENERAL, clock | tally_clock, arrays)


def set_first_alarms(tables: Tables, arrays: dict[str, NDArray[Any]]) -> dict[str, int]:
    """Enter when each server fails first; what the clock says of alarms."""
    first = sorted((instants[0], v) for v, instants in enumerate(tables.rows["outages"]) if len(instants))
    for place, (at_ns, v) in enumerate(first):
        arrays["alarms"][place] = (at_ns, (SERVER_TURNS << KINDS_APART) + v, v, 0)
    return {"alarms_count": len(first)}


def last_instants(blueprint: Blueprint) -> dict[str, int]:
    """Until when the loop goes on at first, when it tells of progress, and the items of a request."""
    last_ns = blueprint.horizon_ns + max(each.longest_up_ns for each in blueprint.classes) - 1
    return {"last_ns": last_ns, "tick_ns": NEVER, "items_per_unit": blueprint.items_per_unit}


def event_trees(blueprint: Blueprint, forest: Forest) -> tuple[dict[str, int], dict[str, NDArray[Any]]]:
    """Plant the trees of events and of clients; what the clock says of them, and where leaves of each kind begin."""
    servers = sum(pool.servers for pool in blueprint.pools)
    leaves = np.zeros(FIRST_ALARM + 1, np.int64)
    leaves[BATCH_ENDS], leaves[FRONT_END_AFTER] = 0, servers
    leaves[FRONT_END_BEFORE] = leaves[FRONT_END_AFTER] + servers * any(pool.after_ns for pool in blueprint.pools)
    leaves[TIMER] = leaves[FRONT_END_BEFORE] + servers * any(pool.before_ns for pool in blueprint.pools)
    leaves[FIRST_ALARM] = leaves[TIMER] + len(blueprint.queues)
    fails_ns = min((spans[0][0] for spans in outages_of(blueprint) if spans), default=NEVER)
    events = forest.plant([NEVER] * int(leaves[FIRST_ALARM]) + [fails_ns] * (not blueprint.plain))
    clients = forest.plant(blueprint.first_arrivals_ns() or [NEVER])
    clock = {"events_base": events.base, "events_size": events.size}
    return clock | {"clients_base": clients.base, "clients_size": clients.size}, {"first_leaf": leaves}


def _growing(blueprint: Blueprint, rows: int, instances: int) -> dict[str, NDArray[Any]]:
    """Tables that grow: tokens all free, and rows that are not yet anything."""
    tokens = chained(np.zeros(first_tokens(blueprint), dtype_of(Token)))
    batches = max(FIRST_BATCHES, rows * len(blueprint.steps)) if rows else 0
    admits = rows > 0 and any(pool.admission is not None for pool in blueprint.pools)
    lags = any(step.lag_ns for step in blueprint.steps)
    return {
        "tokens": tokens,
        "refusals": np.empty(2 * len(tokens) if admits else 0, dtype_of(Refusal)),
        "changes": np.empty(4 * len(tokens) if lags else 0, dtype_of(Change)),
        **_broad(blueprint),
        "passing": np.zeros((len(tokens), 2), np.int64),
        "requests": np.empty(rows, dtype_of(Request)),
        "details": np.empty(0 if blueprint.plain else rows, dtype_of(Detail)),
        "visits": np.empty(rows * max(1, len(blueprint.steps)), dtype_of(Visit)),
        "batches": np.empty(batches + instances if rows else 0, dtype_of(Batch)),
    }


def first_tokens(blueprint: Blueprint) -> int:
    """For how many tokens there is room at first: enough for a request and the copies of its widest split."""
    widest = max((len(node.starts) for node in blueprint.nodes if isinstance(node, SplitPlan)), default=0)
    return max(FIRST_TOKENS, 2 * (widest + 1))


CHAINED = {"calls": Call, "tries": Attempt, "endings": Ending}
"""Tables of places that are taken and given back, each with its first free one."""


def chained(places: NDArray[Any]) -> NDArray[Any]:
    """Places all of which are free, one behind the other."""
    if len(places):
        places["next"] = np.append(np.arange(1, len(places)), NOTHING)
    return places


def _broad(blueprint: Blueprint) -> dict[str, NDArray[Any]]:
    """Tables that only a run grows that is not plain."""
    tokens = 0 if blueprint.plain else first_tokens(blueprint)
    entries = sum(blueprint.keys_of(node) for node in blueprint.nodes if isinstance(node, CachePlan))
    return {
        "copies": np.zeros(tokens, dtype_of(Copy)),
        "standings": np.zeros(tokens, dtype_of(Standing)),
        "alarms": np.zeros(6 * tokens + 2 * sum(pool.servers for pool in blueprint.pools), dtype_of(Alarm)),
        "look_ups": np.empty(tokens, dtype_of(LookUp)),
        "sendings": np.empty(tokens, dtype_of(Sending)),
        **{name: chained(np.zeros(tokens, dtype_of(kind))) for name, kind in CHAINED.items()},
        "entries": table([unknown()], Entry).repeat(entries),
    }


def first_rows(blueprint: Blueprint) -> int:
    """About as many rows as will be needed, where that is known: memory that is not touched costs nothing."""
    return max(FIRST_ROWS, min(int(1.01 * (blueprint.expected or 0.0)) + FIRST_ROWS - 1, MOST_ROWS_AT_ONCE))


def room_for_tally(
    blueprint: Blueprint, sizes: int, from_ns: int | None
) -> tuple[dict[str, int], dict[str, NDArray[Any]]]:
    """What the clock says of a tally from an instant on, and its arrays; without a cell where there are rows."""
    slices = 0 if from_ns is None else SLICES + 2
    clock = {} if from_ns is None else {"tally_start_ns": from_ns, "tally_sizes": sizes}
    if from_ns is not None:
        _, clock["tally_width_ns"] = slice_edges_ns(from_ns, blueprint.horizon_ns)
    return clock, {
        "tally_requests": np.zeros((slices, ENDED + 1)),
        "tally_latency": np.zeros((slices, BUCKETS), np.int32),
        "tally_waiting": np.zeros((slices, BUCKETS), np.int32),
        "tally_pools": np.zeros((len(blueprint.pools), slices, REFUSED + 1)),
        "tally_batches": np.zeros((slices, sizes), np.int32),
    }
