"""What separates the columns of a table and the decimals of its numbers, told from the table and never guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

DELIMITERS = (",", ";", "\t")
WITH_COMMA = re.compile(r"[+-]?[0-9.,]*[0-9],[0-9.,]*")
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
GROUPS = re.compile(r"[+-]?[0-9]{1,3}(\.[0-9]{3})+")


def delimiter_of(header: str) -> str:
    """What the columns of a header are separated by: the comma unless a semicolon or a tab is there more often."""
    outside = re.sub(r'"[^"]*"', "", header)
    return max(DELIMITERS, key=outside.count)


def decimal_of(texts: Iterable[str]) -> str | None:
    """The sign before the decimals of numbers: a point or a comma; nothing where both would make sense, or neither.

    A comma before other than three digits, or behind a point, is of decimals (`0,5`, `1.234,5`); one that stands
    twice, or before a point, parts thousands (`1,234,567`, `1,234.5`). `1,234` alone may be either.
    """
    commas = {text.strip() for text in texts if WITH_COMMA.fullmatch(text.strip())}
    thousands = {text for text in commas if text.count(",") > 1 or "." in text.partition(",")[2]}
    decimals = {text for text in commas - thousands if _before_decimals(text)}
    if not commas or (thousands and not decimals):
        return "."
    return "," if decimals and not thousands else None


def _before_decimals(text: str) -> bool:
    whole, _, rest = text.lstrip("+-").partition(",")
    return "." in whole or len(rest) != 3 or whole == "0"


def plain(text: str, decimal: str) -> str:
    """A number with its decimals behind a point and nothing between its thousands; any other text as it is."""
    bare = text.strip()
    if WITH_COMMA.fullmatch(bare):
        return bare.replace(",", "") if decimal == "." else bare.replace(".", "").replace(",", ".")
    return bare.replace(".", "") if decimal == "," and GROUPS.fullmatch(bare) else text


def rounded_by(text: str) -> float:
    """How far a number may be from what was rounded to this text: half of its last digit.

    Raises:
        ValueError: no finite number.
    """
    if not NUMBER.fullmatch(text.strip()):
        raise ValueError(f"'{text}' is no number")
    return 0.5 * 10.0 ** int(Decimal(text.strip()).as_tuple().exponent)
