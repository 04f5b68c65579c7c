"""capsim predicts p99 latency, throughput and cost of an AI serving system before it is bought.

from capsim import load_scenario, simulate
result = simulate(load_scenario("scenarios/image-classification.yaml"))
print(result)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from capsim._version import VERSION

if TYPE_CHECKING:
    from typing import Any

    from capsim.comparison.compare import Comparison, compare
    from capsim.costing.cost import Cost, cost
    from capsim.costing.staircase import staircase
    from capsim.errors import CapsimError, InputError
    from capsim.forecasting.forecast import Asked, Forecast, forecast
    from capsim.forecasting.growth import from_history, given_growth
    from capsim.planner.plan import Plan, plan
    from capsim.planner.plans import Plans, plans
    from capsim.scenario import Scenario, load_scenario, scenario_from
    from capsim.scenario.checks import check
    from capsim.scenario.grid import Grid, load_grid
    from capsim.simulation import simulate
    from capsim.stats import Result
    from capsim.sweeping.cells import Cell
    from capsim.sweeping.sweep import sweep

__version__ = VERSION
__all__ = [
    "Asked",
    "CapsimError",
    "Cell",
    "Comparison",
    "Cost",
    "Forecast",
    "Grid",
    "InputError",
    "Plan",
    "Plans",
    "Result",
    "Scenario",
    "__version__",
    "check",
    "compare",
    "cost",
    "forecast",
    "from_history",
    "given_growth",
    "load_grid",
    "load_scenario",
    "plan",
    "plans",
    "scenario_from",
    "simulate",
    "staircase",
    "sweep",
]

_HOME = {
    "Asked": "capsim.forecasting.forecast",
    "CapsimError": "capsim.errors",
    "Cost": "capsim.costing",
    "Forecast": "capsim.forecasting",
    "cost": "capsim.costing",
    "forecast": "capsim.forecasting",
    "from_history": "capsim.forecasting",
    "given_growth": "capsim.forecasting",
    "staircase": "capsim.costing.staircase",
    "Cell": "capsim.sweeping",
    "Comparison": "capsim.comparison",
    "Grid": "capsim.scenario.grid",
    "InputError": "capsim.errors",
    "Plan": "capsim.planner",
    "Plans": "capsim.planner",
    "Result": "capsim.stats",
    "Scenario": "capsim.scenario",
    "check": "capsim.scenario.checks",
    "compare": "capsim.comparison",
    "load_grid": "capsim.scenario.grid",
    "load_scenario": "capsim.scenario",
    "plan": "capsim.planner",
    "plans": "capsim.planner",
    "scenario_from": "capsim.scenario",
    "simulate": "capsim.simulation",
    "sweep": "capsim.sweeping",
}


def __getattr__(name: str) -> Any:
    """Import on first use, so that `capsim --help` does not wait for numpy."""
    import importlib

    if name not in _HOME:
        raise AttributeError(f"module 'capsim' has no attribute '{name}'")
    return getattr(importlib.import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    """What there is for users, whether or not it has been imported."""
    return sorted([*__all__, "__doc__", "__name__"])
