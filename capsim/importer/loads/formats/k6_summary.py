"""k6's summary in JSON: `--summary-export`, or what `handleSummary` is given.

Whether the load was closed or open is not in it. It was a closed loop where the VUs were constant and busy all the
time: iterations/s times their mean duration is then their number. An arrival rate leaves VUs idle, and must be told
(`--rate`). Latency is `http_req_duration`: sending, waiting and receiving, without connecting; in ms. Source: k6's
documentation of its built-in metrics and of the end-of-test summary.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from capsim.errors import CodedWarning, Fault, InputError
from capsim.importer.loads.head import Head
from capsim.importer.loads.measured import Given, LoadPoint, Measurements, measured_of
from capsim.importer.loads.records import needed_at, number_at
from capsim.importer.loads.requests import MOST_MS, failures
from capsim.importer.loads.telling import told_load
from capsim.importer.reading import read_json

TOOL = "k6"
USES = frozenset({"clients", "rate_per_s"})
HOLDS = "at the client, from sending a request to its whole answer, without connecting"
DURATION = "http_req_duration"
OF_ANSWERED = "http_req_duration{expected_response:true}"
KEYS = {"mean_ms": "avg", "p50_ms": "med", "p90_ms": "p(90)", "p95_ms": "p(95)", "p99_ms": "p(99)"}
BUSY = 0.05
"""By how much busy VUs may differ from their number: they start and stop within the run."""


def sniff(head: Head) -> bool:
    """Whether it is a JSON object with k6's metrics."""
    return head.text.lstrip().startswith("{") and '"metrics"' in head.text and '"http_req' in head.text


def read(path: Path, given: Given) -> Measurements:
    """The run as one point.

    Raises:
        InputError: no such file, no summary of k6, a load that cannot be told, or values that make no sense.
    """
    source = str(path)
    document = read_json(path)
    metrics = _flat(document.get("metrics")) if isinstance(document, dict) else {}
    if DURATION not in metrics:
        raise InputError(source, [Fault(f"metrics.{DURATION}", "is missing, as the script sent no HTTP requests")])
    failed = number_at(metrics, "http_req_failed", "rate") or number_at(metrics, "http_req_failed", "value") or 0.0
    name = OF_ANSWERED if failed and OF_ANSWERED in metrics else DURATION
    rate = needed_at(source, metrics, "http_reqs", "rate")
    latencies = {metric: number_at(metrics, name, key) for metric, key in KEYS.items()}
    for metric, value in latencies.items():
        if value is not None and not 0 < value <= MOST_MS:
            raise InputError(source, [Fault(f"metrics.{name}.{KEYS[metric]}", f"is {value:g} ms")])
    measured = measured_of([("throughput_per_s", rate * (1 - failed) or None), *latencies.items()])
    load, value, notes, think_s = _load(metrics, given, source)
    warnings = _doubts(metrics, source, failed, name, load)
    if latencies["p99_ms"] is None:
        notes.append("p99: not in the file; k6 adds it with --summary-trend-stats 'avg,med,p(90),p(95),p(99)'")
    return Measurements(
        source=source,
        tool=TOOL,
        points=[LoadPoint(load, value, measured)],
        latency_holds=f"{HOLDS}; of {'answers that were expected' if name == OF_ANSWERED else 'every request'}",
        loop="closed" if load == "clients" else "open",
        gaps=None if load == "clients" else "constant",
        think_s=think_s if load == "clients" else None,
        notes=notes,
        warnings=warnings,
    )


def _flat(metrics: Any) -> dict[str, Any]:
    """Metrics with their values directly below, as `--summary-export` has them."""
    if not isinstance(metrics, dict):
        return {}
    return {
        name: value["values"] if isinstance(value, dict) and isinstance(value.get("values"), dict) else value
        for name, value in metrics.items()
    }


def _load(metrics: dict[str, Any], given: Given, source: str) -> tuple[str, float, list[str], float | None]:
    """The load, how it was told, and how long a VU paused for each of its requests (s)."""
    least, most = (number_at(metrics, "vus", end) for end in ("min", "max"))
    iterations = number_at(metrics, "iterations", "rate")
    iteration_ms = number_at(metrics, "iteration_duration", "avg")
    requests = number_at(metrics, "http_reqs", "rate")
    mean_ms = number_at(metrics, DURATION, "avg")
    pause_s = None
    if iterations and iteration_ms and requests and mean_ms:
        pause_s = max(iteration_ms * iterations / requests - mean_ms, 0.0) / 1e3
    if given.clients is not None or given.rate_per_s is not None:
        return (*told_load(given, source, ""), [], pause_s)
    busy = iterations * iteration_ms / 1e3 if iterations and iteration_ms else None
    if busy is not None and most and least == most and abs(busy / most - 1) <= BUSY:
        return "clients", most, [f"clients: {most:g} VUs, constant, and busy all the time"], pause_s
    seen = f"{least:g} to {most:g} VUs" if least is not None and most is not None and least != most else "VUs"
    said = f"does not tell the load: {seen}" + (f", {busy:.3g} of them busy on average" if busy is not None else "")
    said += ", as with stages or an arrival rate; say --clients N of a closed loop, or --rate of an open one"
    raise InputError(source, [Fault("--clients", said)])


def _doubts(metrics: dict[str, Any], source: str, failed: float, name: str, load: str) -> list[CodedWarning]:
    requests = int(number_at(metrics, "http_reqs", "count") or 0)
    kept = "their latency is not counted" if name == OF_ANSWERED else "their latency is in the percentiles too"
    doubtful = list(failures(Counter({"http_req_failed": round(failed * requests)}), requests, kept))
    dropped = number_at(metrics, "dropped_iterations", "count")
    if dropped and load == "rate_per_s":
        said = f"{source}: k6 dropped {dropped:g} iterations for want of VUs, so that it sent less than its rate"
        doubtful.append(CodedWarning("dropped_iterations", said))
    least, most = (number_at(metrics, "vus", end) for end in ("min", "max"))
    if load == "clients" and least != most:
        said = f"{source}: the VUs went from {least or 0:g} to {most or 0:g}, and the numbers are of all that time"
        doubtful.append(CodedWarning("ramp_measured", f"{said}; k6's --out csv or json tells when"))
    return doubtful
