"""Serving systems in few words, and the engines that run them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from capsim.engine import Blueprint, Ledger, simpy
from capsim.scenario import Scenario, scenario_from

Engine = Callable[[Blueprint], Ledger]

ENGINES: dict[str, Engine] = {"simpy": simpy.run}
if find_spec("numba"):
    from capsim.engine import compiled

    ENGINES["compiled"] = compiled.run


def pool(name: str = "gpu", **settings: Any) -> dict[str, Any]:
    """One server that takes 10 ms, with other settings."""
    service = {} if "profile" in settings else {"service": {"distribution": "constant", "mean": "10 ms"}}
    return {"name": name, "servers": 1, **service, **settings}


def constant(mean: str, **settings: Any) -> dict[str, Any]:
    """A service time without variation."""
    return {"distribution": "constant", "mean": mean, **settings}


def dynamic(most: int, delay: str = "0 ms", preferred: list[int] | None = None) -> dict[str, Any]:
    """Dynamic batching."""
    return {
        "policy": "dynamic",
        "max_batch_size": most,
        "max_queue_delay": delay,
        "preferred_batch_sizes": preferred or [],
    }


def scenario(*pools: dict[str, Any], folder: str | Path = ".", **changes: Any) -> Scenario:
    """One pool under a light load for a second, changed.

    `arrivals`, `items` and `classes` stand for the fields of the workload, `run` adds to the settings of the run; the
    rest are sections of the scenario.
    """
    return scenario_from(document(*pools, **changes), folder)


def document(*pools: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The same before it is validated."""
    arrivals = changes.pop("arrivals", {"process": "deterministic", "rate": "10 /s"})
    items, run = changes.pop("items", 1), changes.pop("run", {})
    sent = {"classes": changes.pop("classes")} if "classes" in changes else {"arrivals": arrivals}
    return {
        "name": "test",
        "workload": {**sent, "items_per_request": items},
        "pools": [dict(each) for each in pools] or [pool()],
        "run": {"horizon": "1 s", "replications": 1, **run},
        **_without_nothing(changes),
    }


def _without_nothing(changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in changes.items() if value is not None}
