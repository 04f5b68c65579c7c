"""Profiles from files: YAML with provenance, or a bare CSV of samples."""

from __future__ import annotations

import dataclasses
import itertools
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from capsim.documents import Document, named_file, read_columns, read_yaml, validate
from capsim.documents.kinds import PROFILE, expect
from capsim.documents.table import separated_otherwise
from capsim.errors import CodedWarning, Fault, InputError, comma_hint
from capsim.parameters import Number, PositiveInt, Whole, parameters
from capsim.profile.curve import LOWEST, Known, curve_of, curve_of_samples
from capsim.profile.model import Hardware, LatencyProfile
from capsim.profile.open_quantiles import open_doubts
from capsim.profile.worth import Worth, worth_of
from capsim.units import Size

MOST_CSV_BYTES = 128 * 1024**2
MOST_BATCH_SIZES = 1000
MOST_UNKNOWN = 10
"""Columns that are named; others are counted."""
MOST_LATENCY_MS = 3.6e6
NS_PER_MS = 1_000_000

ROUNDED = 0.05
"""By what share a mean may miss what its quantiles allow: sources round them."""
PositiveMs = Annotated[Number, Field(gt=0, le=MOST_LATENCY_MS)]
Curves = dict[tuple[int, int], NDArray[np.float64]]

LEVELS = {"min_ms": 0.0, "p50_ms": 0.5, "p90_ms": 0.9, "p95_ms": 0.95, "p99_ms": 0.99, "p999_ms": 0.999, "max_ms": 1.0}
EXPECTED = {
    "batch_size": ("a whole number of at least 1", 1e9),
    "latency_ms": ("milliseconds above 0", MOST_LATENCY_MS),
    "instances": ("a whole number of at least 1", 1024),
}
"""The columns of a CSV of samples: what is expected, and the most."""


@parameters
class QuantileRow:
    """Quantiles of the latency of one batch size."""

    batch_size: PositiveInt
    """Items in the batch."""
    instances: Annotated[Whole, Field(ge=1, le=1024)] = 1
    """How many batches ran on the device at once."""
    samples: PositiveInt | None = None
    """How many batches these were taken from, where that is known."""
    p50_ms: PositiveMs
    """Median (ms)."""
    min_ms: PositiveMs | None = None
    """Lowest (ms); the median where it is not known."""
    p90_ms: PositiveMs | None = None
    """90th percentile (ms)."""
    p95_ms: PositiveMs | None = None
    """95th percentile (ms)."""
    p99_ms: PositiveMs | None = None
    """99th percentile (ms)."""
    p999_ms: PositiveMs | None = None
    """99.9th percentile (ms)."""
    max_ms: PositiveMs | None = None
    """Highest (ms); the highest known percentile where it is not known."""
    mean_ms: PositiveMs | None = None
    """Mean (ms), which the curve through the quantiles keeps."""
    std_ms: Annotated[Number, Field(ge=0, le=MOST_LATENCY_MS)] | None = None
    """Standard deviation (ms), which it keeps beside a mean as far as it can."""

    def __post_init__(self) -> None:
        """Refuse quantiles that decrease, and a mean that they do not allow."""
        known = [(name, getattr(self, name)) for name in LEVELS if getattr(self, name) is not None]
        for (low, low_ms), (high, high_ms) in itertools.pairwise(known):
            if high_ms < low_ms:
                raise ValueError(f"{high} ({high_ms:g}) must not be less than {low} ({low_ms:g})")

        least, most = self.known.means()
        if self.min_ms is None:
            least -= (1 - LOWEST) * self.p50_ms / 2
        if self.mean_ms is None:
            return
        if self.mean_ms < (1 - ROUNDED) * least or (self.max_ms is not None and self.mean_ms > (1 + ROUNDED) * most):
            above = f" to {most:.4g}" if self.max_ms is not None else " or more"
            raise ValueError(f"mean_ms ({self.mean_ms:g}) cannot be: these quantiles allow {least:.4g}{above}")

    @property
    def known(self) -> Known:
        """What is known of the latency (ms)."""
        quantiles = {level: getattr(self, name) for name, level in LEVELS.items() if getattr(self, name) is not None}
        return Known(quantiles, self.mean_ms, self.std_ms, self.samples)

    def curve_ns(self) -> NDArray[np.float64]:
        """The quantile function through what is known (ns); see `capsim.profile.curve`."""
        return curve_of(self.known) * NS_PER_MS


