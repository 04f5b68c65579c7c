"""Contradictions between settings that are each well formed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from capsim.documents import Document
from capsim.documents.load import Path_
from capsim.errors import Fault
from capsim.scenario.devices import device_faults, spread_faults
from capsim.scenario.outages import outage_faults
from capsim.scenario.path_rules import path_faults
from capsim.units import NS_PER_S, TIME
from capsim.workload import ItemCounts, item_counts

if TYPE_CHECKING:
    from capsim.scenario.classes import RequestClass
    from capsim.scenario.schema import Pool, Scenario

MOST_REQUESTS = 2_000_000_000
MOST_BATCH_REQUESTS = 65_536
MOST_SERVERS = 100_000
LONGEST_NS = int(TIME.most)


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


def scenario_faults(scenario: Scenario, document: Document) -> list[Fault]:
    """What contradicts itself between sections."""
    faults = [*_load_faults(scenario), *_batch_faults(scenario), *_run_faults(scenario), *path_faults(scenario)]
    faults += [*_network_faults(scenario), *device_faults(scenario), *outage_faults(scenario)]
    servers = sum(pool.servers for pool in scenario.pools)
    if servers > MOST_SERVERS:
        faults.append((("pools",), f"have {servers} servers together; at most {MOST_SERVERS} can be simulated"))
    faults += [] if faults else _closed_loop_faults(scenario)
    return [document.fault(path, message) for path, message in faults]


Found = tuple[Path_, str]


def _load_faults(scenario: Scenario) -> list[Found]:
    horizon = scenario.run.horizon
    faults = [fault for i, each in enumerate(scenario.classes) for fault in _arrival_faults(scenario, each, i)]
    return faults or _length_faults(horizon, scenario.workload.combined.offered_per_s(horizon / NS_PER_S) or 0)


def _arrival_faults(scenario: Scenario, each: RequestClass, number: int) -> list[Found]:
    arrivals = each.arrivals
    path = (*class_path(scenario, number), "arrivals")
    faults: list[Found] = [((*path, field), said) for field, said in arrivals.faults(scenario.run.horizon)]
    bounded = any(pool.capacity is not None or pool.admission is not None for pool in scenario.pools)
    if bounded and arrivals.sends_at_once and not (arrivals.retry_delay or scenario.network.round_trip_ns):
        said = "is needed: with a bounded queue or an admission rule, no think time and no network a rejected request "
        said += "would return at once"
        faults.append(((*path, "retry_delay"), said))
    return faults


def class_path(scenario: Scenario, number: int) -> Path_:
    """Where a class stands in the document: the workload itself where it names none."""
    return ("workload",) if scenario.workload.classes is None else ("workload", "classes", number)


def _closed_loop_faults(scenario: Scenario) -> list[Found]:
    """How many requests the clients cause, for a scenario whose settings fit each other."""
    from capsim.scenario.demand import closed_loop_per_s  # which needs the schema, which needs these rules

    if scenario.workload.combined.clients is None:
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
    faults: list[Found] = [
        (("network", name), f"takes more than {TIME.format(LONGEST_NS)} at this bandwidth")
        for name in ("request_size", "response_size")
        if network.transfer_ns(getattr(network, name)) - network.client.latency > LONGEST_NS
    ]
    if faults:
        return faults
    sizes = [size or 0 for each in scenario.classes for size in (each.request_size, each.response_size)]
    for name, link in {"client": network.client, **network.links}.items():
        if max(map(link.transfer_ns, sizes)) - link.latency > LONGEST_NS:
            path = ("network", "client") if name == "client" else ("network", "links", name)
            faults.append(((*path, "bandwidth"), f"takes more than {TIME.format(LONGEST_NS)} for a message"))
    return faults


def _batch_faults(scenario: Scenario) -> list[Found]:
    from capsim.scenario.visits import items_at  # which needs the schema, which needs these rules

    carried, every = items_at(scenario), item_counts(scenario.items_per_unit)
    faults: list[Found] = []
    for i, pool in enumerate(scenario.pools):
        faults += [
            (("pools", i, *below), said)
            for below, said in _pool_batch_faults(pool, carried.get(pool.name, every), scenario.items_per_unit)
        ]
    return faults


def _pool_batch_faults(pool: Pool, items: ItemCounts, unit: int) -> Iterator[Found]:
    """Batches of a pool that cannot be, of requests that carry so many items; batches count by `unit`."""
    most_items = getattr(pool.batching, "max_batch_size", items.most)
    if most_items < items.most:
        said = f"a request of {items.most} items does not fit into a batch of {most_items}"
        yield ("batching", "max_batch_size"), said
        return
    most = max(pool.batching.most_requests(unit), items.most // unit)
    if most > MOST_BATCH_REQUESTS:
        yield ("batching", "max_batch_size"), f"at most {MOST_BATCH_REQUESTS} requests a batch, got {most}"
    elif pool.overhead.per_batch + pool.overhead.per_request * most > LONGEST_NS:
        yield ("overhead",), f"holds a batch of {most} requests for more than {TIME.format(LONGEST_NS)}"
    elif pool.profile is not None and not pool.extrapolate:
        sizes = pool.profile.batch_sizes
        for size in sorted({items.values[0], most * unit}):
            if not pool.profile.covers(size):
                said = (
                    f"batches of {size} items are beyond what {pool.profile.file} measured "
                    f"({sizes[0]} to {sizes[-1]}); measure them, or say extrapolate: true"
                )
                yield ("batching",), said


def _run_faults(scenario: Scenario) -> list[Found]:
    run = scenario.run
    faults: list[Found] = []
    if run.precision is not None and run.replications is not None:
        faults.append((("run", "precision"), "excludes replications; give one of them"))
    if run.warmup != "auto" and run.warmup >= run.horizon:
        faults.append((("run", "warmup"), f"must be less than the horizon of {TIME.format(run.horizon)}"))
    return faults
