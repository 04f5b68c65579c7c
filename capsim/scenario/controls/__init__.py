"""What a person moves first in a scenario: its load, servers, batching, objective and run, each with its range.

A control stands where `--set` would: what it writes is `PATH=VALUE`, so that every answer can be had again.
"""

from dataclasses import replace

from capsim.scenario.controls.classes import class_controls
from capsim.scenario.controls.clients import clients_controls
from capsim.scenario.controls.control import LOAD, OBJECTIVE, RUN, Control, put
from capsim.scenario.controls.load import load_controls
from capsim.scenario.controls.pool import pool_controls
from capsim.scenario.controls.route import route_controls
from capsim.scenario.controls.run import objective_controls, run_controls
from capsim.scenario.schema import Scenario
from capsim.scenario.visits import items_at

__all__ = ["LOAD", "OBJECTIVE", "RUN", "Control", "controls", "put"]


def controls(base: Scenario, now: Scenario) -> list[Control]:
    """The controls of a scenario: ranges from `base`, as it was given, and values from `now`, with its settings.

    Ranges do not depend on what was moved, except that they always hold the value.
    """
    settings = [*load_controls(base, now), *objective_controls(now), *class_controls(now)]
    largest = {name: items.most for name, items in items_at(now).items()}
    for pool in now.pools:
        given = next((given for given in base.pools if given.name == pool.name), pool)
        own = pool_controls(given, pool, largest.get(pool.name, now.items_per_unit))
        # Two pools have the same settings: each label says whose it is, also to who hears it read.
        settings += [replace(each, label=f"{each.label}, {pool.name}") for each in own] if len(now.pools) > 1 else own
    return [*settings, *route_controls(now), *clients_controls(now), *run_controls(now)]