@parameters
class Doubt:
    """What is doubtful about a measurement, repeated by every answer that uses it."""

    code: Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$", max_length=60)]
    """A stable word that scripts can test."""
    message: Annotated[str, Field(max_length=2000)]
    """What is doubtful."""


@parameters
class ProfileDocument:
    """A profile file. What is not known of a measurement is said so: null."""

    model: str | None
    """The model."""
    hardware: Hardware | None
    """What it ran on."""
    runtime: str | None
    """The software that ran it, with its version."""
    precision: str | None
    """fp32, fp16, int8 …"""
    measured: dict[str, Any]
    """When, with which command, clocks, threads …"""
    samples: str | None = None
    """CSV with a row per measured batch, relative to this file."""
    quantiles: Annotated[list[QuantileRow], Field(min_length=1, max_length=10_000)] | None = None
    """Or quantiles by batch size, where the samples are not at hand."""
    memory: Annotated[Size, Field(gt=0)] | None = None
    """What the model and its largest batch take, on all devices together."""
    doubts: Annotated[list[Doubt], Field(max_length=100)] = dataclasses.field(default_factory=list)
    """What is doubtful about the measurement; an import writes it."""

    def __post_init__(self) -> None:
        """Refuse both sources, or none, and provenance that is no JSON."""
        if (self.samples is None) == (self.quantiles is None):
            raise ValueError("needs either samples or quantiles")
        try:
            json.dumps(self.measured, allow_nan=False)
        except ValueError:
            raise ValueError("measured must not hold NaN or infinity, which no answer could print") from None


@dataclass(frozen=True, eq=False)
class Recording:
    """A profile with what it was made of.

    Attributes:
        profile: the profile.
        series_ms: (instances, batch size) to the samples in the order of the file (ms); empty where only quantiles
            are known.
    """

    profile: LatencyProfile
    series_ms: Mapping[tuple[int, int], NDArray[np.float64]]


def read_profile(path: Path, named: str | None = None, *, closed: bool = False) -> LatencyProfile:
    """The profile in a YAML file, or in a bare CSV file of samples; `closed` as for `named_file`.

    Raises:
        InputError: everything that is wrong with the file, or with the CSV it names.
    """
    return read_recording(path, named, closed=closed).profile


def read_recording(path: Path, named: str | None = None, *, closed: bool = False) -> Recording:
    """The profile in a file, with its samples; `closed` as for `named_file`.

    Raises:
        InputError: everything that is wrong with the file, or with the CSV it names.
    """
    named = named or str(path)
    if path.suffix.lower() == ".csv":
        samples = read_samples(path)
        curves, counts = _from_samples(samples)
        return Recording(LatencyProfile(named, curves, counts, tail_known=True, worth=_worth(samples)), samples)
    document = read_yaml(path)
    expect(document, PROFILE)
    told = validate(ProfileDocument, document)
    series: Curves = {}
    if told.samples is not None:
        series = read_samples(named_file(told.samples, document.folder, closed=closed))
        curves, counts = _from_samples(series)
        tail_known = True
    else:
        curves, counts, tail_known = _from_quantiles(told.quantiles or [], document)
    origin = (told.model, told.hardware, told.runtime, told.precision, told.measured)
    stated = [(doubt.code, doubt.message) for doubt in told.doubts] + open_doubts(told.quantiles or [])
    warnings = [CodedWarning(code, f"{named}: {message}") for code, message in stated]
    profile = LatencyProfile(named, curves, counts, tail_known, *origin, _worth(series), warnings, told.memory)
    return Recording(profile, series)


def _from_quantiles(rows: list[QuantileRow], document: Document) -> tuple[Curves, dict[tuple[int, int], int], bool]:
    curves: Curves = {}
    counts = {}
    for i, row in enumerate(rows):
        key = (row.instances, row.batch_size)
        if key in curves:
            raise InputError(
                document.source,
                [
                    Fault(
                        f"quantiles[{i}]",
                        f"batch size {row.batch_size} is given twice",
                        document.line(("quantiles", i)),
                    )
                ],
            )
        curves[key], counts[key] = row.curve_ns(), row.samples or 0
    _need_one_instance(curves, document.source)
    tail_known = all(row.p99_ms is not None or row.max_ms is not None for row in rows)
    return curves, counts, tail_known


