"""From the tables of a model to the arrays of the lane, and what it asks for while it runs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from capsim.engine.blueprint import Blueprint, ClientsPlan
from capsim.engine.compiled import build as general
from capsim.engine.compiled.arrays import Arrays, in_rows, table
from capsim.engine.compiled.entries import Addresses
from capsim.engine.compiled.lane.records import LANE, Lane
from capsim.engine.compiled.records import WANTS_BATCHES, WANTS_REQUESTS, WANTS_RING
from capsim.engine.compiled.supply import Supply, room_for_chunks
from capsim.engine.kernel.build import Tables, tables_of
from capsim.engine.kernel.kept import Batch
from capsim.engine.kernel.layout import dtype_of
from capsim.units import NEVER

FIRST_RING = 64
RINGS = ("ring_since_ns", "ring_numbers", "ring_clients")
ROWS = ("arrived_ns", "finished_ns", "outcome", "batch_of")


def build(blueprint: Blueprint, tally_from_ns: int | None = None) -> Arrays:
    """The tables of a run that has not begun: with rows, or with a tally of what comes from an instant on."""
    tables, forest = tables_of(blueprint, Addresses())
    of = {name: part.of for name, part in LANE.named.items()}
    chunks_clock, chunks = room_for_chunks(blueprint)
    trees_clock, leaves = general.event_trees(blueprint, forest)
    sizes = sum(len(pool.service.mean_ns) for pool in blueprint.pools)
    tally_clock, tally = general.room_for_tally(blueprint, sizes, tally_from_ns)
    lanes, rows = _lanes(tables), general.first_rows(blueprint) if tally_from_ns is None else 0
    cells, clients = len(lanes) * FIRST_RING, isinstance(blueprint.arrivals, ClientsPlan)
    arrays: dict[str, NDArray[Any]] = {
        "classes": table(tables.records["classes"], of["classes"]),
        "pools": table(tables.records["pools"], of["pools"]),
        "nodes": table(tables.records["nodes"], of["nodes"]),
        "servers": table(lanes, Lane),
        "batches": np.empty(max(general.FIRST_BATCHES, rows) + len(lanes) if rows else 0, dtype_of(Batch)),
        "ring_since_ns": np.zeros(cells, np.int64),
        "ring_numbers": np.zeros(cells * (rows > 0), np.int64),
        "ring_clients": np.zeros(cells * clients, np.int32),
        **{name: np.empty(rows, np.int64) for name in ROWS},
        **{name: tables.columns[name] for name in ("trees", "touched", "client_class")},
    }
    for name, row in tables.rows.items():
        arrays |= in_rows(name, row, of[name]) if name in of else {}
    arrays |= forest.columns() | leaves | chunks | tally
    clock = tables.clock | chunks_clock | trees_clock | tally_clock | general.last_instants(blueprint)
    clock["many_instances"] = len(lanes)
    return Arrays(LANE, {name: value for name, value in clock.items() if name in (LANE.dtype.names or ())}, arrays)


def _lanes(tables: Tables) -> list[Lane]:
    """Each server with its station, which has no other."""
    pairs = zip(tables.records["servers"], tables.records["stations"], strict=True)
    return [
        Lane(
            ring=number * FIRST_RING,
            mask=FIRST_RING - 1,
            pool=server.pool,
            trees=station.trees,
            trees_end=station.trees_end,
            load_unit=station.load_unit,
            wakes_ns=NEVER,
            ends_ns=NEVER,
            key=server.key,
        )
        for number, (server, station) in enumerate(pairs)
    ]


class LaneFeed(Supply):
    """Keeps the lane supplied with chunks and room."""

    def supply(self, wants: int) -> None:
        """See `Supply`."""
        super().supply(wants)
        if wants & WANTS_REQUESTS:
            self._see_to_memory(len(self.model["arrived_ns"]))
            for name in ROWS:
                self.model.lengthen(name)
        if wants & WANTS_BATCHES:
            self.model.lengthen("batches")
        if wants & WANTS_RING:
            self._grow_rings()
        self.model.now["wants"] = 0

    def _grow_rings(self) -> None:
        """Lay out anew the rings that are full, twice as large, at the end."""
        model, lanes = self.model, self.model["servers"]
        masks: NDArray[np.int64] = lanes["mask"]
        held: NDArray[np.int64] = lanes["serving"] + lanes["waiting"]
        full = np.flatnonzero(held > masks)
        rooms = 2 * (masks[full] + 1)
        starts = len(model["ring_since_ns"]) + np.cumsum(rooms) - rooms
        for name in RINGS:
            if len(model[name]) == 0:
                continue  # a column that this form does without
            longer = np.concatenate([model[name], np.zeros(int(rooms.sum()), model[name].dtype)])
            for v, start in zip(full, starts, strict=True):
                lane = lanes[v]
                size, first = int(lane["mask"]) + 1, int(lane["head"] - lane["serving"])
                longer[start : start + size] = np.roll(longer[lane["ring"] :][:size], -first)
            model[name] = longer
        lanes["ring"][full], lanes["head"][full] = starts, lanes["serving"][full]
        masks[full] = rooms - 1
