"""Contradictions between settings that are each well formed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from capsim.documents import Document
from capsim.errors import Fault, did_you_mean
from capsim.units import NS_PER_S, TIME
from capsim.workload import ClosedLoop, Trace
from capsim.workload.arrivals import offered_per_s

if TYPE_CHECKING:
    from capsim.scenario.schema import Pool, Scenario

MOST_REQUESTS = 2_000_000_000
MOST_BATCH_REQUESTS = 65_536


def pool_faults(pool: Pool) -> list[Fault]:
    """What contradicts itself inside a pool; paths are relative to it."""
    faults = []
    if (pool.profile is None) == (pool.service is None):
        faults.append(Fault("", "needs either a profile or a service"))
    if pool.noise is not None and pool.profile is None:
        faults.append(Fault("noise", "is for a profile; a service says its own cv"))
    if pool.queue.shared and pool.front_end.before:
        faults.append(Fault("front_end.before", "a server's front end cannot stand before a queue shared by all"))
    profile = pool.profile
    if profile is not None and pool.extrapolate and len(profile.batch_sizes) == 1:
        faults.append(Fault("extrapolate", f"{profile.file} was measured at one batch size, which gives no slope"))
    return faults


def reference_faults(document: Document) -> list[Fault]:
    """Names given twice and names that nothing bears, read from the raw document so that no other fault hides them."""
    data = document.data if isinstance(document.data, dict) else {}
    pools = _mappings(data.get("pools"))
    names = [str(pool.get("name")) for pool in pools if pool.get("name") is not None]
    faults = [
        Fault(
            f"pools[{i}].name", f"'{pool['name']}' is the name of an earlier pool", document.line(("pools", i, "name"))
        )
        for i, pool in enumerate(pools)
        if pool.get("name") in names[: names.index(str(pool["name"])) + 1] and names.index(str(pool["name"])) != i
        if pool.get("name") is not None
    ]
    if len(names) > 1 and not data.get("route"):
        faults.append(Fault("route", "is needed with more than one pool", document.line(())))
    for i, step in enumerate(_mappings(data.get("route"))):
        visited = step.get("pools") if isinstance(step.get("pools"), list) else []
        balancer = step.get("balancer")
        weights = balancer.get("weights") if isinstance(balancer, dict) else None
        for j, name in enumerate(visited or []):
            if isinstance(name, str) and name not in names:
                found = f"there is no pool '{name}'{did_you_mean(name, names)}"
                faults.append(Fault(f"route[{i}].pools[{j}]", found, document.line(("route", i, "pools", j))))
        for name, count in Counter(str(name) for name in visited or []).items():
            if count > 1:
                faults.append(Fault(f"route[{i}].pools", f"names '{name}' twice", document.line(("route", i, "pools"))))
        for name in weights if isinstance(weights, dict) else []:
            if name not in (visited or []):
                found = f"'{name}' is not a pool of this step{did_you_mean(name, map(str, visited or []))}"
                path = ("route", i, "balancer", "weights", name)
                faults.append(Fault(f"route[{i}].balancer.weights.{name}", found, document.line(path)))
    return faults


def _mappings(value: Any) -> list[dict[str, Any]]:
    """The list with anything that is no mapping as an empty one, so that positions stay."""
    return [item if isinstance(item, dict) else {} for item in value] if isinstance(value, list) else []


def scenario_faults(scenario: Scenario, document: Document) -> list[Fault]:
    """What contradicts itself between sections."""
    found = [*_load_faults(scenario), *_batch_faults(scenario), *_run_faults(scenario)]
    return [Fault(text, message, document.line(path)) for path, text, message in found]


Found = tuple[tuple[str | int, ...], str, str]


def _load_faults(scenario: Scenario) -> list[Found]:
    arrivals, horizon = scenario.workload.arrivals, scenario.run.horizon
    path = ("workload", "arrivals")
    if isinstance(arrivals, Trace):
        first = int(arrivals.times_ns()[0])
        if first >= horizon:
            said = f"the first request is sent at {TIME.format(first)}, after the horizon of {TIME.format(horizon)}"
            return [((*path, "file"), "workload.arrivals.file", said)]
    if isinstance(arrivals, ClosedLoop):
        bounded = any(pool.capacity is not None for pool in scenario.pools)
        network = scenario.network
        round_trip = network.transfer_ns(network.request_size) + network.transfer_ns(network.response_size)
        if bounded and not (arrivals.mean_think_ns or arrivals.retry_delay or round_trip):
            said = (
                "is needed: with a bounded queue, no think time and no network a rejected request would return at once"
            )
            return [((*path, "retry_delay"), "workload.arrivals.retry_delay", said)]
        return []
    expected = (offered_per_s(arrivals, horizon / NS_PER_S) or 0) * horizon / NS_PER_S
    if expected > MOST_REQUESTS:
        said = f"about {expected:.3g} requests before the horizon; at most {MOST_REQUESTS:.0e} can be simulated"
        return [(("run", "horizon"), "run.horizon", said)]
    return []


def _batch_faults(scenario: Scenario) -> list[Found]:
    items = scenario.workload.items_per_request
    found: list[Found] = []
    for i, pool in enumerate(scenario.pools):
        base, text = ("pools", i), f"pools[{i}]"
        most_items = getattr(pool.batching, "max_batch_size", items)
        if most_items < items:
            said = f"a request of {items} items does not fit into a batch of {most_items}"
            found.append(((*base, "batching", "max_batch_size"), f"{text}.batching.max_batch_size", said))
            continue
        most = pool.batching.most_requests(items)
        if most > MOST_BATCH_REQUESTS:
            said = f"at most {MOST_BATCH_REQUESTS} requests a batch, got {most}"
            found.append(((*base, "batching", "max_batch_size"), f"{text}.batching.max_batch_size", said))
        elif pool.profile is not None and not pool.extrapolate:
            sizes = pool.profile.batch_sizes
            for size in sorted({items, most * items}):
                if not pool.profile.covers(size):
                    said = (
                        f"batches of {size} items are beyond what {pool.profile.file} measured "
                        f"({sizes[0]} to {sizes[-1]}); measure them, or say extrapolate: true"
                    )
                    found.append(((*base, "batching"), f"{text}.batching", said))
    return found


def _run_faults(scenario: Scenario) -> list[Found]:
    run = scenario.run
    found: list[Found] = []
    if run.precision is not None and run.replications is not None:
        found.append((("run", "precision"), "run.precision", "excludes replications; give one of them"))
    if run.warmup != "auto" and run.warmup >= run.horizon:
        found.append((("run", "warmup"), "run.warmup", f"must be less than the horizon of {TIME.format(run.horizon)}"))
    return found
