"""From a blueprint to the tables of the model, as both engines fill them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from capsim.engine.blueprint import Blueprint, ClientsPlan, PoolPlan, QueuePlan
from capsim.engine.kernel.forest import Forest, Tree
from capsim.engine.kernel.layout import NOTHING
from capsim.engine.kernel.records import CONSTANT, DRAWN, PROFILED, Device, Instance, Line, Node, Pool, Server, Station
from capsim.serving.admission import ADMISSION
from capsim.serving.balancing import BALANCING
from capsim.serving.batching import BATCHING
from capsim.serving.rule import STATE_CELLS
from capsim.units import NEVER

FROM_A_TREE = 16
"""From so many stations on the least loaded one is kept in a tree instead of looked for."""


class Rules(Protocol):
    """How an engine names the functions of rules."""

    def decide(self, rule: str) -> Any:
        """That of a batching rule."""

    def learn(self, rule: str) -> Any:
        """That by which a batching rule learns; 0 where it has none."""

    def choose(self, rule: str) -> Any:
        """That of a balancer."""

    def admit(self, rule: str) -> Any:
        """That of an admission rule."""


@dataclass
class Tables:
    """What a model begins with.

    Attributes:
        clock: what there is once.
        records: tables, as lists of records.
        columns: columns of numbers.
        rows: rows of numbers.
        forest: winner trees, to which an engine can add its own.
    """

    clock: dict[str, int]
    records: dict[str, list[Any]]
    columns: dict[str, NDArray[Any]]
    rows: dict[str, list[Sequence[Any]]]
    forest: Forest = field(default_factory=Forest)


def tables_of(blueprint: Blueprint, rules: Rules) -> Tables:
    """The tables of a run that has not begun."""
    pools, queues, nodes = blueprint.pools, blueprint.queues, blueprint.steps
    servers = sum(pool.servers for pool in pools)
    placed, devices = _servers(blueprint)
    forest = Forest()
    loads = [
        forest.plant([0] * len(node.queues))
        if BALANCING[node.balancing].RULE.least_loaded and len(node.queues) >= FROM_A_TREE and not node.lag_ns
        else None
        for node in nodes
    ]
    trees = _trees_by_station(blueprint, loads)
    firsts = [0, *itertools.accumulate(len(row) for row in trees)]
    return Tables(
        clock=_clock(blueprint, len(queues), servers),
        records={
            "pools": _pools(blueprint, rules),
            "nodes": [_node(blueprint, number, rules, tree) for number, tree in enumerate(loads)],
            "stations": [
                _station(queue, pools[queue.pool], forest, firsts[s : s + 2]) for s, queue in enumerate(queues)
            ],
            "servers": placed,
            "devices": devices,
            "instances": [Instance(ends_ns=NEVER) for pool in pools for _ in range(pool.servers * pool.instances)],
            "changes": [],
            "lines": [Line(NOTHING, NOTHING) for _ in range(2 * len(queues) + 2 * servers + 1)],
        },
        columns={
            "trees": np.array([cell for row in trees for leaf in row for cell in leaf] or [0], np.int64),
            "stage_free": np.zeros(sum(pool.servers * pool.stages for pool in pools) + 1, np.int64),
            "touched": np.zeros(2 * len(queues) + 2, np.int64),
            "deciding": np.zeros(len(queues), np.int64),
        },
        rows={
            "settings": [pool.settings for pool in pools],
            "admission": [pool.admission_settings for pool in pools],
            "admission_memory": [[0] * STATE_CELLS for _ in range(len(pools) + len(queues))],
            "slowdown": [pool.slowdown for pool in pools],
            "overhead_ns": [pool.service.overhead_ns.tolist() for pool in pools],
            "mean_ns": [pool.service.mean_ns.tolist() for pool in pools],
            "lower": [pool.service.lower.tolist() for pool in pools],
            "weight": [pool.service.weight.tolist() for pool in pools],
            "curves_ns": [
                row for pool in pools if pool.service.curves_ns is not None for row in pool.service.curves_ns
            ],
            "station_memory": [[0] * BATCHING[pools[queue.pool].batching].RULE.state_cells for queue in queues],
            "node_memory": [[0] * STATE_CELLS for _ in nodes],
            "balancing": [node.settings for node in nodes],
            "stations_of_node": [node.queues for node in nodes],
            "shares_of_node": [node.shares for node in nodes],
            "load": [[0] * len(queues) for _ in (None, *_lagging(blueprint))],
        },
        forest=forest,
    )


def _lagging(blueprint: Blueprint) -> list[int]:
    """The nodes whose balancer sees loads late."""
    return [number for number, node in enumerate(blueprint.steps) if node.lag_ns]


def _clock(blueprint: Blueprint, stations: int, servers: int) -> dict[str, int]:
    arrivals = blueprint.arrivals
    closed = isinstance(arrivals, ClientsPlan)
    return {
        "stop_ns": blueprint.stop_ns,
        "horizon_ns": blueprint.horizon_ns,
        "last_sent_arrives_ns": blueprint.horizon_ns + blueprint.up_ns,
        "up_ns": blueprint.up_ns,
        "down_ns": blueprint.down_ns,
        "closed": int(closed),
        "retry_delay_ns": arrivals.retry_delay_ns if isinstance(arrivals, ClientsPlan) else 0,
        "lagging": int(bool(_lagging(blueprint))),
        "pools_count": len(blueprint.pools),
        "servers_count": servers,
        "ahead_lines": stations,
        "before_lines": 2 * stations,
        "after_lines": 2 * stations + servers,
        "sifted_line": 2 * stations + 2 * servers,
    }


def drawn_from(pool: PoolPlan) -> int:
    """Where the draws of a pool's service come from."""
    if pool.service.curves_ns is not None:
        return PROFILED
    variate = pool.service.variate
    return CONSTANT if variate is not None and variate.distribution == "constant" else DRAWN


