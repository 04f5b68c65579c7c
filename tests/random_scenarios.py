"""Scenarios over all features, a pure function of a number, on a clock so coarse that everything ties.

A fault in a tie rule cannot be seen where no two instants are equal, so times are whole ticks wherever the model
allows; one scenario in six has continuous draws instead.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from capsim.profile.curve import CELLS
from capsim.profile.model import LatencyProfile
from capsim.scenario import Scenario
from capsim.serving.batching import BATCHING
from capsim.workload import TraceFile

TICK_NS = 1000
TICKS_PER_S = 1_000_000
SPAN = 10**6
BALANCERS = ("least_outstanding", "power_of_two", "random", "round_robin", "weighted")
WIDEST = 1000
"""As many requests a batch as no drawn scenario has."""


class Dice:
    """Chance with the words that a scenario needs."""

    def __init__(self, number: int) -> None:
        self.chance = np.random.default_rng(number)

    def whole(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return int(self.chance.integers(low, high + 1))

    def often(self, share: float) -> bool:
        """Yes, so often."""
        return bool(self.chance.random() < share)

    def one(self, *choices: Any) -> Any:
        """One of these."""
        return choices[self.whole(0, len(choices) - 1)]

    def ticks(self, low: int, high: int) -> str:
        """A time of so many ticks."""
        return f"{self.whole(low, high) * TICK_NS} ns"


def is_coarse(number: int) -> bool:
    """Whether a scenario's times are whole ticks; others have draws whose last bit is up to numerical libraries."""
    return Dice(number).often(5 / 6)


def random_scenario(number: int, plain: bool = False, admission: bool = False) -> Scenario:
    """The scenario of a number; a plain one has a single step of servers that each have an unbounded queue.

    With admission most pools have a rule, whose dice are its own, so that nothing else of the scenario changes.
    """
    dice = Dice(number)
    coarse = dice.often(5 / 6)
    items = dice.one(1, 1, 1, 2, 3)
    pools = [_pool(dice, f"p{i}", items, coarse) for i in range(dice.one(1, 1, 2, 2, 3, 4))]
    network = {"client": {"latency": dice.ticks(0, 3)}} if dice.often(0.3) else {}
    horizon = dice.whole(20, 300)
    route = _route(dice, [pool["name"] for pool in pools])
    if admission:
        pools = [pool | _admission(Dice(SPAN * (place + 1) + number)) for place, pool in enumerate(pools)]
    if plain:
        pools, route = [_plain(pool) for pool in pools], route[:1]
    return Scenario.model_validate(
        {
            "name": f"random {number}",
            "workload": {"arrivals": _arrivals(dice, coarse, horizon), "items_per_request": items},
            "pools": pools,
            "route": route,
            "network": network,
            "run": {
                "horizon": f"{horizon * TICK_NS} ns",
                "warmup": "0 s",
                "seed": number,
                "replications": 1,
                **({"drain": dice.ticks(0, 60)} if dice.often(0.4) else {}),
            },
        }
    )


def _arrivals(dice: Dice, coarse: bool, horizon: int) -> dict[str, Any]:
    kind = dice.one("trace", "trace", "deterministic", "closed_loop", "closed_loop")
    if not coarse:
        kind = dice.one("poisson", "gamma", "closed_loop", "varying")
    if kind == "trace":
        times = np.sort(dice.chance.integers(0, horizon + 10, size=dice.whole(1, 4 * horizon)))
        return {"process": "trace", "file": TraceFile("drawn", times / TICKS_PER_S)}
    if kind == "deterministic":
        return {"process": kind, "rate": f"{TICKS_PER_S / dice.one(1, 1, 2, 4)} /s"}
    if kind == "closed_loop":
        think: Any = dice.ticks(1, 20) if coarse else {"distribution": "exponential", "mean": dice.ticks(1, 20)}
        return {"process": kind, "clients": dice.whole(1, 40), "think_time": think, "retry_delay": dice.ticks(0, 3)}
    rate = TICKS_PER_S * dice.chance.uniform(0.2, 3)
    if kind == "gamma":
        return {"process": kind, "rate": f"{rate:.3f} /s", "cv": dice.one(0.5, 2.0)}
    if kind == "varying":
        steps = [{"at": "0 s", "rate": f"{rate:.3f} /s"}, {"at": dice.ticks(5, 100), "rate": "500 /ms"}]
        return {"process": "poisson", "rate": {"steps": steps}}
    return {"process": kind, "rate": f"{rate:.3f} /s"}


