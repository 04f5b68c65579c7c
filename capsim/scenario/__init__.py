"""A scenario: the serving system, its load and the run, validated."""

from capsim.scenario.load import load_scenario, scenario_from
from capsim.scenario.schema import Pool, Scenario

__all__ = ["Pool", "Scenario", "load_scenario", "scenario_from"]
