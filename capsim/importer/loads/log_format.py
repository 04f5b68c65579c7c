"""nginx's `log_format` as a pattern for the lines that it writes."""

from __future__ import annotations

import re

from capsim.errors import Fault, InputError
from capsim.importer.imported import COMMAND_LINE

VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)\})")
TIMED = ("msec", "time_iso8601", "time_local")
LATENCIES = ("request_time", "upstream_response_time")
KNOWN = (*TIMED, *LATENCIES, "request", "request_method", "request_uri", "uri", "status")


def pattern_of(log_format: str) -> re.Pattern[str]:
    """What a line matches; the variables that matter are groups of their name.

    A value ends before the first letter of the text that follows it. Times of several upstreams are a list.

    Raises:
        InputError: neither time nor latency among the variables, or two with nothing between.
    """
    pieces: list[str] = []
    names: list[str] = []
    end = 0
    matches = list(VARIABLE.finditer(log_format))
    for number, match in enumerate(matches):
        pieces.append(re.escape(log_format[end : match.start()]))
        end = match.end()
        name = match[1] or match[2]
        following = log_format[end : matches[number + 1].start()] if number + 1 < len(matches) else log_format[end:]
        if not following and number + 1 < len(matches):
            raise InputError(COMMAND_LINE, [Fault("--log-format", f"has nothing between ${name} and what follows")])
        pieces.append(_value(name, following[:1], known=name in KNOWN and name not in names))
        names.append(name)
    pieces.append(re.escape(log_format[end:]))
    faults = []
    if not set(TIMED) & set(names):
        faults.append(Fault("--log-format", f"has none of {', '.join(f'${name}' for name in TIMED)}"))
    if not set(LATENCIES) & set(names):
        faults.append(Fault("--log-format", f"has none of {', '.join(f'${name}' for name in LATENCIES)}"))
    if faults:
        raise InputError(COMMAND_LINE, faults)
    return re.compile("".join(pieces))


def _value(name: str, end: str, *, known: bool) -> str:
    if name in ("msec", "request_time"):
        value = r"(?:[0-9.]+|-)"
    elif name.startswith("upstream_") and end != ",":
        part = f"[^,{re.escape(end)}]*" if end else "[^,]*"
        value = f"{part}(?:(?:, | : ){part})*"
    else:
        value = f"[^{re.escape(end)}]*" if end else ".*"
    return f"(?P<{name}>{value})" if known else value
