"""From a blueprint to the tables of the model, as both engines fill them; one file for each of its nouns."""

from __future__ import annotations

from capsim.engine.blueprint import Blueprint
from capsim.engine.kernel.build.classes import classes_of
from capsim.engine.kernel.build.nodes import nodes_of
from capsim.engine.kernel.build.pools import drawn_from, pools_of
from capsim.engine.kernel.build.senders import senders_of
from capsim.engine.kernel.build.stations import stations_of
from capsim.engine.kernel.build.tables import Rules, Tables
from capsim.engine.kernel.forest import Forest

__all__ = ["Rules", "Tables", "drawn_from", "tables_of"]


def tables_of(blueprint: Blueprint, rules: Rules) -> tuple[Tables, Forest]:
    """The tables of a run that has not begun, and winner trees, to which an engine can add its own."""
    forest = Forest()
    nodes, trees = nodes_of(blueprint, rules, forest)
    pools, stations = pools_of(blueprint, rules), stations_of(blueprint, forest, trees)
    clock = Tables(
        clock={
            "plain": int(blueprint.plain),
            "stop_ns": blueprint.stop_ns,
            "horizon_ns": blueprint.horizon_ns,
            "last_sent_arrives_ns": blueprint.horizon_ns + max(each.longest_up_ns for each in blueprint.classes),
        }
    )
    return clock | classes_of(blueprint) | senders_of(blueprint) | nodes | pools | stations, forest
