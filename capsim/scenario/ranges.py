"""The values of a `--vary PATH=VALUES`: `1:16`, `1:64:4`, `100 /s:500 /s:50 /s`, `1,2,4,8`, `none,dynamic`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

MOST_VALUES = 1_000_000
MOST_DIGITS = 15
"""Before and behind the point; a range is exact within these."""

QUANTITY = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?"
END = rf"\s*({QUANTITY})\s*([^\s:\d.+-][^:]*?)?\s*"
RANGE = re.compile(rf"{END}:{END}(?::{END})?")
LOOKS_LIKE_RANGE = re.compile(rf"\s*(?:{QUANTITY}\s*[^\s:]*\s*:|[^:]*:\s*{QUANTITY}\s*$|:).*")


def values_of(text: str) -> list[str]:
    """The values that a text lists, each as YAML text; ranges include both ends.

    Raises:
        ValueError: no values, an empty range, one without end or with mixed units, or a value given twice.
    """
    values: list[str] = []
    for member in _members(text):
        if not member.strip():
            raise ValueError("expected values such as 1:16 or 1,2,4; one of them is empty")
        values += _range(member)
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise ValueError(f"names {value} twice")
        seen.add(value)
    return values


def _members(text: str) -> Iterator[str]:
    """The text split at commas outside brackets and braces."""
    depth, start = 0, 0
    for i, letter in enumerate(text):
        depth += (letter in "[{") - (letter in "]}")
        if letter == "," and depth == 0:
            yield text[start:i]
            start = i + 1
    yield text[start:]


def _range(member: str) -> list[str]:
    match = RANGE.fullmatch(member)
    if match is None:
        if LOOKS_LIKE_RANGE.fullmatch(member) and not member.lstrip().startswith(("{", "[", '"', "'")):
            raise ValueError(f"expected a range such as 1:16, 1:64:4 or 100 /s:500 /s:50 /s, got '{member.strip()}'")
        return [member.strip()]
    low, high, step = (_number(match[i] or "1") for i in (1, 3, 5))
    units = {" ".join(unit.split()) for unit in (match[2], match[4], match[6]) if unit}
    if len(units) > 1:
        raise ValueError(f"a range keeps to one unit, got {' and '.join(sorted(units))}")
    if not match[5] and (low % 1 or high % 1):
        raise ValueError(f"a range of fractions needs a step, such as {low}:{high}:0.1")
    if step <= 0:
        raise ValueError(f"the step must be more than zero, got {step}")
    if high < low:
        raise ValueError(f"the range {member.strip()} is empty: it ends below its start")
    count = int((high - low) / step) + 1
    if count > MOST_VALUES:
        raise ValueError(f"has {count:,} values; at most {MOST_VALUES:,} are taken")
    unit = f" {units.pop()}" if units else ""
    return [f"{_plain(low + i * step)}{unit}" for i in range(count)]


def _number(text: str) -> Decimal:
    number = Decimal(text)
    digits = len(number.as_tuple().digits)
    if digits > MOST_DIGITS or abs(number.adjusted()) > MOST_DIGITS:
        shown = text if len(text) <= 2 * MOST_DIGITS else f"{text[:MOST_DIGITS]}…"
        raise ValueError(f"numbers of at most {MOST_DIGITS} digits are taken, got {shown}")
    return number


def _plain(number: Decimal) -> str:
    """Without an exponent and trailing zeros, so that 1e3 is 1000 and 2.50 is 2.5."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
