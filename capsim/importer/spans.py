"""Named spans of a trace in Chrome's format, and the batch size that belongs to each."""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from capsim.errors import CodedWarning, Fault, InputError, nearest
from capsim.importer.imported import COMMAND_LINE, Key, batch_sizes_of
from capsim.importer.reading import read_json
from capsim.parameters import parameters
from capsim.profile.load import MOST_LATENCY_MS

US_PER_MS = 1e3
PLACE, ANY = "{batch_size}", "{n}"
STEP = "ProfilerStep#"
"""How torch.profiler names the spans that `step()` makes."""
PLACES = {PLACE: r"(?P<batch_size>[0-9]{1,9})", ANY: "[0-9]+"}
ARGUMENT = "batch_size"
FEWEST_STEPS = 5
"""From so many batch sizes on, one after the other and once each, they are doubtful."""
SLOW_FIRST = 2.0
"""A first span this many times the median of the others is likely to hold what later ones do not, such as compiling."""


@dataclass(frozen=True, slots=True)
class Span:
    """A span of a trace.

    Attributes:
        name: its name.
        category: its category; empty where it has none.
        start_us: when it began.
        duration_us: how long it took.
        arguments: what was said of it.
        place: its event's number in the file, from 0.
        lane: process and thread, as PID/TID; on a GPU the device and the stream.
    """

    name: str
    category: str
    start_us: float
    duration_us: float
    arguments: Mapping[str, Any]
    place: int
    lane: str = ""


@parameters
class Options:
    """Which spans of a profiler's trace to take."""

    span: str
    """Name of the span; {batch_size} stands for its number, where the span has no argument of that name:
    'forward b={batch_size}'. {n} stands for any other number: 'ProfilerStep#{n}'."""
    batch_sizes: str | None = None
    """The batch size of each file, where the span does not say it: 1,4,8."""
    skip: int = 0
    """First spans of each file and batch size to leave out, as warm-up."""
    lane: str | None = None
    """PID/TID of the spans to take, where several threads, streams, devices or ranks have them."""


def read_spans(path: Path) -> list[Span]:
    """The complete events of a trace.

    Raises:
        InputError: no such file, too large, no trace, or an event whose time is no time.
    """
    source, value = str(path), read_json(path)
    events = value.get("traceEvents") if isinstance(value, dict) else value
    if not isinstance(events, list):
        raise InputError(source, [Fault("traceEvents", "expected a list of events, as in a Chrome trace")])
    return [
        _span(event, number, source)
        for number, event in enumerate(events)
        if isinstance(event, dict) and event.get("ph") == "X" and isinstance(event.get("name"), str)
    ]


def _span(event: dict[str, Any], number: int, source: str) -> Span:
    arguments = event.get("args")
    return Span(
        name=event["name"],
        category=str(event.get("cat", "")),
        start_us=_microseconds(event, "ts", number, source),
        duration_us=_microseconds(event, "dur", number, source),
        arguments=arguments if isinstance(arguments, dict) else {},
        place=number,
        lane=f"{event.get('pid', '')}/{event.get('tid', '')}"[:60],
    )


def _microseconds(event: dict[str, Any], name: str, number: int, source: str) -> float:
    value = event.get(name, 0)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    raise InputError(source, [Fault(f"traceEvents[{number}].{name}", f"expected microseconds, got {value!r:.60}")])


def pattern_of(template: str) -> re.Pattern[str]:
    """What a span's name matches: `forward b={batch_size}` with a number in its place, `step {n}` with any.

    Raises:
        InputError: {batch_size} stands in it twice.
    """
    if template.count(PLACE) > 1:
        raise InputError(COMMAND_LINE, [Fault("--span", f"holds {PLACE} more than once")])
    parts = re.split(r"(\{batch_size\}|\{n\})", template)
    return re.compile("".join(PLACES.get(part) or re.escape(part) for part in parts))


def check_told_once(template: str, sizes: str | None) -> None:
    """Refuse a batch size that is both in the name and told.

    Raises:
        InputError: it is, or the number in the name is known to count steps.
    """
    if template.startswith(STEP) and PLACE in template:
        said = f"'{STEP}N' counts the steps of the profiler; write '{STEP}{ANY}' and say --batch-sizes"
        raise InputError(COMMAND_LINE, [Fault("--span", said)])
    if sizes and PLACE in template:
        said = f"says the batch size, and {PLACE} in --span does too; where the number is another, write {ANY} for it"
        raise InputError(COMMAND_LINE, [Fault("--batch-sizes", said)])


def named(spans: Sequence[Span], template: str, source: str) -> list[Span]:
    """The spans whose name matches.

    Raises:
        InputError: none does; names those that are there.
    """
    pattern = pattern_of(template)
    matching = [span for span in spans if pattern.fullmatch(span.name)]
    if not matching:
        shapes = Counter(_numbered(span.name) for span in spans)
        common = ", ".join(f"'{name[:60]}'" for name, _ in shapes.most_common(5))
        near = nearest(template, dict.fromkeys(span.name for span in spans)) or nearest(template, shapes)
        several = near is not None and len({span.name for span in spans if _numbered(span.name) == _numbered(near)}) > 1
        if near is not None and several:
            near = f"{_numbered(near)}, where {ANY} is any number"
        hint = f"; did you mean {near}?" if near else f"; the most frequent are {common}" if common else ""
        raise InputError(source, [Fault("--span", f"there is no span '{template}'{hint}")])
    return matching


