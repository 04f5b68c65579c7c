"""JSON of load generators: objects with numbers in them, and files with an object on each line."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from capsim.documents.files import note_read
from capsim.errors import Fault, InputError

MOST_BYTES = 256 * 1024**2
MOST_LINE = 1024**2


def lines_of(path: Path, most_bytes: int = MOST_BYTES) -> Iterator[tuple[int, str]]:
    """The lines of a text file that hold something, with their numbers from 1, one at a time.

    Raises:
        InputError: no such file, too large, a line of more than 1 MiB, or not UTF-8 text.
    """
    source = str(path)
    note_read(path)
    try:
        if path.stat().st_size > most_bytes:
            raise InputError(source, [Fault("", f"is larger than {most_bytes // 1024**2} MiB")])
        with path.open("rb") as stream:
            number = 0
            while raw := stream.readline(MOST_LINE + 1):
                number += 1
                if len(raw) > MOST_LINE:
                    raise InputError(source, [Fault("", "is longer than 1 MiB", number)])
                text = _decoded(raw, number, source)
                if text.strip():
                    yield number, text
    except OSError as error:
        raise InputError(source, [Fault("", f"cannot be read: {error.strerror}")]) from None


def _decoded(raw: bytes, number: int, source: str) -> str:
    try:
        return raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise InputError(source, [Fault("", f"is not UTF-8 text (byte {error.start})", number)]) from None


def objects_of(path: Path, most_bytes: int = MOST_BYTES) -> Iterator[tuple[int, dict[str, Any]]]:
    """The JSON object on each line, with its number.

    Raises:
        InputError: see `lines_of`; or a line that holds no object.
    """
    for number, text in lines_of(path, most_bytes):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise InputError(str(path), [Fault("", f"expected a JSON object, got '{text[:40]}'", number)])
        yield number, value


def number_at(value: Any, *names: str) -> float | None:
    """The number at a place inside nested objects; nothing where there is none, or where it is not finite."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return float(value)


def needed_at(source: str, value: Any, *names: str, zero: bool = False) -> float:
    """The number above 0 (or from 0) at a place inside nested objects.

    Raises:
        InputError: there is none.
    """
    number = number_at(value, *names)
    if number is None or number < 0 or (number == 0 and not zero):
        for name in names:
            value = value.get(name) if isinstance(value, dict) else None
        expected = f"expected a number {'from' if zero else 'above'} 0"
        told = "nothing" if value is None else repr(value)[:40]
        raise InputError(source, [Fault(".".join(names), f"{expected}, got {told}")])
    return number
