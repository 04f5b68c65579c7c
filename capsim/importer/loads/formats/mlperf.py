"""MLPerf LoadGen: `mlperf_log_summary.txt` or `mlperf_log_detail.txt` of a Server, SingleStream or MultiStream run.

A Server run is an open loop with Poisson arrivals, whose latency counts from when a query was due; a SingleStream or
MultiStream run is one client that waits for each answer. An Offline run has a single query and no load to speak of.
Source: LoadGen's results.cc, and *Load Generation* in MLCommons' inference rules.
"""

from __future__ import annotations

from pathlib import Path

from capsim.errors import Fault, InputError
from capsim.importer.loads.head import Head
from capsim.importer.loads.measured import PERCENTILES, Given, LoadPoint, Measurements, measured_of
from capsim.importer.reading import Row
from capsim.importer.sources.mlperf import BEFORE_JSON, MARK, PURE, TOOL, Run, batch_size, doubts, read_run, values_ms

__all__ = ["TOOL", "USES", "read", "sniff"]

USES = frozenset({"rate_per_s"})
SERVER = "Server"


def sniff(head: Head) -> bool:
    """Whether it begins as LoadGen's summary or detail log does."""
    return "MLPerf Results Summary" in head.text or head.text.startswith(MARK) or bool(BEFORE_JSON.match(head.text))


def read(path: Path, given: Given) -> Measurements:
    """The run as one point.

    Raises:
        InputError: no such file, no log of LoadGen, an Offline or accuracy run, another number of samples a query than
            the scenario sends, or values that make no sense.
    """
    run = read_run(path)
    scenario = run.facts.get("scenario", "").replace(" ", "")
    _check(run, scenario, given)
    server = scenario == SERVER
    mean = values_ms(run, ["mean_ms"]).get("mean_ms")
    completed = _rate(run, "completed_per_s")
    items = given.items_per_request
    throughput = None if completed is None else completed / items
    measured = measured_of([("throughput_per_s", throughput), ("mean_ms", mean), *values_ms(run, PERCENTILES).items()])
    offered = _rate(run, "scheduled_per_s") or given.rate_per_s
    if server and offered is None:
        raise InputError(run.source, [Fault("", "does not say the scheduled samples per second; say --rate")])
    load, value = ("rate_per_s", offered or 0.0) if server else ("clients", 1.0)
    return Measurements(
        source=run.source,
        tool=TOOL,
        points=[LoadPoint(load, value, measured)],
        latency_holds=f"at LoadGen, from when a query was {'due' if server else 'issued'} to its completion",
        loop="open" if server else "closed",
        gaps="poisson" if server else None,
        notes=[f"{scenario} run"],
        warnings=list(doubts(run)),
    )


def _check(run: Run, scenario: str, given: Given) -> None:
    faults = []
    if scenario not in {SERVER, *PURE}:
        held = f"a {scenario} run, which has no load to predict" if scenario else "no log of LoadGen"
        faults.append(Fault("scenario", f"expected a {SERVER}, {' or '.join(PURE)} run, got {held}"))
    elif "Performance" not in run.facts.get("mode", "Performance"):
        faults.append(Fault("mode", f"expected a performance run, got {run.facts['mode']}"))
    elif batch_size(run) != given.items_per_request:
        said = f"is {batch_size(run)}, and the scenario sends {given.items_per_request} items a request"
        faults.append(Fault("samples_per_query", f"{said} (workload.items_per_request)"))
    elif given.rate_per_s is not None and (scenario != SERVER or "scheduled_per_s" in run.rates_per_s):
        faults.append(Fault("--rate", "the log says itself at which load it ran"))
    if faults:
        raise InputError(run.source, faults)


def _rate(run: Run, name: str) -> float | None:
    if name not in run.rates_per_s:
        return None
    text, line = run.rates_per_s[name]
    return Row(run.source, line, {name: text}).number(name)
