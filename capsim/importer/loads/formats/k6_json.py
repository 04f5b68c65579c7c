"""k6's samples in JSON (`--out json=FILE`), an object on each line.

Source: k6's documentation of its JSON output.
"""

from __future__ import annotations

from pathlib import Path

from capsim.errors import Fault, InputError
from capsim.importer.loads.head import Head
from capsim.importer.loads.k6 import DROPPED, ITERATION, LATENCY, TOOL, USERS, USES, Samples, measurements
from capsim.importer.loads.measured import MOST_FAULTS, Given, Measurements
from capsim.importer.loads.records import number_at, objects_of

__all__ = ["TOOL", "USES", "read", "sniff"]


def sniff(head: Head) -> bool:
    """Whether the first line is a metric, or a sample of one."""
    return head.record.get("type") in ("Metric", "Point") and "metric" in head.record


def read(path: Path, given: Given) -> Measurements:
    """The requests as load points.

    Raises:
        InputError: no such file, a line that is no JSON object, or values that make no sense.
    """
    samples = Samples()
    faults: list[Fault] = []
    for number, record in objects_of(path):
        metric, sample = record.get("metric"), record.get("data")
        if record.get("type") != "Point" or metric not in (LATENCY, USERS, ITERATION, DROPPED):
            continue
        value = number_at(sample, "value")
        if not isinstance(sample, dict) or value is None or value < 0 or not isinstance(sample.get("time"), str):
            faults.append(Fault("data", f"expected a time and a value from 0, got {str(sample)[:60]}", number))
            if len(faults) >= MOST_FAULTS:
                break
            continue
        tags = sample.get("tags")
        words = {name: str(tag) for name, tag in tags.items()} if isinstance(tags, dict) else {}
        samples.add(str(metric), sample["time"], value, words, number)
    if faults:
        raise InputError(str(path), faults)
    return measurements(samples, given, str(path))
