"""The beginning of a file, by which its format is told."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from capsim.documents.files import note_read, what_stands_there
from capsim.errors import Fault, InputError

MOST_BYTES = 64 * 1024


@dataclass(frozen=True)
class Head:
    """The first 64 KiB of a file.

    Attributes:
        text: of it, with what is no UTF-8 replaced.
        whole: there is no more.
        binary: it holds a zero byte, as no text does.
    """

    text: str
    whole: bool
    binary: bool

    @cached_property
    def lines(self) -> list[str]:
        """Its lines that hold something; the last may be cut short."""
        return [line for line in self.text.splitlines() if line.strip()]

    @cached_property
    def fields(self) -> list[str]:
        """The fields of the first line, read as CSV."""
        try:
            return [field.strip() for field in next(csv.reader(self.lines[:1]), [])]
        except csv.Error:
            return []

    @cached_property
    def record(self) -> dict[str, Any]:
        """The JSON object on the first line; empty where there is none."""
        try:
            value = json.loads(self.lines[0]) if self.lines else None
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}

    def has_columns(self, *names: str) -> bool:
        """Whether the first line is a header with these columns."""
        return set(names) <= set(self.fields)


def read_head(path: Path) -> Head:
    """The beginning of a file.

    Raises:
        InputError: no such file, or it cannot be read.
    """
    source = str(path)
    note_read(path)
    if not path.is_file():
        raise InputError(source, [Fault("", what_stands_there(path))])
    try:
        with path.open("rb") as stream:
            raw = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise InputError(source, [Fault("", f"cannot be read: {error.strerror}")]) from None
    text = raw[:MOST_BYTES].decode("utf-8-sig", errors="replace")
    return Head(text, len(raw) <= MOST_BYTES, b"\0" in raw)
