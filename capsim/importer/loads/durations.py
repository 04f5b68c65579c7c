"""Times as tools written in C and Go print them: 17.61ms, 350.00us, 635.089µs, 1.02s, 1m2.5s."""

from __future__ import annotations

import re

MS = {"ns": 1e-6, "us": 1e-3, "µs": 1e-3, "μs": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4, "h": 3.6e6}
PART = re.compile(r"([0-9]+(?:\.[0-9]*)?)(ns|us|µs|μs|ms|s|m|h)")
WHOLE = re.compile(rf"(?:{PART.pattern})+")


def milliseconds(text: str) -> float | None:
    """The time in ms; nothing where the text is none."""
    if not WHOLE.fullmatch(text):
        return None
    return sum(float(number) * MS[unit] for number, unit in PART.findall(text))
