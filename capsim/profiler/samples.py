"""The measured batches, and their CSV file."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from capsim.errors import Fault, InputError

HEADER = ("batch_size", "latency_ms")


@dataclass(slots=True)
class Samples:
    """A row per measured batch, in the order of measuring, so that a drift can be seen.

    Attributes:
        rows: batch size and latency in milliseconds.
    """

    rows: list[tuple[int, float]] = field(default_factory=list)

    def add(self, batch_size: int, latency_ms: float) -> None:
        """One measured batch."""
        self.rows.append((batch_size, latency_ms))

    def drop(self, batch_size: int) -> None:
        """Forget every row of a batch size."""
        self.rows = [row for row in self.rows if row[0] != batch_size]

    def counts(self) -> Counter[int]:
        """Rows by batch size."""
        return Counter(batch_size for batch_size, _ in self.rows)

    def latencies_ms(self, batch_size: int) -> list[float]:
        """The latencies of one batch size."""
        return [latency for size, latency in self.rows if size == batch_size]

    def to_csv(self) -> str:
        """The text of the file: six significant digits, finer than any clock's repeatability."""
        lines = [",".join(HEADER), *(f"{size},{latency:.6g}" for size, latency in self.rows)]
        return "\n".join(lines) + "\n"


def read_samples(file: Path) -> Samples:
    """What an earlier measurement has written.

    Raises:
        InputError: the file holds something else.
    """
    reader = csv.reader(io.StringIO(file.read_text(encoding="utf-8")))
    if tuple(next(reader, ())) != HEADER:
        raise InputError(str(file), [Fault("", f"expected the header {','.join(HEADER)}", line=1)])
    return Samples(_rows(file, reader))


def _rows(file: Path, rows: Iterable[list[str]]) -> list[tuple[int, float]]:
    good: list[tuple[int, float]] = []
    faults = []
    for line, row in enumerate(rows, start=2):
        try:
            size, latency = int(row[0]), float(row[1])
        except (ValueError, IndexError):
            size, latency = 0, math.nan
        if size >= 1 and latency > 0 and math.isfinite(latency):
            good.append((size, latency))
        else:
            found = ",".join(row)
            faults.append(Fault("", f"expected a batch size and milliseconds above 0, got '{found}'", line))
    if faults:
        raise InputError(str(file), faults)
    return good
