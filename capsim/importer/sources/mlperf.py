"""MLPerf LoadGen: `mlperf_log_summary.txt` or `mlperf_log_detail.txt` of SingleStream and MultiStream runs.

In these scenarios LoadGen sends the next query when the last is answered, so that latency is time of service, with what
the system under test adds. Latency of a Server run holds waiting, and an Offline run has a single query.
Where a query has several samples, a log has two tables: latency per query, which is taken, and per sample, which ends
with the sample. Source of the keys: LoadGen's results.cc; of the older forms: results of MLPerf Inference v0.5.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

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
THROUGHPUT_WORDS = {
    "Scheduled samples per second": "scheduled_per_s",
    "Completed samples per second": "completed_per_s",
    "QPS w/ loadgen overhead": "completed_per_s",
}
"""What a profile has no use for, and a load point has."""
THROUGHPUT_KEYS = {
    "result_scheduled_samples_per_sec": "scheduled_per_s",
    "result_completed_samples_per_sec": "completed_per_s",
    "result_qps_with_loadgen_overhead": "completed_per_s",
}
NAMES = WORDS | THROUGHPUT_WORDS
NAMED_KEYS = KEYS | THROUGHPUT_KEYS
WORDED = re.compile(r"(Min|Max|Mean|[0-9]+(?:\.[0-9]+)? percentile) latency \(ns\)")
KEYED = re.compile(r"result_(min|max|mean|[0-9]+(?:\.[0-9]+)?_percentile)(_per_query|_query)?_latency_ns")
TITLE = "MLPerf Results Summary"
SECTION = re.compile(r"Per-(query|sample) latency")
BEFORE_JSON = re.compile(r'^"pid": \d+, "tid": \d+, "ts": \d+ns : ', re.MULTILINE)
"""How a line of a detail log began up to v0.5."""
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
        quantiles_ns: quantile to text, with the line that says it; also the mean.
        rates_per_s: scheduled and completed samples per second likewise, where the log tells them.
    """

    source: str
    facts: dict[str, str]
    quantiles_ns: dict[str, tuple[str, int]]
    rates_per_s: dict[str, tuple[str, int]]


def read(files: Sequence[Path], options: Options) -> Imported:  # noqa: ARG001 - sources share one signature
    """Quantiles by batch size.

    Raises:
        InputError: no such file, no log of LoadGen, a scenario whose latency is not time of service, a batch size
            twice, or values without sense.
    """
    runs: dict[int, Run] = {}
    for file in files:
        run = read_run(file)
        _check(run)
        size = batch_size(run)
        earlier = runs.get(size)
        if earlier is not None and values_ms(earlier, LEVELS) != values_ms(run, LEVELS):
            raise InputError(run.source, [Fault("", f"is of batch size {size}, as is {earlier.source}")])
        # The summary and the detail log of one run say the same; together they say more.
        runs[size] = run if earlier is None else Run(run.source, earlier.facts | run.facts, run.quantiles_ns, {})
    return Imported(
        quantiles=[_quantiles(run, size) for size, run in runs.items()],
        measured={
            "latency_holds": "a query from issue to completion, one at a time: service and what the system adds",
            "runs": {size: run.facts for size, run in sorted(runs.items())},
        },
        warnings=[doubt for run in runs.values() for doubt in doubts(run)],
    )


def read_run(file: Path) -> Run:
    """What a log says, of whichever scenario.

    Raises:
        InputError: no such file, too large, two summaries, or a line of the detail log that is no JSON.
    """
    source, text = str(file), read_text(file, MOST_REPORT_BYTES)
    if MARK not in text and BEFORE_JSON.search(text):
        said = "is a detail log of LoadGen before its JSON form; give mlperf_log_summary.txt of the same run"
        raise InputError(source, [Fault("", said, 1)])
    titles = [line for line, words in enumerate(text.splitlines(), start=1) if words.strip() == TITLE]
    if len(titles) > 1:
        raise InputError(source, [Fault("", "begins a second summary; give a file for each run", titles[1])])
    entries = list(_detail(text, source) if MARK in text else _summary(text))
    per_query = any(each.per == "query" for each in entries)
    numbers = {each.name: (each.value, each.line) for each in entries if not (per_query and each.per == "sample")}
    return Run(
        source,
        {each.name: each.value for each in entries if not each.name.endswith(("_ms", "_per_s"))},
        {name: told for name, told in numbers.items() if name.endswith("_ms")},
        {name: told for name, told in numbers.items() if name.endswith("_per_s")},
    )