def _pools(blueprint: Blueprint, rules: Rules) -> list[Pool]:
    pools = blueprint.pools
    curves = itertools.accumulate(
        (0 if p.service.curves_ns is None else len(p.service.curves_ns) for p in pools), initial=0
    )
    sizes = itertools.accumulate((len(pool.service.mean_ns) for pool in pools), initial=0)
    return [
        Pool(
            instances=pool.instances,
            alone=int(pool.instances == 1 and not pool.instances_interact),
            interact=int(pool.instances_interact),
            stages=pool.stages,
            copies_ahead=int(pool.copies_ahead),
            before_ns=pool.before_ns,
            after_ns=pool.after_ns,
            decide=rules.decide(pool.batching),
            learn=rules.learn(pool.batching),
            every_event=int(BATCHING[pool.batching].RULE.every_event),
            newest=int(BATCHING[pool.batching].RULE.newest),
            merged_most=pool.merged_most,
            merged_after_ns=pool.merged_after_ns,
            admit=0 if pool.admission is None else rules.admit(pool.admission),
            admits_at=0 if pool.admission is None else ADMISSION[pool.admission].RULE.at,
            draws=drawn_from(pool),
            curve=curve,
            sizes=size,
        )
        for pool, curve, size in zip(pools, curves, sizes, strict=False)
    ]


def _node(blueprint: Blueprint, number: int, rules: Rules, tree: Tree | None) -> Node:
    step = blueprint.steps[number]
    return Node(
        choose=rules.choose(step.balancing),
        uniforms=BALANCING[step.balancing].RULE.uniforms,
        drawn_by=step.drawn_by,
        load=1 + _lagging(blueprint).index(number) if step.lag_ns else 0,
        lag_ns=step.lag_ns,
        key=blueprint.stream(f"balancing/{number}").key,
        tree=NOTHING if tree is None else tree.base,
        next=number + 1 if number + 1 < len(blueprint.steps) else NOTHING,
    )


def _trees_by_station(blueprint: Blueprint, loads: Sequence[Tree | None]) -> list[list[tuple[int, int, int]]]:
    """For each station, the trees that its load stands in: base, size, leaf."""
    found: list[list[tuple[int, int, int]]] = [[] for _ in blueprint.queues]
    for node, tree in zip(blueprint.steps, loads, strict=True):
        if tree is not None:
            for leaf, s in enumerate(node.queues):
                found[s].append((*tree, leaf))
    return found


def _station(queue: QueuePlan, pool: PoolPlan, forest: Forest, trees: list[int]) -> Station:
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
