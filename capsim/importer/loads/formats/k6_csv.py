"""k6's samples in CSV (`--out csv=FILE`), a row for each metric of each request.

Times are whole seconds unless K6_CSV_TIME_FORMAT says otherwise. Source: k6's documentation of its CSV output.
"""

from __future__ import annotations

import csv
from pathlib import Path

from capsim.errors import Fault, InputError
from capsim.importer.loads.head import Head
from capsim.importer.loads.k6 import DROPPED, ITERATION, LATENCY, TOOL, USERS, USES, Samples, measurements
from capsim.importer.loads.measured import MOST_FAULTS, Given, Measurements
from capsim.importer.loads.records import lines_of

__all__ = ["TOOL", "USES", "read", "sniff"]

HEADER = ("metric_name", "timestamp", "metric_value")
TAGS = ("expected_response", "method", "name", "status")


def sniff(head: Head) -> bool:
    """Whether the header is k6's."""
    return head.has_columns(*HEADER)


def read(path: Path, given: Given) -> Measurements:
    """The requests as load points.

    Raises:
        InputError: no such file, columns that are missing, or values that make no sense.
    """
    source = str(path)
    samples = Samples()
    faults: list[Fault] = []
    header: list[str] = []
    for number, text in lines_of(path):
        fields = next(csv.reader([text]))
        if not header:
            header = [field.strip() for field in fields]
            missing = [Fault(name, "no such column", number) for name in HEADER if name not in header]
            if missing:
                raise InputError(source, missing)
            continue
        if fields[0] not in {LATENCY, USERS, ITERATION, DROPPED}:
            continue
        row = dict(zip(header, fields, strict=False))
        value = _number(row.get("metric_value", ""))
        if len(fields) < len(HEADER) or value is None:
            faults.append(Fault("metric_value", f"expected a number from 0, got '{text[:60]}'", number))
            if len(faults) >= MOST_FAULTS:
                break
            continue
        samples.add(row["metric_name"], row["timestamp"], value, {tag: row.get(tag, "") for tag in TAGS}, number)
    if faults:
        raise InputError(source, faults)
    return measurements(samples, given, source)


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < 1e12 else None