def _pool(dice: Dice, name: str, items: int, coarse: bool) -> dict[str, Any]:
    pool: dict[str, Any] = {"name": name, "servers": dice.one(1, 1, 2, 3, 5, 20), "instances": dice.one(1, 1, 1, 2, 4)}
    pool["batching"] = _batching(dice, items)
    shared = dice.often(0.3)
    pool["queue"] = {"shared": shared}
    if dice.often(0.3):
        pool["queue"]["capacity"] = dice.whole(0, 12)
    if dice.often(0.3):
        pool["queue"]["timeout"] = dice.ticks(1, 15)
    if dice.often(0.4):
        pool["overhead"] = {"per_batch": dice.ticks(0, 2), "per_request": dice.ticks(0, 1)}
    if dice.often(0.3):
        pool["front_end"] = {"before": "0 s" if shared else dice.ticks(0, 2), "after": dice.ticks(0, 2)}
    if pool["instances"] > 1:
        pool["sharing"] = {"overlap": dice.one(0.0, 0.5, 0.3, 1.0)}
    if not coarse and dice.often(0.6):
        kind = dice.one("exponential", "lognormal", "gamma")
        cv = {} if kind == "exponential" else {"cv": 0.7}
        pool["service"] = {"distribution": kind, "mean": dice.ticks(1, 8), "per_item": dice.ticks(0, 1), **cv}
    elif dice.often(0.5):
        pool["profile"] = _profile(dice, coarse)
    else:
        pool["service"] = {"distribution": "constant", "mean": dice.ticks(1, 8), "per_item": dice.ticks(0, 1)}
    return pool


def _admission(dice: Dice) -> dict[str, Any]:
    """A rule of a pool, or none."""
    rules: dict[str, dict[str, Any]] = {
        "token_bucket": {"rate": f"{TICKS_PER_S / dice.one(1, 2, 3, 7)} /s", "burst": dice.whole(1, 5)},
        "concurrency": {"most": dice.whole(1, 12)},
        "codel": {"target": dice.ticks(1, 5), "interval": dice.ticks(1, 20)},
        "deadline": {"after": dice.ticks(1, 30)},
    }
    policy = dice.one(*rules)
    return {"admission": {"policy": policy, **rules[policy]}} if dice.often(0.8) else {}


def _plain(pool: dict[str, Any]) -> dict[str, Any]:
    """A pool without what makes requests more than a line before each server."""
    kept = {name: value for name, value in pool.items() if name not in {"queue", "front_end", "sharing"}}
    batching = pool["batching"]
    if BATCHING[batching["policy"]].RULE.every_event:
        batching = {"policy": "dynamic", "max_batch_size": batching.get("max_batch_size", 3), "max_queue_delay": "2 us"}
    return kept | {"instances": 1, "batching": batching}


def _profile(dice: Dice, coarse: bool) -> LatencyProfile:
    """A few latencies of whole ticks; between batch sizes they stay whole, as all grow by one an item."""
    steps = np.sort(dice.chance.integers(1, 9, size=8)).repeat(CELLS // 8 + 1)[: CELLS + 1].astype(np.float64)
    if not coarse:
        steps = np.sort(dice.chance.uniform(1, 9, CELLS + 1))
    curves = {(1, size): (steps + size) * TICK_NS for size in (1, WIDEST)}
    return LatencyProfile("drawn", curves, dict.fromkeys(curves, 1000), tail_known=True)


def _batching(dice: Dice, items: int) -> dict[str, Any]:
    policy = dice.one(*BATCHING)
    found: dict[str, Any] = {"policy": policy}
    most = items * dice.whole(1, 6) + dice.whole(0, items - 1)
    for field in dataclasses.fields(BATCHING[policy].Parameters):
        kind = str(field.type)
        if field.name in {"max_batch_size", "batch_size"}:
            found[field.name] = most
        elif field.name == "preferred_batch_sizes":
            found[field.name] = sorted({items * dice.whole(1, most // items) for _ in range(dice.whole(0, 2))})
        elif "Duration" in kind:
            found[field.name] = dice.ticks("Positive" in kind, 10)
        elif field.name.endswith("_ms"):
            found[field.name] = 1
        elif field.name.endswith("_micros"):
            found[field.name] = dice.whole(0, 10)
        elif field.name.endswith("_s"):
            found[field.name] = dice.whole(0, 10) / TICKS_PER_S
    return found


def _route(dice: Dice, names: list[str]) -> list[dict[str, Any]]:
    steps = []
    for _ in range(dice.one(1, 1, 2, 3)):
        pools = list(dice.chance.permutation(names)[: dice.whole(1, len(names))])
        balancer: Any = dice.one(*BALANCERS)
        if balancer == "weighted":
            balancer = {"policy": "weighted", "weights": {str(pools[0]): dice.one(0.5, 1, 3)}}
        steps.append({"pools": [str(name) for name in pools], "balancer": balancer})
    return steps
