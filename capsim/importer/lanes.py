"""One span in several places: threads and ranks of a host, devices and their streams."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from capsim.errors import Fault, InputError
from capsim.importer.spans import Span

MOST_TOLD = 10


def of_lane(spans: Sequence[Span], lane: str | None, source: str) -> list[Span]:
    """The spans of the lane that is asked for, or all.

    Raises:
        InputError: it has none of them.
    """
    kept = [span for span in spans if lane in (None, span.lane)]
    if not kept:
        raise InputError(source, [Fault("--lane", f"no such span is on '{lane}'; it is on {_told(spans)}")])
    return kept


def joined(spans: Sequence[Span], source: str) -> list[Span]:
    """Spans of one device, those of its streams joined: each from the first start to the last end.

    What runs on several streams is one batch, and has a span on each. Spans on several devices may be one batch or
    several, which a trace does not tell.

    Raises:
        InputError: spans on several devices, or not equally many on each stream.
    """
    devices = {span.lane.partition("/")[0] for span in spans}
    if len(devices) > 1:
        said = f"is on several devices, as one batch or as several: {_told(spans)}; choose one"
        raise InputError(source, [Fault("--lane", said)])
    streams = {span.lane for span in spans}
    if len(streams) == 1:
        return list(spans)
    whole = []
    by_name: dict[str, dict[str, list[Span]]] = defaultdict(lambda: defaultdict(list))
    for span in sorted(spans, key=lambda span: span.start_us):
        by_name[span.name][span.lane].append(span)
    for name, lanes in by_name.items():
        if len({len(each) for each in lanes.values()}) > 1:
            said = f"'{name[:60]}' is not equally often on each stream: {_told(spans)}; choose one"
            raise InputError(source, [Fault("--lane", said)])
        whole += [_joined(each) for each in zip(*lanes.values(), strict=True)]
    return whole


def _joined(parts: Sequence[Span]) -> Span:
    start_us = min(part.start_us for part in parts)
    end_us = max(part.start_us + part.duration_us for part in parts)
    lane = parts[0].lane.partition("/")[0] + "/*"
    return replace(parts[0], start_us=start_us, duration_us=end_us - start_us, lane=lane)


def _told(spans: Sequence[Span]) -> str:
    often = Counter(span.lane for span in spans)
    shown = ", ".join(f"{lane} ({count} times)" for lane, count in sorted(often.items())[:MOST_TOLD])
    return shown + (" …" if len(often) > MOST_TOLD else "")
