"""Devices: what one server spreads over several, and what several pools share; contradictions and doubts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from capsim.documents.load import Path_
from capsim.errors import Fault
from capsim.units import SIZE

if TYPE_CHECKING:
    from capsim.scenario.schema import Pool, Scenario


def spread_faults(pool: Pool) -> Iterator[Fault]:
    """What contradicts itself about the devices of one pool; paths are relative to it."""
    if pool.parallel.pipeline > 1 and pool.instances > 1:
        yield Fault("instances", "a server that is a pipeline has one instance")
    elif pool.overhead.overlapped and pool.instances > 1:
        said = "is for a server of one instance; while one of several works, the others have their overhead anyway"
        yield Fault("overhead.overlapped", said)
    if pool.device is not None and pool.stages:
        where = "parallel.pipeline" if pool.parallel.pipeline > 1 else "overhead.overlapped"
        yield Fault(where, "is for a server that has its devices for itself, and device lets pools share one")
    hardware = None if pool.profile is None else pool.profile.hardware
    measured = None if hardware is None else hardware.devices
    if measured is not None and measured != pool.parallel.tensor:
        said = (
            f"must be {measured}, as {pool.profile and pool.profile.file} was measured on {measured} devices together"
        )
        yield Fault("parallel.tensor", said)


def _memory_faults(sharing: list[tuple[int, Pool]]) -> Iterator[tuple[Path_, str]]:
    """Models that do not fit on a device beside each other; sizes are those that profiles state."""
    profiles = [pool.profile for _, pool in sharing if pool.profile is not None]
    known = [(each.hardware.memory, each.file) for each in profiles if each.hardware and each.hardware.memory]
    taken = sum(_bytes_on_a_device(pool) for _, pool in sharing)
    if known and taken > min(known)[0]:
        has, file = min(known)
        what = "models" if len(sharing) == 1 else f"models of {', '.join(pool.name for _, pool in sharing)}"
        said = f"{what} take {SIZE.format(taken)} of each device, and {file} says that one has {SIZE.format(has)}"
        yield ("pools", sharing[-1][0]), said


def _bytes_on_a_device(pool: Pool) -> int:
    """What the instances of a pool take there: each has a model of its own, spread over the devices of a server."""
    memory = None if pool.profile is None else pool.profile.memory
    return 0 if memory is None else memory * pool.instances // pool.parallel.devices


def device_faults(scenario: Scenario) -> Iterator[tuple[Path_, str]]:
    """What contradicts itself between pools on one device."""
    for place, pool in enumerate(scenario.pools):
        if pool.device is None:
            yield from _memory_faults([(place, pool)])
    for device in dict.fromkeys(pool.device for pool in scenario.pools if pool.device is not None):
        sharing = [(place, pool) for place, pool in enumerate(scenario.pools) if pool.device == device]
        yield from _memory_faults(sharing)
        together = [(place, pool) for place, pool in sharing if not pool.takes_turns]
        if 0 < len(together) < len(sharing):
            place, pool = together[0]
            said = f"others take turns on {device} and pool {pool.name} does not; say sharing: {{turns: true}}"
            yield ("pools", place), said
        yield from _priced_twice(device, sharing)
        kinds = {pool.kind: pool.name for _, pool in sharing if pool.kind is not None}
        if len(kinds) > 1:
            told = ", ".join(f"{kind} by {name}" for kind, name in kinds.items())
            yield ("pools", sharing[-1][0], "device"), f"{device} is called {told}"


def _priced_twice(device: str, sharing: list[tuple[int, Pool]]) -> Iterator[tuple[Path_, str]]:
    """A server that pools share is paid once, by the pool that has the most of them."""
    priced = [(place, pool) for place, pool in sharing if pool.price is not None]
    most = max(pool.servers for _, pool in sharing)
    for place, _ in priced[1:]:
        said = f"{device} has the price of pool {priced[0][1].name} already; what pools share is paid once"
        yield ("pools", place, "price"), said
    for place, pool in priced[:1]:
        if pool.servers < most:
            said = f"belongs to the pool of {device} that has the most servers, {most}"
            yield ("pools", place, "price"), said


def on_one_device(pool: Pool, scenario: Scenario) -> list[Pool]:
    """The pools whose servers share the devices of a pool, with itself."""
    return [pool] if pool.device is None else [other for other in scenario.pools if other.device == pool.device]


def unpriced_pools(scenario: Scenario) -> list[Pool]:
    """The pools whose servers nobody pays: neither they have a price nor a pool on the same device."""
    return [pool for pool in scenario.pools if all(other.price is None for other in on_one_device(pool, scenario))]


def servers_of(scenario: Scenario) -> int:
    """How many servers a scenario has, those that pools share counted once."""
    shared: dict[str, int] = {}
    for pool in scenario.pools:
        if pool.device is not None:
            shared[pool.device] = max(shared.get(pool.device, 0), pool.servers)
    return sum(shared.values()) + sum(pool.servers for pool in scenario.pools if pool.device is None)


def device_doubts(pool: Pool, scenario: Scenario) -> Iterator[tuple[str, str]]:
    """What is doubtful about the devices of a pool: a code and what is said."""
    parallel, profile = pool.parallel, pool.profile
    if pool.device is not None and len(on_one_device(pool, scenario)) == 1:
        yield "without_effect", f"device has no effect: no other pool names {pool.device}"
    if pool.overhead.overlapped and not (pool.overhead.per_batch or pool.overhead.per_request):
        yield "without_effect", "overlapped has no effect: there is no overhead"
    if parallel.tensor > 1 and profile is not None and (profile.hardware is None or profile.hardware.devices is None):
        said = f"{profile.file} is assumed to be of {parallel.tensor} devices that work together; it does not say so"
        yield "parallel_assumed", said
    if parallel.pipeline > 1:
        said = f"{parallel.pipeline} stages of equal length are assumed, and no time from one to the next"
        yield "parallel_assumed", said
    offer = getattr(pool.price, "offer", None)
    if offer is not None and offer.accelerator and offer.accelerator_count < parallel.devices:
        said = f"a server has {parallel.devices} devices, and {offer.name} has {offer.accelerator_count}"
        yield "devices_beyond_offer", said