def _numbered(name: str) -> str:
    """A name with its numbers left open."""
    return re.sub("[0-9]+", ANY, name)


@dataclass(frozen=True, slots=True)
class Gathered:
    """Durations of spans.

    Attributes:
        samples: by batch size (ms), in the order of the files and of time.
        warnings: what is doubtful about them.
    """

    samples: Mapping[Key, list[float]]
    warnings: list[CodedWarning]


def gather(files: Mapping[Path, Sequence[Span]], template: str, sizes: str | None, skip: int) -> Gathered:
    """Durations by batch size, without the first `skip` of each file and size.

    The batch size is in the name, where the template says so; else it is told for each file; else it is the span's
    argument `batch_size`.

    Raises:
        InputError: a batch size is not to be found, a duration is zero or too long, or nothing is left.
    """
    if skip < 0:
        raise InputError(COMMAND_LINE, [Fault("--skip", f"expected a number from 0, got {skip}")])
    pattern = pattern_of(template)
    check_told_once(template, sizes)
    told = batch_sizes_of(sizes, list(files)) if sizes else {}
    lengths: dict[Key, list[float]] = defaultdict(list)
    warnings = []
    for path, spans in files.items():
        ordered = sorted(spans, key=lambda span: span.start_us)
        here: dict[int, list[float]] = defaultdict(list)
        for span in ordered:
            here[_batch_size(span, pattern, told.get(path), str(path))].append(_milliseconds(span, str(path)))
        for size, durations in sorted(here.items()):
            if len(durations) <= skip:
                said = f"has {len(durations)} spans of batch size {size}, and --skip leaves out {skip}"
                raise InputError(str(path), [Fault("--skip", said)])
            lengths[1, size] += durations[skip:]
        warnings += [*_slow_first(here, skip, str(path)), *_overlap(ordered, str(path)), *_counted(here, str(path))]
    return Gathered(dict(sorted(lengths.items())), warnings)


def _batch_size(span: Span, pattern: re.Pattern[str], told: int | None, source: str) -> int:
    match = pattern.fullmatch(span.name)
    if match is not None and pattern.groups:
        value: Any = match["batch_size"]
    else:
        value = told if told is not None else span.arguments.get(ARGUMENT)
    text = str(value)
    if value is not None and text.isascii() and text.isdigit() and int(text[:12]) > 0:
        return int(text)
    said = (
        f"'{span.name[:60]}' does not say its batch size; put {PLACE} into --span, give the argument {ARGUMENT} when "
        "measuring, or say --batch-sizes, one for each file"
    )
    raise InputError(source, [Fault(f"traceEvents[{span.place}]", said)])


def _milliseconds(span: Span, source: str) -> float:
    value = span.duration_us / US_PER_MS
    if 0 < value <= MOST_LATENCY_MS:
        return value
    said = f"'{span.name[:60]}' takes {value:g} ms; expected more than 0 and at most an hour"
    raise InputError(source, [Fault(f"traceEvents[{span.place}].dur", said)])


def _slow_first(durations: Mapping[int, Sequence[float]], skip: int, source: str) -> list[CodedWarning]:
    slow = [
        size
        for size, (first, *others) in ((size, each[skip:]) for size, each in durations.items())
        if len(others) > 1 and first > SLOW_FIRST * float(np.median(others))
    ]
    if not slow:
        return []
    sizes = ", ".join(map(str, sorted(slow)))
    said = f"{source}: the first span of batch size {sizes} is much slower than the others; --skip leaves it out"
    return [CodedWarning("slow_first_span", said)]


def _counted(durations: Mapping[int, Sequence[float]], source: str) -> list[CodedWarning]:
    """Batch sizes that count up by one, with a span each, are more likely the numbers of steps."""
    sizes = sorted(durations)
    ones = all(len(each) == 1 for each in durations.values())
    if len(sizes) < FEWEST_STEPS or not ones or sizes[-1] - sizes[0] != len(sizes) - 1:
        return []
    said = f"{source}: {len(sizes)} spans have the batch sizes {sizes[0]} to {sizes[-1]}, once each; if these are "
    return [CodedWarning("batch_size_doubtful", f"{said}numbers of steps, write {ANY} and say --batch-sizes")]


def _overlap(ordered: Sequence[Span], source: str) -> list[CodedWarning]:
    together = sum(b.start_us < a.start_us + a.duration_us for a, b in itertools.pairwise(ordered))
    if not together:
        return []
    lanes = sorted({span.lane for span in ordered})
    where = f", on {', '.join(lanes[:5])} (--lane takes one)" if len(lanes) > 1 else ""
    said = f"{source}: {together} spans began before the one before had ended{where}; batches slowed each other"
    return [CodedWarning("spans_overlap", said)]
