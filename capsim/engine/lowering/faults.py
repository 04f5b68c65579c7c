"""When servers and zones are down."""

from __future__ import annotations

from capsim.distributions import Variate
from capsim.engine.blueprint import FaultsPlan, ZonePlan
from capsim.scenario import Scenario
from capsim.serving.faults import ChanceOfFaults, Faults


def faults_of(faults: Faults) -> FaultsPlan:
    """When the servers of a pool are down."""
    outages = tuple((outage.from_, outage.to, outage.server) for outage in faults.at)
    return _plan(outages, faults if faults.mtbf is not None else None)


def zones_of(scenario: Scenario) -> tuple[ZonePlan, ...]:
    """The zones that pools name, in the order in which they do."""
    names = dict.fromkeys(name for pool in scenario.pools for name in pool.zone_names)
    given, chance = (scenario.zones.at, scenario.zones.faults) if scenario.zones else ([], None)
    outages = {name: tuple((out.from_, out.to, None) for out in given if out.zone == name) for name in names}
    return tuple(ZonePlan(name, _plan(outages[name], chance)) for name in names)


def _plan(at: tuple[tuple[int, int, int | None], ...], chance: Faults | ChanceOfFaults | None) -> FaultsPlan:
    if chance is None:
        return FaultsPlan(at)
    spread = Variate("exponential", 1.0) if chance.distribution == "exponential" else None
    return FaultsPlan(at, chance.mtbf, spread, chance.mttr or 0, spread)
