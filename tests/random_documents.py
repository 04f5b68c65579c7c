"""Scenarios as users write them, over the whole grammar of classes, routes and clients: a pure function of a number."""

from __future__ import annotations

from typing import Any

import numpy as np

POLICIES: tuple[dict[str, Any], ...] = (
    {"policy": "none"},
    {"policy": "dynamic", "max_batch_size": 12, "max_queue_delay": "1 ms"},
    {"policy": "dynamic", "max_batch_size": 8},
    {"policy": "triton", "max_batch_size": 16, "max_queue_delay": "2 ms"},
)
ITEMS: tuple[Any, ...] = (
    1,
    3,
    {"values": {"1": "70 %", "8": "30 %"}},
    {"distribution": "gamma", "mean": 2.5, "cv": 0.8, "most": 8},
)
CLASSES = ("a", "b", "c")
DEEPEST = 3


class Writer:
    """Writes one scenario."""

    def __init__(self, number: int) -> None:
        self._dice = np.random.default_rng(number)
        self.names = CLASSES[: int(self._dice.integers(1, 4))]
        self.pools = [f"p{i}" for i in range(int(self._dice.integers(1, 4)))]

    def one(self, *choices: Any) -> Any:
        """One of several things."""
        return choices[int(self._dice.integers(len(choices)))]

    def often(self, share: float) -> bool:
        """True in this share of cases."""
        return bool(self._dice.random() < share)

    def document(self, *, knowable: bool = False) -> dict[str, Any]:
        """The scenario; `knowable` leaves out what closed forms do not know."""
        workload: dict[str, Any] = {"items_per_request": self.one(*ITEMS), "keys": {"zipf": 0.9, "count": 50}}
        if len(self.names) == 1 and self.often(0.5):
            workload["arrivals"] = self._arrivals(knowable)
            names: tuple[str, ...] = ()
        else:
            names = self.names
            workload["classes"] = [self._class(name, knowable) for name in names]
        return {
            "name": "random",
            "workload": workload,
            "pools": [self._pool(name) for name in self.pools],
            "route": self._route(0, names, knowable),
            "network": {
                "client": {"latency": "1 ms", "bandwidth": "1 Gbit/s"},
                "request_size": "20 kB",
                "response_size": "2 kB",
                "links": {"wan": {"latency": "5 ms"}, "up": {"bandwidth": "500 Mbit/s", "contention": True}},
            },
            "run": {"horizon": "1 s", "warmup": "0 s", "replications": 1, "seed": int(self._dice.integers(1000))},
            **({} if knowable or self.often(0.5) else {"clients": self._clients()}),
        }

    def _arrivals(self, knowable: bool) -> dict[str, Any]:
        rate = f"{self.one(40, 90, 150)} /s"
        kinds: list[dict[str, Any]] = [
            {"process": "poisson", "rate": rate},
            {"process": "gamma", "rate": rate, "cv": 2},
        ]
        kinds += [] if knowable else [{"process": "closed_loop", "clients": 5}]
        kinds += [] if knowable else [{"process": "mmpp", "rates": ["20 /s", rate], "sojourns": ["100 ms", "100 ms"]}]
        return dict(self.one(*kinds))

    def _class(self, name: str, knowable: bool) -> dict[str, Any]:
        given: dict[str, Any] = {"name": name, "arrivals": self._arrivals(knowable)}
        if self.often(0.5):
            given["items_per_request"] = self.one(*ITEMS)
        if self.often(0.5):
            given |= {"priority": self.one(-1, 0, 3), "deadline": self.one("20 ms", "100 ms")}
        if self.often(0.2):
            given["route"] = self._route(1, (name,), knowable)
        if not knowable and self.often(0.3):
            given["clients"] = self._clients()
        return given

    def _pool(self, name: str) -> dict[str, Any]:
        return {
            "name": name,
            "servers": self.one(1, 2, 3),
            "instances": self.one(1, 1, 2),
            "service": {"distribution": "gamma", "mean": self.one("2 ms", "6 ms"), "per_item": "0.5 ms", "cv": 0.5},
            "batching": self.one(*POLICIES),
            "queue": {"discipline": self.one("fifo", "priority", "edf"), "shared": self.often(0.3)},
            "overhead": self.one({}, {"per_batch": "0.2 ms", "per_request": "0.3 ms"}),
        }

    def _route(self, depth: int, names: tuple[str, ...], knowable: bool) -> list[dict[str, Any]]:
        nodes = [self._node(depth, names, knowable) for _ in range(int(self._dice.integers(1, 4)))]
        return [*nodes, self._step()] if depth == 0 else nodes

    def _step(self) -> dict[str, Any]:
        listed = [name for name in self.pools if self.often(0.5)] or [self.one(*self.pools)]
        return {"pools": listed, "balancer": self.one("least_outstanding", "round_robin", "random")}

    def _node(self, depth: int, names: tuple[str, ...], knowable: bool) -> dict[str, Any]:
        kinds = ["step", "step", "delay", "link", "ratio"]
        kinds += [] if knowable else ["keys"]
        kinds += ["parallel", "shares", "classes"] if depth < DEEPEST else []
        kind = self.one(*kinds)
        if kind == "step":
            return self._step()
        if kind == "delay":
            return {"delay": self.one("3 ms", {"distribution": "lognormal", "mean": "4 ms", "cv": 1.5})}
        if kind == "link":
            return {"link": self.one("wan", "up"), "carries": self.one("request", "response")}
        if kind == "ratio":
            return {"cache": {"hit_ratio": self.one("10 %", "50 %"), "look_up": self.one("0 ms", "1 ms")}}
        if kind == "keys":
            return {"cache": {"capacity": 10, "coalesce": self.often(0.5), "ttl": "300 ms", "look_up": "0.1 ms"}}
        if kind == "parallel":
            branches = [self._route(depth + 1, names, knowable) for _ in range(int(self._dice.integers(1, 4)))]
            first = {} if knowable or self.often(0.5) else {"wait_for": int(self._dice.integers(1, len(branches) + 1))}
            return {"parallel": branches, **first}
        if kind == "classes" and names:
            parts = [{"class": name, "route": self._way(depth, (name,), knowable)} for name in names]
            return {"choose": parts}
        share = self.one("0 %", "25 %", "70 %")
        first_way = {"share": share, "route": self._way(depth, names, knowable)}
        return {"choose": [first_way, {"share": "rest", "route": self._way(depth, names, knowable)}]}

    def _way(self, depth: int, names: tuple[str, ...], knowable: bool) -> list[dict[str, Any]]:
        return [] if self.often(0.3) else self._route(depth + 1, names, knowable)

    def _clients(self) -> dict[str, Any]:
        clients: dict[str, Any] = {"timeout": self.one("15 ms", "60 ms"), "cancel": self.often(0.5)}
        if self.often(0.6):
            backoff = {"first": "2 ms", "factor": 2, "jitter": self.one("none", "full", "equal")}
            clients["retry"] = {"most": self.one(1, 3), "backoff": backoff}
            clients["retry"] |= {"budget": "20 %"} if self.often(0.5) else {}
        if self.often(0.5):
            clients["hedge"] = {"after": self.one("8 ms", "p90", "p50"), "most": self.one(1, 2)}
        if self.often(0.3):
            clients["breaker"] = {"failures": "50 %", "window": "200 ms", "least": 5, "open": "50 ms"}
        return clients


def random_document(number: int, *, knowable: bool = False) -> dict[str, Any]:
    """The scenario of a number; `knowable` has nothing that closed forms do not know."""
    return Writer(number).document(knowable=knowable)
