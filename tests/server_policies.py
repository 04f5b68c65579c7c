"""A pool under the rule of each server."""

from __future__ import annotations

from typing import Any

from capsim.engine import Blueprint, lower
from capsim.scenario import scenario_from

POLICIES: dict[str, dict[str, Any]] = {
    "bentoml": {"policy": "bentoml", "max_batch_size": 8},
    "bentoml, late": {"policy": "bentoml", "max_batch_size": 4, "max_latency_ms": 14},
    "triton, delay": {"policy": "triton", "max_batch_size": 8, "max_queue_delay": "2 ms", "preferred_batch_sizes": [4]},
    "triton, no delay": {"policy": "triton", "max_batch_size": 8, "preferred_batch_sizes": [2, 6]},
    "triton_frozen, delay": {
        "policy": "triton_frozen",
        "max_batch_size": 8,
        "max_queue_delay": "2 ms",
        "preferred_batch_sizes": [4],
    },
    "triton_frozen, short delay": {"policy": "triton_frozen", "max_batch_size": 6, "max_queue_delay": "1 us"},
    "triton_frozen, no delay": {"policy": "triton_frozen", "max_batch_size": 8, "preferred_batch_sizes": [2, 6]},
    "tf_serving": {
        "policy": "tf_serving",
        "max_batch_size": 8,
        "batch_timeout_micros": 2000,
        "max_enqueued_batches": 4,
    },
    "torchserve": {"policy": "torchserve", "batch_size": 8, "max_batch_delay": "3 ms"},
    "ray_serve": {"policy": "ray_serve", "max_batch_size": 4},
    "litserve": {"policy": "litserve", "max_batch_size": 4, "batch_timeout": "5 ms"},
    "mlserver": {"policy": "mlserver", "max_batch_size": 8, "max_batch_time": "4 ms"},
}
LOADS: list[dict[str, Any]] = [
    {"process": "poisson", "rate": "700 /s"},
    {"process": "closed_loop", "clients": 20, "think_time": "1 ms"},
]


def served(policy: str, arrivals: dict[str, Any], pool: dict[str, Any]) -> Blueprint:
    """Two servers under a policy of `POLICIES` and a load for a second."""
    scenario = scenario_from(
        {
            "name": policy,
            "workload": {"arrivals": arrivals},
            "pools": [
                {
                    "name": "pool",
                    "servers": 2,
                    "service": {"distribution": "gamma", "mean": "4 ms", "cv": 0.3, "per_item": "0.5 ms"},
                    "batching": POLICIES[policy],
                    **pool,
                }
            ],
            "run": {"horizon": "1 s"},
        }
    )
    return lower(scenario)
