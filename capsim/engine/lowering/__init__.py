"""From a scenario to the plain numbers of a blueprint; one file for each of its nouns."""

from __future__ import annotations

from capsim.engine.blueprint import Blueprint
from capsim.engine.lowering.classes import classes_of, expected_requests
from capsim.engine.lowering.faults import zones_of
from capsim.engine.lowering.nodes import nodes_of
from capsim.engine.lowering.pools import pools_of, queues_of
from capsim.scenario import Scenario


def lower(scenario: Scenario, replication: int = 0) -> Blueprint:
    """The blueprint of one replication of a scenario."""
    run = scenario.run
    pools = pools_of(scenario)
    queues = queues_of(scenario.pools, pools)
    nodes, firsts = nodes_of(scenario, pools, queues)
    return Blueprint(
        seed=run.seed,
        replication=replication,
        horizon_ns=run.horizon,
        stop_ns=run.stop_ns,
        items_per_unit=scenario.items_per_unit,
        classes=classes_of(scenario, firsts),
        expected=expected_requests(scenario),
        pools=pools,
        queues=queues,
        nodes=nodes,
        zones=zones_of(scenario),
    )
