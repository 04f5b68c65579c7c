"""capsim predicts p99 latency, throughput and cost of an AI serving system before it is bought.

from capsim import load_scenario, simulate
result = simulate(load_scenario("scenarios/image-classification.yaml"))
print(result)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from capsim.errors import CapsimError, InputError
    from capsim.scenario import Scenario, load_scenario, scenario_from
    from capsim.simulation import simulate
    from capsim.stats import Result

__all__ = ["CapsimError", "InputError", "Result", "Scenario", "load_scenario", "scenario_from", "simulate"]

_HOME = {
    "CapsimError": "capsim.errors",
    "InputError": "capsim.errors",
    "Result": "capsim.stats",
    "Scenario": "capsim.scenario",
    "load_scenario": "capsim.scenario",
    "scenario_from": "capsim.scenario",
    "simulate": "capsim.simulation",
}


def __getattr__(name: str) -> Any:
    """Import on first use, so that `capsim --help` does not wait for numpy."""
    import importlib

    if name not in _HOME:
        raise AttributeError(f"module 'capsim' has no attribute '{name}'")
    return getattr(importlib.import_module(_HOME[name]), name)
