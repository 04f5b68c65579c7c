"""nginx's access log (and Apache's): the combined format with `$request_time` behind, or any `--log-format`.

Times are of the end of a request, in whole seconds unless the format has `$msec`; `$request_time` counts from the first
byte of the request that was read to the last of the answer that was sent, in s with ms, `$upstream_response_time` from
connecting to the upstream to the last byte of its answer. Source: nginx's ngx_http_log_module and
ngx_http_upstream_module.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from capsim.errors import CodedWarning, Fault, InputError
from capsim.importer.imported import COMMAND_LINE
from capsim.importer.loads.access import USES, Entries, iso_of, replay, seconds_of, target_of
from capsim.importer.loads.head import Head
from capsim.importer.loads.log_format import pattern_of
from capsim.importer.loads.measured import PER_MS, Given, Measurements, Unit
from capsim.importer.loads.records import lines_of

__all__ = ["TOOL", "USES", "read", "sniff"]

TOOL = "nginx access log"
AT_NGINX = "at the server, from the first byte of the request that it read to the last of the answer that it sent"
UPSTREAM = "at the proxy, from connecting to the upstream to the last byte of its answer; attempts add up"
LINE = re.compile(
    r'\S+ \S+ [^\[]*\[(?P<time_local>[^\]]+)\] "(?P<request>(?:[^"\\]|\\.)*)" (?P<status>\d{3}) (?:\d+|-)'
    r'(?: "(?:[^"\\]|\\.)*" "(?:[^"\\]|\\.)*")?(?P<rest>.*)'
)
NAMES = {"rt": "request_time", "request_time": "request_time", "reqtime": "request_time"}
NAMES |= {"urt": "upstream_response_time", "upstream_response_time": "upstream_response_time", "msec": "msec"}
TOKEN = re.compile(r'(?:([\w-]+)[=:])?("[^"]*"|[^\s"]+)')
SECONDS = re.compile(r"\d+\.\d{3}(?:[,:]\d+\.\d{3})*")
LOOKED_AT = 2000
Rest = dict[str | int, str]
"""What stands behind the combined format: by its name, or by its place among what has none."""


def sniff(head: Head) -> bool:
    """Whether the first lines are of the common or the combined format."""
    return bool(head.lines) and any(LINE.fullmatch(line.rstrip()) for line in head.lines[:3])


def read(path: Path, given: Given) -> Measurements:
    """The requests as one point.

    Raises:
        InputError: no such file, no latency in the log, or values that make no sense.
    """
    source = str(path)
    if given.log_format is not None:
        entries, holds = _formatted(path, given)
        return replay(entries, given, TOOL, holds)
    kept: list[tuple[int, str, str, str, Rest]] = []
    entries = Entries(source, "ended")
    for number, line in lines_of(path):
        match = LINE.fullmatch(line.rstrip())
        if match is None:
            entries.odd.append(number)
        else:
            kept.append((number, match["time_local"], match["status"], match["request"], _rest(match["rest"])))
    if not kept:
        entries.check()
    latency, msec, warnings = _columns([rest for *_, rest in kept[:LOOKED_AT]], source)
    unit = _unit(latency, [rest for *_, rest in kept[:LOOKED_AT]], given, source)
    for number, time, status, request, rest in kept:
        value = seconds_of(rest.get(latency, "-"))
        scaled = float("nan") if value is None else value / PER_MS[unit]
        when = rest.get(msec, "") if msec is not None else iso_of(time)
        entries.add(number, when, scaled, status, target_of(request))
    return replay(entries, given, TOOL, UPSTREAM if latency == "upstream_response_time" else AT_NGINX, warnings)


def _rest(text: str) -> Rest:
    """The fields behind the combined format; lists of times are one field."""
    joined = re.sub(r"\s*([,:])\s+", r"\1", text)
    rest: Rest = {}
    place = 0
    for name, value in TOKEN.findall(joined):
        if name.lower() in NAMES:
            rest[NAMES[name.lower()]] = value.strip('"')
        elif not name:
            rest[place] = value.strip('"')
            place += 1
    return rest


def _columns(rests: Sequence[Rest], source: str) -> tuple[str | int, str | int | None, list[CodedWarning]]:
    """Where the latency stands, where the exact time if anywhere, and what was only guessed."""
    msec: str | int | None = "msec" if any("msec" in rest for rest in rests) else None
    for name in ("request_time", "upstream_response_time"):
        if any(name in rest for rest in rests):
            return name, msec, []
    places = sorted({place for rest in rests for place in rest if isinstance(place, int)})
    timed: list[str | int] = []
    for place in places:
        values = [rest[place] for rest in rests if rest.get(place, "-") != "-"]
        if not values or not all(SECONDS.fullmatch(value) or value.isdecimal() for value in values):
            continue
        if all(float(seconds_of(value) or 0) > 1e9 for value in values):
            msec = place
        else:
            timed.append(place)
    if not timed:
        said = "has no latency: nginx writes it where its log_format has $request_time; --log-format says where it is"
        raise InputError(source, [Fault("", said)])
    latency = timed[0]
    if len(timed) > 1:
        longest = [place for place in timed if all(_at_least(rest, place, timed) for rest in rests)]
        latency = longest[0] if longest else latency
    said = f"{source}: field {timed.index(latency) + 1} of the {len(timed)} behind the combined format is taken for"
    warning = CodedWarning("latency_column_assumed", f"{said} the time of the whole request; --log-format says which")
    return latency, msec, [warning]


def _at_least(rest: Rest, place: str | int, others: Sequence[str | int]) -> bool:
    value = seconds_of(rest.get(place, "-")) or 0.0
    return all(value >= (seconds_of(rest.get(other, "-")) or 0.0) for other in others)


def _unit(latency: str | int, rests: Sequence[Rest], given: Given, source: str) -> Unit:
    """Seconds with three digits are nginx's; whole numbers may be anything."""
    values = [rest[latency] for rest in rests if rest.get(latency, "-") != "-"]
    if given.unit is None and any(value.isdecimal() for value in values):
        said = f"is a whole number such as {values[0]} in s, ms or us? Apache's %D is in us, its %T in s"
        raise InputError(source, [Fault("--unit", said)])
    return given.unit or "s"


def _formatted(path: Path, given: Given) -> tuple[Entries, str]:
    """The lines as a log_format has written them."""
    if given.unit is not None:
        raise InputError(COMMAND_LINE, [Fault("--unit", "nginx's times are in s; --log-format says which they are")])
    pattern = pattern_of(given.log_format or "")
    names = pattern.groupindex
    latency = "request_time" if "request_time" in names else "upstream_response_time"
    entries = Entries(str(path), "ended")
    for number, line in lines_of(path):
        match = pattern.fullmatch(line)
        if match is None:
            entries.odd.append(number)
            continue
        told = match.groupdict()
        when = next(told[name] for name in ("msec", "time_iso8601", "time_local") if name in told)
        seconds = seconds_of(told[latency])
        request = told.get("request") or " ".join(
            told[name] for name in ("request_method", "request_uri", "uri") if told.get(name)
        )
        milliseconds = float("nan") if seconds is None else seconds * 1e3
        entries.add(number, iso_of(when), milliseconds, told.get("status", "200"), target_of(request))
    return entries, AT_NGINX if latency == "request_time" else UPSTREAM
