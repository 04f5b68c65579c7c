"""What contradicts itself, or is doubtful, about faults and zones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from capsim.documents.load import Path_
from capsim.errors import CodedWarning, did_you_mean
from capsim.units import TIME

if TYPE_CHECKING:
    from capsim.scenario.schema import Scenario

FEW = 10
"""Fewer faults than these say little of what they do to the tail."""


def outage_faults(scenario: Scenario) -> Iterator[tuple[Path_, str]]:
    """Servers and zones that there are not, and pools in a zone and in several."""
    for number, pool in enumerate(scenario.pools):
        if pool.zone is not None and pool.zones is not None:
            yield ("pools", number, "zones"), "is given beside zone; give one of them"
        for place, outage in enumerate(pool.faults.at if pool.faults else ()):
            if outage.server is not None and outage.server >= pool.servers:
                said = f"is {outage.server}, but pool {pool.name} has servers 0 to {pool.servers - 1}"
                yield ("pools", number, "faults", "at", place, "server"), said
    names = sorted({name for pool in scenario.pools for name in pool.zone_names})
    for place, down in enumerate(scenario.zones.at if scenario.zones else ()):
        if down.zone not in names:
            said = f"no pool is in zone '{down.zone}'{did_you_mean(down.zone, names)}"
            yield ("zones", "at", place, "zone"), said
    if scenario.zones is not None and scenario.zones.faults is not None and not names:
        yield ("zones", "faults"), "need pools with a zone or zones"


def outage_doubts(scenario: Scenario) -> Iterator[CodedWarning]:
    """Outages that no request sees, and chances that hardly come up."""
    horizon = scenario.run.horizon
    given = [
        *((f"pool {pool.name}", out.from_) for pool in scenario.pools if pool.faults for out in pool.faults.at),
        *((f"zone {out.zone}", out.from_) for out in (scenario.zones.at if scenario.zones else ())),
    ]
    for what, from_ns in given:
        if from_ns >= horizon:
            said = f"{what}: the outage from {TIME.format(from_ns)} comes after the horizon"
            yield CodedWarning("outage_unseen", said)
    chances = [(f"pool {pool.name}", pool.faults.mtbf, pool.servers) for pool in scenario.pools if pool.faults]
    if scenario.zones is not None and scenario.zones.faults is not None:
        zones = len({name for pool in scenario.pools for name in pool.zone_names})
        chances.append(("zones", scenario.zones.faults.mtbf, zones))
    for what, mtbf, count in chances:
        seen = 0.0 if mtbf is None else horizon * scenario.run.least_replications * count / mtbf
        if mtbf is not None and seen < FEW:
            said = f"{what}: all replications together see about {seen:.2g} faults, so how many they see is chance"
            yield CodedWarning("few_faults", f"{said}; simulate longer, or give outages at instants")
