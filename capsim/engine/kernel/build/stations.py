"""Stations, the servers that they feed, and all lines."""

from __future__ import annotations

import itertools

import numpy as np

from capsim.engine.blueprint import EDF, FIFO, Blueprint, QueuePlan
from capsim.engine.kernel.build.nodes import Trees
from capsim.engine.kernel.build.tables import Tables
from capsim.engine.kernel.forest import Forest, Tree
from capsim.engine.kernel.layout import NOTHING
from capsim.engine.kernel.records import Device, Instance, Line, Server, Station
from capsim.engine.outages import outages_of
from capsim.serving.batching import BATCHING
from capsim.serving.rule import STATE_CELLS
from capsim.units import NEVER


def stations_of(blueprint: Blueprint, forest: Forest, trees: Trees) -> Tables:
    """The tables of stations, servers and lines."""
    pools, queues = blueprint.pools, blueprint.queues
    servers, count = sum(pool.servers for pool in pools), len(queues)
    others = 2 * count + 2 * servers + 2
    ranked = [*itertools.accumulate((levels_of(blueprint, queue) for queue in queues), initial=others)]
    rows = [*itertools.accumulate((len(each) for each in trees), initial=0)]
    placed, devices = _servers(blueprint)
    stations = [
        _station(blueprint, queue, forest, (rows[s], rows[s + 1]), (ranked[s], ranked[s + 1]))
        for s, queue in enumerate(queues)
    ]
    return Tables(
        clock={
            "servers_count": servers,
            "stations_count": count,
            "ahead_lines": count,
            "before_lines": 2 * count,
            "after_lines": 2 * count + servers,
            "sifted_line": others - 2,
            "turn_line": others - 1,
        },
        records={
            "stations": stations,
            "servers": placed,
            "devices": devices,
            "instances": [Instance(ends_ns=NEVER) for pool in pools for _ in range(pool.servers * pool.instances)],
            "lines": [Line(NOTHING, NOTHING) for _ in range(ranked[-1])],
        },
        columns={
            "trees": np.array([cell for each in trees for tree in each for cell in tree] or [0], np.int64),
            "stage_free": np.zeros(sum(pool.servers * pool.stages for pool in pools) + 1, np.int64),
            "touched": np.zeros(2 * count + 2, np.int64),
            "deciding": np.zeros(count, np.int64),
        },
        rows={
            "outages": [[instant for span in spans for instant in span] for spans in outages_of(blueprint)],
            "admission_memory": [[0] * STATE_CELLS for _ in range(len(pools) + count)],
            "station_memory": [[0] * BATCHING[pools[queue.pool].batching].RULE.state_cells for queue in queues],
        },
    )


def levels_of(blueprint: Blueprint, queue: QueuePlan) -> int:
    """In how many ranked lines requests stand in a queue; 0 where they go as they come."""
    discipline = blueprint.pools[queue.pool].discipline
    if discipline == FIFO:
        return 0
    return len(blueprint.classes if discipline == EDF else {each.priority for each in blueprint.classes})


def _station(
    blueprint: Blueprint, queue: QueuePlan, forest: Forest, trees: tuple[int, int], ranked: tuple[int, int]
) -> Station:
    pool = blueprint.pools[queue.pool]
    servers = forest.plant([0] * queue.servers) if queue.servers > 1 else Tree(0, 0)
    limited = queue.capacity is not None or queue.timeout_ns is not None
    return Station(
        idle=queue.servers * (1 if pool.stages else pool.instances),
        # Whether something can follow from an arrival even while no instance is idle.
        watchful=int(BATCHING[pool.batching].RULE.every_event or limited),
        pool=queue.pool,
        load_unit=queue.load_unit,
        trees=trees[0],
        trees_end=trees[1],
        first_server=queue.first_server,
        servers=queue.servers,
        wakes_ns=NEVER,
        expires_ns=NEVER,
        timeout_ns=NEVER if queue.timeout_ns is None else queue.timeout_ns,
        capacity=NEVER if queue.capacity is None else queue.capacity,
        servers_base=servers.base,
        servers_size=servers.size,
        discipline=pool.discipline,
        levels=ranked[1] - ranked[0],
        ranked_line=ranked[0],
    )


def _servers(blueprint: Blueprint) -> tuple[list[Server], list[Device]]:
    """All servers, and the devices that they stand on."""
    stations = [s for s, queue in enumerate(blueprint.queues) for _ in range(queue.servers)]
    servers: list[Server] = []
    devices: list[Device] = []
    last_on: dict[tuple[int, int], int] = {}
    first = first_stage = 0
    for p, pool in enumerate(blueprint.pools):
        for position in range(pool.servers):
            number, device = len(servers), len(devices)
            place = (number, NOTHING) if pool.device is None else (position, pool.device)
            if place in last_on:
                servers[last_on[place]].beside, device = number, servers[last_on[place]].device
            else:
                devices.append(Device(first_server=number, takes_turns=int(pool.takes_turns)))
            last_on[place] = number
            key = blueprint.service_stream(pool, position).key
            here = {"device": device, "beside": NOTHING, "first_instance": first, "first_stage": first_stage}
            servers.append(Server(pool=p, station=stations[number], key=key, **here))
            first, first_stage = first + pool.instances, first_stage + pool.stages
    return servers, devices
