"""A serving system that is known through and through, measured by capsim itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from capsim.importer.loads.measured import LoadPoint
from capsim.profile.curve import CELLS
from capsim.profile.model import LatencyProfile
from capsim.scenario import Scenario, scenario_from
from capsim.validation.points import Effort, predict

QUICK = Effort(requests=600, replications=1)
LONG = Effort(requests=9000, replications=3, seed=9)
TRUE = {"overhead": {"per_batch": "1.5 ms"}, "noise": {"cv": 0.12}}


def profile() -> LatencyProfile:
    """5 ms alone, 12 ms for eight, with a tail of a tenth."""
    levels = np.linspace(0, 1, CELLS + 1)
    curves = {
        (1, size): np.interp(levels, [0, 0.5, 0.99, 1], [ms * 0.98, ms, ms * 1.05, ms * 1.1]) * 1e6
        for size, ms in ((1, 5.0), (4, 8.0), (8, 12.0))
    }
    return LatencyProfile("synthetic", curves, dict.fromkeys(curves, 1000), tail_known=True)


def system(pool: dict[str, Any] | None = None, **sections: Any) -> Scenario:
    """One server with Triton's batching, known but for what `pool` and `sections` add."""
    return scenario_from(
        {
            "name": "synthetic",
            "workload": {"arrivals": {"process": "closed_loop", "clients": 8}},
            "pools": [
                {
                    "name": "gpu",
                    "servers": 1,
                    "profile": profile(),
                    "batching": {"policy": "triton", "max_batch_size": 8},
                    **(pool or {}),
                }
            ],
            **sections,
        }
    )


def measure(truth: Scenario, loads: Sequence[float], load: str = "clients") -> list[LoadPoint]:
    """What a load generator would see, from seeds that no prediction uses."""
    empty = [LoadPoint(load, value, {}) for value in loads]
    found = [predict(truth, point, LONG) for point in empty]
    return [replace(point, measured=one.values, split=one.split) for point, one in zip(empty, found, strict=True)]
