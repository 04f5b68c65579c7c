"""A serving system whose long-run values theory knows, as a scenario."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from capsim import Result, simulate
from capsim.scenario import scenario_from

REPLICATIONS = 20
Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    """A system, its load, and what theory says of it.

    Attributes:
        name: in Kendall's notation where there is one.
        arrivals: of the workload.
        rate: requests per second, so that the horizon holds the wanted number of them.
        system: pools and whatever else the scenario has.
        theory: quantity to its exact value.
        within: the most that half of a 99.9 % interval may be of its value; a larger fault is found.
        requests: in each replication.
    """

    name: str
    arrivals: Settings
    rate: float
    system: Settings
    theory: Mapping[str, float]
    within: float = 0.03
    requests: int = 40_000

    def longer(self, factor: float) -> Case:
        """The same case with more requests; its intervals are narrower by the square root."""
        return replace(self, requests=round(self.requests * factor), within=self.within / math.sqrt(factor))

    def simulated(self, seed: int, engine: str = "auto") -> Result:
        """The case simulated; the first tenth is left out."""
        horizon_ns = round(self.requests / self.rate * 1e9)
        run = {
            "horizon": f"{horizon_ns} ns",
            "warmup": f"{horizon_ns // 10} ns",
            "replications": REPLICATIONS,
            "seed": seed,
        }
        data = {"name": self.name, "workload": {"arrivals": dict(self.arrivals)}, **self.system, "run": run}
        return simulate(scenario_from(data), engine, rows=True)


def poisson(rate: float) -> Settings:
    """Poisson arrivals."""
    return {"process": "poisson", "rate": f"{rate!r} /s"}


def renewal(rate: float, cv: float) -> Settings:
    """Gamma distributed gaps; cv 0 stands for equal ones."""
    if cv == 0:
        return {"process": "deterministic", "rate": f"{rate!r} /s"}
    return {"process": "gamma", "rate": f"{rate!r} /s", "cv": cv}


def mmpp(rates: tuple[float, ...], sojourns_s: tuple[float, ...]) -> Settings:
    """A Poisson process modulated by states in turn."""
    sojourns = [nanoseconds(sojourn_s) for sojourn_s in sojourns_s]
    return {"process": "mmpp", "rates": [f"{rate!r} /s" for rate in rates], "sojourns": sojourns}


def clients(count: int, think_s: float, law: str) -> Settings:
    """A closed loop."""
    mean = nanoseconds(think_s)
    think = mean if law == "constant" else {"distribution": law, "mean": mean}
    return {"process": "closed_loop", "clients": count, "think_time": think}


def service(law: str, mean_s: float, **more: Any) -> Settings:
    """Service times."""
    return {"service": {"distribution": law, "mean": nanoseconds(mean_s), **more}}


def nanoseconds(seconds: float) -> str:
    """A time as scenarios write it."""
    return f"{round(seconds * 1e9)} ns"


def single(serving: Settings, servers: int = 1, **more: Any) -> Settings:
    """A system of one pool with one queue."""
    queue = {"shared": servers > 1, **more.pop("queue", {})}
    return {"pools": [{"name": "pool", "servers": servers, "queue": queue, **serving, **more}]}
