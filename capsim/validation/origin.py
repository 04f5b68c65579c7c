"""What the way in which a load was measured makes doubtful about its prediction."""

from __future__ import annotations

from collections.abc import Iterator

from capsim.errors import CodedWarning
from capsim.importer.loads.measured import Measurements
from capsim.scenario import Scenario
from capsim.units import NS_PER_S

PAUSE_FELT = 0.05
"""The share of a client's cycle from which a pause changes the load."""
LOOPS = {
    "closed": "closed loop",
    "open": "open loop",
    "replayed": "arrivals as the log has them",
    "given": "loads as each file says",
}


def sentence(origin: Measurements) -> str:
    """What was read, who sent the requests, and what their latency holds."""
    return f"{origin.tool} (format {origin.format}), {LOOPS[origin.loop]}; latency: {origin.latency_holds}"


def doubts(scenario: Scenario, origin: Measurements) -> Iterator[CodedWarning]:
    """What the file itself makes doubtful, and where scenario and measurement differ in kind."""
    yield from origin.warnings
    process = getattr(scenario.workload.arrivals, "process", "")
    simulated = "deterministic" if process == "deterministic" else "poisson" if process != "gamma" else "gamma"
    usual = {"constant": "deterministic", "poisson": "poisson"}.get(origin.gaps or "")
    if origin.loop == "open" and usual is not None and usual != simulated:
        said = f"{origin.tool} sends at {usual} gaps, and {simulated} ones are simulated"
        yield CodedWarning("gaps_differ", f"{said}; workload.arrivals.process={usual} is what was measured")
    if origin.loop == "open" and origin.gaps == "unknown":
        said = f"{origin.source} does not say how requests were spaced; {simulated} gaps are simulated"
        yield CodedWarning("gaps_unknown", said)
    yield from _pauses(scenario, origin)
    client = scenario.network.client if scenario.network else None
    if origin.at_server and client is not None and client.latency > 0:
        said = "the latency was seen at the server and holds nothing of the client's network, which the scenario adds"
        yield CodedWarning("network_not_measured", f"{said}; set network.client.latency=0 ms to compare")


def _pauses(scenario: Scenario, origin: Measurements) -> Iterator[CodedWarning]:
    """Clients that paused otherwise than those of the scenario do."""
    if origin.think_s is None or origin.loop != "closed":
        return
    simulated = scenario.workload.arrivals.mean_think_ns / NS_PER_S
    latency_s = max((point.measured.get("mean_ms", 0.0) for point in origin.points), default=0.0) / 1e3
    if abs(origin.think_s - simulated) > PAUSE_FELT * (latency_s + origin.think_s):
        said = f"each client paused about {origin.think_s:.3g} s between answer and next request, and {simulated:.3g} s"
        yield CodedWarning("think_time_differs", f"{said} are simulated; workload.arrivals.think_time says how long")