def _need_one_instance(curves: Curves, source: str) -> None:
    if not any(instances == 1 for instances, _ in curves):
        raise InputError(source, [Fault("instances", "needs measurements with one instance")])


def _from_samples(series: Curves) -> tuple[Curves, dict[tuple[int, int], int]]:
    """Quantile functions (ns) and sample counts."""
    curves = {key: curve_of_samples(values) * NS_PER_MS for key, values in series.items()}
    return curves, {key: len(values) for key, values in series.items()}


def _worth(series: Curves) -> dict[tuple[int, int], Worth]:
    return {key: worth_of(values) for key, values in series.items()}


def read_samples(path: Path) -> Curves:
    """Latencies (ms) in the order of a CSV of samples, by (instances, batch size).

    Raises:
        InputError: no such file or column, no rows, or values that are no batch size or no latency.
    """
    source = str(path)
    pieces, above = [], 1
    for text in read_columns(path, MOST_CSV_BYTES):
        _check_columns(list(text), source)
        numbers = {name: _numbers(fields) for name, fields in text.items()}
        _check_values(text, numbers, above, source)
        sizes, latencies = numbers["batch_size"], numbers["latency_ms"]
        pieces.append((numbers.get("instances", np.ones(len(sizes))), sizes, latencies))
        above += len(sizes)
    instances, sizes, latencies = map(np.concatenate, zip(*pieces, strict=True))
    if len(sizes) == 0:
        raise InputError(source, [Fault("", "has no rows")])
    # Sorted by instances, then batch size, and within both as in the file.
    order = np.lexsort((sizes, instances))
    keys = np.stack((instances, sizes))[:, order].astype(np.int64)
    starts = np.flatnonzero(np.diff(keys, prepend=0).any(axis=0))
    if len(starts) > MOST_BATCH_SIZES:
        raise InputError(source, [Fault("batch_size", f"has more than {MOST_BATCH_SIZES} different ones")])
    groups = np.split(latencies[order], starts[1:])
    series = {(k, size): group for (k, size), group in zip(keys[:, starts].T.tolist(), groups, strict=True)}
    _need_one_instance(series, source)
    return series


def _numbers(fields: list[str]) -> NDArray[np.float64]:
    """The numbers in a column; not a number where there is none."""
    try:
        return np.array(fields, np.float64)
    except ValueError:
        return np.array([_number(field) for field in fields])


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _check_columns(columns: list[str], source: str) -> None:
    hint = separated_otherwise(",".join(columns))
    if hint:
        raise InputError(source, [Fault("", f"has one column{hint}", 1)])
    faults = [
        Fault(name, f"no such column; found {', '.join(columns[:10])}", 1)
        for name in ("batch_size", "latency_ms")
        if name not in columns
    ]
    unknown = [name for name in columns if name not in EXPECTED]
    said = "unknown column; expected batch_size, latency_ms and optionally instances"
    faults += [Fault(name, said, 1) for name in unknown[:MOST_UNKNOWN]]
    if len(unknown) > MOST_UNKNOWN:
        faults.append(Fault("", f"has {len(unknown) - MOST_UNKNOWN:,} more unknown columns", 1))
    if faults:
        raise InputError(source, faults)


def _check_values(
    text: Mapping[str, list[str]], numbers: Mapping[str, NDArray[np.float64]], above: int, source: str
) -> None:
    """Refuse what is no batch size or no latency; `above` lines of the file came before these."""
    faults = []
    for name, values in numbers.items():
        words, most = EXPECTED[name]
        right = (values > 0) & (values <= most)
        if name != "latency_ms":
            right &= np.floor(values) == values
        faults += [
            Fault(name, f"expected {words}, got '{text[name][row]}'{comma_hint(text[name][row])}", above + row + 1)
            for row in np.flatnonzero(~right)[:10].tolist()
        ]
    if faults:
        raise InputError(source, sorted(faults, key=lambda fault: fault.line or 0))
