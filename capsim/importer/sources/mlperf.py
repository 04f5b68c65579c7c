"""MLPerf LoadGen: `mlperf_log_summary.txt` or `mlperf_log_detail.txt` of SingleStream and MultiStream runs.

In these scenarios LoadGen sends the next query when the last is answered, so that latency is time of service, with what
the system under test adds. Latency of a Server run holds waiting, and an Offline run has a single query.
Source of the keys: LoadGen's results.cc.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from capsim.documents import read_text
from capsim.errors import CodedWarning, Fault, InputError
from capsim.importer.imported import Imported, row_of
from capsim.importer.reading import MOST_REPORT_BYTES, Row
from capsim.parameters import parameters
from capsim.profile.load import LEVELS, QuantileRow

TOOL = "MLPerf LoadGen"
FILES = "Summary or detail logs, one for each batch size."
MARK = ":::MLLOG "
NS_PER_MS = 1e6
PURE = ("SingleStream", "MultiStream")
WORDS = {
    "Scenario": "scenario",
    "Mode": "mode",
    "SUT name": "sut",
    "Result is": "validity",
    "samples_per_query": "samples_per_query",
}
KEYS = {
    "effective_scenario": "scenario",
    "effective_test_mode": "mode",
    "sut_name": "sut",
    "result_validity": "validity",
    "effective_samples_per_query": "samples_per_query",
    "result_query_count": "queries",
    "loadgen_version": "loadgen_version",
    "test_datetime": "at",
}
WORDED = re.compile(r"(Min|Max|[0-9]+(?:\.[0-9]+)? percentile) latency \(ns\)")
KEYED = re.compile(r"result_(min|max|[0-9]+(?:\.[0-9]+)?_percentile)(_per_query|_query)?_latency_ns")
PERCENTILES = {"50": "p50_ms", "90": "p90_ms", "95": "p95_ms", "99": "p99_ms", "99.9": "p999_ms"}


@parameters
class Options:
    """The logs say everything that is needed."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run of LoadGen.

    Attributes:
        source: the log.
        facts: scenario, mode, samples_per_query …, as text.
        quantiles_ns: quantile to text, with the line that says it.
    """

    source: str
    facts: dict[str, str]
    quantiles_ns: dict[str, tuple[str, int]]


def read(files: Sequence[Path], options: Options) -> Imported:  # noqa: ARG001 - sources share one signature
    """Quantiles by batch size.

    Raises:
        InputError: no such file, no log of LoadGen, a scenario whose latency is not time of service, a batch size
            twice, or values without sense.
    """
    runs: dict[int, Run] = {}
    for file in files:
        run = _run(file)
        size = _batch_size(run)
        earlier = runs.get(size)
        if earlier is not None and _values(earlier) != _values(run):
            raise InputError(run.source, [Fault("", f"is of batch size {size}, as is {earlier.source}")])
        # The summary and the detail log of one run say the same; together they say more.
        runs[size] = run if earlier is None else Run(run.source, earlier.facts | run.facts, run.quantiles_ns)
    return Imported(
        quantiles=[_quantiles(run, size) for size, run in runs.items()],
        measured={
            "latency_holds": "a query from issue to completion, one at a time: service and what the system adds",
            "runs": {size: run.facts for size, run in sorted(runs.items())},
        },
        warnings=[doubt for run in runs.values() for doubt in _doubts(run)],
    )


def _run(file: Path) -> Run:
    source, text = str(file), read_text(file, MOST_REPORT_BYTES)
    pairs = list(_detail(text, source) if MARK in text else _summary(text))
    facts = {name: value for name, value, _ in pairs if not name.endswith("_ms")}
    run = Run(source, facts, {name: (value, line) for name, value, line in pairs if name.endswith("_ms")})
    _check(run)
    return run


def _summary(text: str) -> Iterator[tuple[str, str, int]]:
    for line, words in enumerate(text.splitlines(), start=1):
        left, colon, right = words.partition(":")
        name, value = left.strip(), right.strip()
        match = WORDED.fullmatch(name)
        if colon and name in WORDS:
            yield WORDS[name], value, line
        elif colon and match is not None and (level := _level(match[1])):
            yield level, value, line


def _detail(text: str, source: str) -> Iterator[tuple[str, str, int]]:
    for line, words in enumerate(text.splitlines(), start=1):
        if not words.startswith(MARK):
            continue
        try:
            entry: Any = json.loads(words.removeprefix(MARK))
            key, value = str(entry["key"]), entry["value"]
        except (ValueError, TypeError, KeyError, RecursionError):
            raise InputError(
                source, [Fault("", f"expected JSON with a key and a value after {MARK.strip()}", line)]
            ) from None
        match = KEYED.fullmatch(key)
        if key in KEYS:
            yield KEYS[key], str(value), line
        elif match is not None and (level := _level(match[1])):
            yield level, str(value), line


def _level(word: str) -> str | None:
    """`Min`, `50.00 percentile`, `99.90_percentile` … as a profile names them."""
    word = word.lower().replace("_", " ").removesuffix(" percentile")
    return f"{word}_ms" if word in {"min", "max"} else PERCENTILES.get(f"{float(word):g}")


def _check(run: Run) -> None:
    scenario = run.facts.get("scenario", "").replace(" ", "")
    faults = []
    if scenario not in PURE:
        found = f"a {scenario} run, whose latency is not time of service alone" if scenario else "no log of LoadGen"
        faults.append(Fault("scenario", f"expected a {' or '.join(PURE)} run, got {found}"))
    elif "Performance" not in run.facts.get("mode", "Performance"):
        faults.append(Fault("mode", f"expected a performance run, got {run.facts['mode']}"))
    elif "p50_ms" not in run.quantiles_ns:
        faults.append(Fault("", "has no 50.00 percentile latency"))
    if faults:
        raise InputError(run.source, faults)


def _batch_size(run: Run) -> int:
    text = run.facts.get("samples_per_query", "1")
    if text.isascii() and text.isdigit() and int(text[:12]) > 0:
        return int(text)
    raise InputError(run.source, [Fault("samples_per_query", f"expected a whole number from 1, got '{text}'")])


def _values(run: Run) -> dict[str, float]:
    rows = {name: Row(run.source, line, {name: text}) for name, (text, line) in run.quantiles_ns.items()}
    return {name: rows[name].milliseconds(name, NS_PER_MS) for name in LEVELS if name in rows}


def _quantiles(run: Run, size: int) -> QuantileRow:
    values = _values(run)
    if list(values.values()) != sorted(values.values()):
        raise InputError(run.source, [Fault("", f"has quantiles that decrease: {values}")])
    count = run.facts.get("queries", "")
    return row_of(size, values, int(count) if count.isdigit() and int(count) else None)


def _doubts(run: Run) -> Iterator[CodedWarning]:
    validity = run.facts.get("validity")
    if validity not in {None, "VALID"}:
        yield CodedWarning("loadgen_invalid", f"{run.source}: LoadGen calls the result {validity}")
