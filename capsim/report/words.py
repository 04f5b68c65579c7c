"""Numbers as people read them."""

from __future__ import annotations

NAMES = {"mean": "mean", "p50": "p50", "p90": "p90", "p95": "p95", "p99": "p99", "p999": "p99.9"}
"""What statistics of a time are called."""


def duration(seconds: float | None) -> str:
    """A time with three digits in the unit that suits it."""
    if seconds is None:
        return "–"
    if seconds == 0:
        return "0"
    for unit, scale in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)):
        if abs(seconds) * scale >= 1 or unit == "µs":
            digits = f"{seconds * scale:#.3g}"
            return f"{float(digits):,.0f} {unit}" if "e" in digits else f"{digits.rstrip('.')} {unit}"
    raise AssertionError("the last unit always suits")


def target_in_words(name: str) -> str:
    """What a target of an objective is called: `p99.9`, or of a class `interactive p99`."""
    of_class, _, statistic = name.rpartition(".")
    return f"{of_class} {NAMES[statistic]}".strip()


def range_of_times(ends: tuple[float, float] | None) -> str:
    """An interval of a time: `[233 ms, 243 ms]`."""
    return "unknown" if ends is None else f"[{duration(ends[0])}, {duration(ends[1])}]"


def percent(share: float) -> str:
    """A share: `31.4 %`."""
    return f"{share * 100:.1f} %"