class Said(NamedTuple):
    """A value of a log, where it stands, and whether it is per query or per sample, where the log has both."""

    name: str
    value: str
    line: int
    per: str = ""


def _summary(text: str) -> Iterator[Said]:
    per = ""
    for line, words in enumerate(text.splitlines(), start=1):
        left, colon, right = words.partition(":")
        name, value = left.strip(), right.strip()
        match, section = WORDED.fullmatch(name), SECTION.fullmatch(name)
        if section is not None:
            per = section[1]
        elif colon and name in NAMES:
            yield Said(NAMES[name], value, line)
        elif colon and match is not None and (level := _level(match[1])):
            yield Said(level, value, line, per)


def _detail(text: str, source: str) -> Iterator[Said]:
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
        if key in NAMED_KEYS:
            yield Said(NAMED_KEYS[key], str(value), line)
        elif match is not None and (level := _level(match[1])):
            yield Said(level, str(value), line, "query" if match[2] else "sample")


def _level(word: str) -> str | None:
    """`Min`, `Mean`, `50.00 percentile`, `99.90_percentile` … as a profile names them."""
    word = word.lower().replace("_", " ").removesuffix(" percentile")
    return f"{word}_ms" if word in {"min", "max", "mean"} else PERCENTILES.get(f"{float(word):g}")


def _check(run: Run) -> None:
    scenario = run.facts.get("scenario", "").replace(" ", "")
    faults = []
    if scenario not in PURE:
        held = f"a {scenario} run, whose latency is not time of service alone" if scenario else "no log of LoadGen"
        faults.append(Fault("scenario", f"expected a {' or '.join(PURE)} run, got {held}"))
    elif "Performance" not in run.facts.get("mode", "Performance"):
        faults.append(Fault("mode", f"expected a performance run, got {run.facts['mode']}"))
    elif "p50_ms" not in run.quantiles_ns:
        faults.append(Fault("", "has no 50.00 percentile latency"))
    if faults:
        raise InputError(run.source, faults)


def batch_size(run: Run) -> int:
    """Samples of a query.

    Raises:
        InputError: no whole number from 1.
    """
    text = run.facts.get("samples_per_query", "1")
    if text.isascii() and text.isdigit() and int(text[:12]) > 0:
        return int(text)
    raise InputError(run.source, [Fault("samples_per_query", f"expected a whole number from 1, got '{text}'")])


def values_ms(run: Run, names: Iterable[str]) -> dict[str, float]:
    """The quantiles of these names that the log has (ms).

    Raises:
        InputError: a value that is no latency.
    """
    rows = {name: Row(run.source, line, {name: text}) for name, (text, line) in run.quantiles_ns.items()}
    return {name: rows[name].milliseconds(name, NS_PER_MS) for name in names if name in rows}


def _quantiles(run: Run, size: int) -> QuantileRow:
    count = run.facts.get("queries", "")
    try:
        return row_of(
            size, values_ms(run, [*LEVELS, "mean_ms"]), int(count) if count.isdigit() and int(count) else None
        )
    except ValueError as error:
        raise InputError(run.source, [Fault("", f"makes no sense: {error}")]) from None


def doubts(run: Run) -> Iterator[CodedWarning]:
    """That LoadGen does not call the run valid."""
    validity = run.facts.get("validity")
    if validity not in {None, "VALID"}:
        yield CodedWarning("loadgen_invalid", f"{run.source}: LoadGen calls the result {validity}")
