"""Contradictions between settings that are each well formed."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

from capsim.documents import Document
from capsim.documents.load import Path_
from capsim.errors import Fault, did_you_mean
from capsim.scenario.devices import device_faults, spread_faults
from capsim.units import NS_PER_S, TIME

if TYPE_CHECKING:
    from capsim.scenario.schema import Pool, Scenario

MOST_REQUESTS = 2_000_000_000
MOST_BATCH_REQUESTS = 65_536
MOST_SERVERS = 100_000
LONGEST_NS = int(TIME.most)
MOST_FAULTS = 200
BY_POOL = ("weights", "most", "latency")
"""Settings of balancers that go by the name of a pool."""


def pool_faults(pool: Pool) -> list[Fault]:
    """What contradicts itself inside a pool; paths are relative to it."""
    faults = []
    if (pool.profile is None) == (pool.service is None):
        faults.append(Fault("", "needs either a profile or a service"))
    faults += [
        Fault(name, "is for a profile; a service says its own cv")
        for name in ("noise", "jitter")
        if getattr(pool, name) is not None and pool.profile is None
    ]
    if pool.queue.shared and pool.front_end.before:
        faults.append(Fault("front_end.before", "a server's front end cannot stand before a queue shared by all"))
    profile = pool.profile
    if profile is not None and pool.extrapolate and len(profile.batch_sizes) == 1:
        faults.append(Fault("extrapolate", f"{profile.file} was measured at one batch size, which gives no slope"))
    return [*faults, *spread_faults(pool)]


def reference_faults(document: Document) -> list[Fault]:
    """Names given twice and names that nothing bears, read from the raw document so that no other fault hides them."""
    return [document.fault(path, message) for path, message in itertools.islice(_misnamed(document), MOST_FAULTS)]


def _misnamed(document: Document) -> Iterator[tuple[Path_, str]]:
    data = document.data if isinstance(document.data, dict) else {}
    pools = _mappings(data.get("pools"))
    names: dict[str, None] = {}
    for i, pool in enumerate(pools):
        name = pool.get("name")
        if isinstance(name, str) and name in names:
            yield ("pools", i, "name"), f"'{name}' is the name of an earlier pool"
        elif isinstance(name, str):
            names[name] = None
    if len(pools) > 1 and not data.get("route"):
        yield ("route",), "is needed with more than one pool"
    for i, step in enumerate(_mappings(data.get("route"))):
        yield from _misnamed_in_step(("route", i), step, names)


def _misnamed_in_step(path: Path_, step: dict[str, Any], names: Collection[str]) -> Iterator[tuple[Path_, str]]:
    listed, balancer = step.get("pools"), step.get("balancer")
    listed = listed if isinstance(listed, list) else []
    visited = Counter(name for name in listed if isinstance(name, str))
    for j, name in enumerate(listed):
        if isinstance(name, str) and name not in names:
            yield (*path, "pools", j), f"there is no pool '{name}'{did_you_mean(name, names)}"
    for name, count in visited.items():
        if count > 1:
            yield (*path, "pools"), f"names '{name}' twice"
    by_pool = {field: balancer.get(field) for field in BY_POOL} if isinstance(balancer, dict) else {}
    for field, named in by_pool.items():
        for name in named if isinstance(named, dict) else ():
            if name not in visited:
                said = f"'{name}' is not a pool of this step{did_you_mean(str(name), visited)}"
                yield (*path, "balancer", field, name), said
    weights = by_pool.get("weights")
    if isinstance(weights, dict) and visited and all(weights.get(name, 1) == 0 for name in visited):
        yield (*path, "balancer", "weights"), "must be more than zero for at least one pool of the step"


def _mappings(value: Any) -> list[dict[str, Any]]:
    """The list with anything that is no mapping as an empty one, so that positions stay."""
    return [item if isinstance(item, dict) else {} for item in value] if isinstance(value, list) else []


def scenario_faults(scenario: Scenario, document: Document) -> list[Fault]:
    """What contradicts itself between sections."""
    faults = [*_load_faults(scenario), *_batch_faults(scenario), *_run_faults(scenario)]
    faults += [*_network_faults(scenario), *device_faults(scenario)]
    servers = sum(pool.servers for pool in scenario.pools)
    if servers > MOST_SERVERS:
        faults.append((("pools",), f"have {servers} servers together; at most {MOST_SERVERS} can be simulated"))
    faults += [] if faults else _closed_loop_faults(scenario)
    return [document.fault(path, message) for path, message in faults]


Found = tuple[Path_, str]


def _load_faults(scenario: Scenario) -> list[Found]:
    arrivals, horizon = scenario.workload.arrivals, scenario.run.horizon
    path = ("workload", "arrivals")
    contradictions: list[Found] = [((*path, field), said) for field, said in arrivals.faults(horizon)]
    bounded = any(pool.capacity is not None or pool.admission is not None for pool in scenario.pools)
    if bounded and arrivals.sends_at_once and not (arrivals.retry_delay or scenario.network.round_trip_ns):
        said = "is needed: with a bounded queue or an admission rule, no think time and no network a rejected request "
        said += "would return at once"
        contradictions.append(((*path, "retry_delay"), said))
    return contradictions or _length_faults(horizon, arrivals.offered_per_s(horizon / NS_PER_S) or 0)


def _closed_loop_faults(scenario: Scenario) -> list[Found]:
    """How many requests the clients cause, for a scenario whose settings fit each other."""
    from capsim.scenario.demand import closed_loop_per_s  # which needs the schema, which needs these rules

    if scenario.workload.arrivals.clients is None:
        return []
    return _length_faults(scenario.run.horizon, closed_loop_per_s(scenario))


def _length_faults(horizon: int, per_s: float) -> list[Found]:
    expected = per_s * horizon / NS_PER_S
    if expected <= MOST_REQUESTS:
        return []
    said = f"about {expected:.3g} requests before the horizon; at most {MOST_REQUESTS:.0e} can be simulated"
    return [(("run", "horizon"), said)]


def _network_faults(scenario: Scenario) -> list[Found]:
    network = scenario.network
    return [
        (("network", name), f"takes more than {TIME.format(LONGEST_NS)} at this bandwidth")
        for name in ("request_size", "response_size")
        if network.transfer_ns(getattr(network, name)) - network.client.latency > LONGEST_NS
    ]


def _batch_faults(scenario: Scenario) -> list[Found]:
    items = scenario.workload.items_per_request
    faults: list[Found] = []
    for i, pool in enumerate(scenario.pools):
        base = ("pools", i)
        most_items = getattr(pool.batching, "max_batch_size", items)
        if most_items < items:
            said = f"a request of {items} items does not fit into a batch of {most_items}"
            faults.append(((*base, "batching", "max_batch_size"), said))
            continue
        most = pool.batching.most_requests(items)
        if most > MOST_BATCH_REQUESTS:
            said = f"at most {MOST_BATCH_REQUESTS} requests a batch, got {most}"
            faults.append(((*base, "batching", "max_batch_size"), said))
        elif pool.overhead.per_batch + pool.overhead.per_request * most > LONGEST_NS:
            said = f"holds a batch of {most} requests for more than {TIME.format(LONGEST_NS)}"
            faults.append(((*base, "overhead"), said))
        elif pool.profile is not None and not pool.extrapolate:
            sizes = pool.profile.batch_sizes
            for size in sorted({items, most * items}):
                if not pool.profile.covers(size):
                    said = (
                        f"batches of {size} items are beyond what {pool.profile.file} measured "
                        f"({sizes[0]} to {sizes[-1]}); measure them, or say extrapolate: true"
                    )
                    faults.append(((*base, "batching"), said))
    return faults


def _run_faults(scenario: Scenario) -> list[Found]:
    run = scenario.run
    faults: list[Found] = []
    if run.precision is not None and run.replications is not None:
        faults.append((("run", "precision"), "excludes replications; give one of them"))
    if run.warmup != "auto" and run.warmup >= run.horizon:
        faults.append((("run", "warmup"), f"must be less than the horizon of {TIME.format(run.horizon)}"))
    return faults
