"""Access logs with a JSON object on each line, of nginx or Envoy by the names of their variables.

nginx: `request_time` or `upstream_response_time` in s, and `msec`, `time_iso8601` or `time_local` of the end. Envoy:
`start_time`, and `duration` in ms. `--column` and `--unit` name others.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from capsim.errors import Fault, InputError
from capsim.importer.loads.access import Entries, iso_of, replay, seconds_of, target_of
from capsim.importer.loads.formats.envoy import HOLDS as AT_ENVOY
from capsim.importer.loads.formats.nginx import AT_NGINX, UPSTREAM
from capsim.importer.loads.head import Head
from capsim.importer.loads.measured import Given, Measurements
from capsim.importer.loads.records import objects_of

TOOL = "JSON access log"
USES = frozenset({"only", "clients", "rate_per_s"})
ENVOY = {"start_time", "duration"}
LATENCIES = ("request_time", "upstream_response_time")
ENDED = ("msec", "time_iso8601", "time_local", "@timestamp", "timestamp", "time")
METHODS = ("request_method", "method")
PATHS = ("request_uri", "uri", "path")
STATUSES = ("status", "response_code")


def sniff(head: Head) -> bool:
    """Whether the first line is an object with the names of nginx or Envoy."""
    names = head.record.keys()
    return names >= ENVOY or (any(name in names for name in LATENCIES) and any(name in names for name in ENDED))


def read(path: Path, given: Given) -> Measurements:
    """The requests as one point.

    Raises:
        InputError: no such file, a line that is no JSON object, or values that make no sense.
    """
    source = str(path)
    entries: Entries | None = None
    holds = AT_ENVOY
    for number, record in objects_of(path):
        envoy = record.keys() >= ENVOY
        latency = "duration" if envoy else next((name for name in LATENCIES if name in record), None)
        stamp = "start_time" if envoy else next((name for name in ENDED if name in record), None)
        if latency is None or stamp is None:
            said = f"has none of {', '.join(LATENCIES)}, or no time; --column names what its names are"
            raise InputError(source, [Fault("", said, number)])
        if entries is None:
            entries = Entries(source, "sent" if envoy else "ended")
            holds = AT_ENVOY if envoy else AT_NGINX if latency == "request_time" else UPSTREAM
        text = str(record[latency])
        value = seconds_of(text)
        if value is None and text not in {"-", "", "None"}:
            raise InputError(source, [Fault(latency, f"expected a time, got '{text[:40]}'", number)])
        milliseconds = math.nan if value is None else value * (1.0 if envoy else 1e3)
        entries.add(number, iso_of(str(record[stamp])), milliseconds, _first(record, STATUSES), _target(record))
    if entries is None:
        raise InputError(source, [Fault("", "is empty")])
    return replay(entries, given, TOOL, holds)


def _first(record: dict[str, Any], names: tuple[str, ...]) -> str:
    return next((str(record[name]) for name in names if record.get(name) not in (None, "")), "")


def _target(record: dict[str, Any]) -> str:
    request = record.get("request")
    if isinstance(request, str) and request:
        return target_of(request)
    return target_of(" ".join(word for word in (_first(record, METHODS), _first(record, PATHS)) if word))
