"""Random small scenarios on a coarse clock: nearly all times are whole milliseconds, so that ties are frequent."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
from hypothesis import strategies as st

from capsim.serving.balancing import BALANCING
from capsim.serving.batching import BATCHING
from capsim.workload import TraceFile

TEXT_BOOK = ("none", "dynamic")
LOADS = ("trace", "coarse_trace", "closed_loop", "deterministic", "poisson", "mmpp")
NAMES = ("a", "b", "c")


def ms(least: int, most: int) -> st.SearchStrategy[str]:
    """A time."""
    return st.integers(least, most).map(lambda count: f"{count} ms")


@st.composite
def documents(
    draw: st.DrawFn,
    loads: Collection[str] = LOADS,
    policies: Collection[str] = tuple(BATCHING),
    distributions: Collection[str] = ("constant", "exponential"),
    overlaps: Collection[float] = (0.0, 0.5, 1.0),
    *,
    single: bool = False,
) -> dict[str, Any]:
    """A scenario as its file would hold it, with everything that a scenario can have, or a single pool and step."""
    items = draw(st.integers(1, 3))
    names = NAMES[: 1 if single else draw(st.sampled_from([1, 1, 2, 3]))]
    pools = [draw(_pools(name, items, policies, distributions, overlaps)) for name in names]
    return {
        "name": "random",
        "workload": {"arrivals": draw(_arrivals(loads)), "items_per_request": items},
        "pools": pools,
        "route": [draw(_steps(names)) for _ in range(1 if single else draw(st.sampled_from([1, 1, 2, 3])))],
        "network": draw(_networks()),
        "run": {
            "horizon": draw(ms(20, 50)),
            "drain": draw(ms(0, 80)),
            "seed": draw(st.integers(0, 3)),
            "replications": 1,
        },
    }


@st.composite
def _pools(
    draw: st.DrawFn,
    name: str,
    items: int,
    policies: Collection[str],
    distributions: Collection[str],
    overlaps: Collection[float],
) -> dict[str, Any]:
    shared = draw(st.booleans())
    service = {"distribution": draw(st.sampled_from(sorted(distributions))), "mean": draw(ms(1, 6))}
    return {
        "name": name,
        "servers": draw(st.sampled_from([1, 1, 2, 3])),
        "instances": draw(st.sampled_from([1, 1, 2, 3])),
        "service": service | {"per_item": draw(ms(0, 2))},
        "batching": draw(_batching(items, policies)),
        "queue": {
            "shared": shared,
            "capacity": draw(st.sampled_from([None, None, None, 0, 1, 2, 4])),
            "timeout": draw(st.sampled_from([None, None, None, "1 ms", "3 ms", "8 ms"])),
        },
        "overhead": {"per_batch": draw(ms(0, 2)), "per_request": draw(ms(0, 1))},
        "front_end": {"before": "0 ms" if shared else draw(ms(0, 2)), "after": draw(ms(0, 2))},
        "sharing": {"overlap": draw(st.sampled_from(sorted(overlaps)))},
    }


@st.composite
def _batching(draw: st.DrawFn, items: int, policies: Collection[str]) -> dict[str, Any]:
    policy = draw(st.sampled_from(sorted(policies)))
    most = items * draw(st.integers(1, 4)) + draw(st.integers(0, items - 1))
    sizes = st.lists(st.integers(1, most), max_size=3)
    waiting: dict[str, dict[str, st.SearchStrategy[Any]]] = {
        "dynamic": {"max_queue_delay": st.sampled_from(["0 ms", "2 ms", "6 ms"]), "preferred_batch_sizes": sizes},
        "triton": {"max_queue_delay": ms(0, 5), "preferred_batch_sizes": sizes},
        "tf_serving": {
            "batch_timeout_micros": st.integers(0, 5).map(lambda count: 1000 * count),
            "max_enqueued_batches": st.none() | st.integers(1, 2),
        },
        "torchserve": {"max_batch_delay": ms(0, 5)},
        "ray_serve": {"batch_wait_timeout_s": st.integers(0, 5).map(lambda count: count / 1000)},
        "litserve": {"batch_timeout": ms(0, 5)},
        "mlserver": {"max_batch_time": ms(0, 5)},
        "bentoml": {"max_latency_ms": st.integers(1, 30)},
    }
    settings = draw(st.fixed_dictionaries(waiting.get(policy, {})))
    fields = BATCHING[policy].Parameters.__dataclass_fields__
    limit = next((name for name in ("max_batch_size", "batch_size") if name in fields), None)
    return {"policy": policy, **settings, **({limit: most} if limit else {})}


@st.composite
def _arrivals(draw: st.DrawFn, loads: Collection[str]) -> dict[str, Any]:
    process = draw(st.sampled_from(sorted(loads)))
    if process in {"trace", "coarse_trace"}:
        # Asked for a list of up to 30, Hypothesis gives one of 5 on average: too light a load to see much.
        count = draw(st.sampled_from([3, 10, 20, 30]))
        gaps = draw(st.lists(st.sampled_from([0, 0, 1, 1, 2, 5]), min_size=count, max_size=count))
        file = TraceFile("trace.csv", np.cumsum(gaps) / 1000)
        return {"process": "trace", "file": file} | ({} if process == "trace" else {"resolution": "1 ms"})
    if process == "closed_loop":
        # Think times that the number of clients divides, so that the stagger is exact.
        clients = draw(st.sampled_from([1, 2, 4, 5]))
        return {
            "process": process,
            "clients": clients,
            "think_time": draw(ms(0, 8)),
            "retry_delay": draw(ms(1, 3)),
        }
    if process == "mmpp":
        return {"process": process, "rates": ["0 /s", "1500 /s"], "sojourns": [draw(ms(1, 9)), draw(ms(1, 9))]}
    return {"process": process, "rate": draw(st.sampled_from(["200 /s", "500 /s", "1000 /s"]))}


@st.composite
def _steps(draw: st.DrawFn, names: tuple[str, ...]) -> dict[str, Any]:
    visited = draw(st.lists(st.sampled_from(names), min_size=1, max_size=len(names), unique=True))
    policy = draw(st.sampled_from(sorted(BALANCING)))
    balancer: dict[str, Any] = {"policy": policy}
    if policy == "weighted":
        # One of them weighs something at any rate.
        balancer["weights"] = {name: draw(st.integers(0, 3)) for name in visited} | {visited[-1]: 1}
    if policy == "fallback":
        balancer["most"] = {visited[0]: draw(st.integers(1, 4))}
    if policy == "nearest":
        balancer |= {"latency": {visited[0]: draw(ms(0, 2))}, "most": draw(st.sampled_from([None, 1, 3]))}
    return {"pools": visited, "balancer": balancer}


@st.composite
def _networks(draw: st.DrawFn) -> dict[str, Any]:
    # 8 Mbit/s make a millisecond of each kB.
    bandwidth = draw(st.sampled_from([None, "8 Mbit/s"]))
    return {
        "client": {"latency": draw(ms(0, 3)), "bandwidth": bandwidth},
        "request_size": f"{draw(st.integers(0, 2))} kB",
        "response_size": f"{draw(st.integers(0, 2))} kB",
    }
