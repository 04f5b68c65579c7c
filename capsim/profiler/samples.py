"""The measured batches, and their CSV file."""

from __future__ import annotations

import csv
import io
import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from capsim.errors import Fault, InputError

HEADER = ("batch_size", "latency_ms")
HEADER_OF_SEVERAL = (*HEADER, "instances")


class Cell(NamedTuple):
    """What is measured: so many items in a batch, while so many instances share the device."""

    batch_size: int
    instances: int = 1

    def __str__(self) -> str:
        """As notes name it."""
        return f"batch size {self.batch_size}" + (f", {self.instances} instances" if self.instances > 1 else "")


@dataclass(slots=True)
class Samples:
    """A row per measured batch, in the order of measuring, so that a drift can be seen.

    Attributes:
        rows: what was measured, and the latency in milliseconds.
    """

    rows: list[tuple[Cell, float]] = field(default_factory=list)

    def add(self, cell: Cell, latencies_ms: Iterable[float]) -> None:
        """Measured batches."""
        self.rows += [(cell, latency) for latency in latencies_ms]

    def drop(self, cell: Cell) -> None:
        """Forget every row of a cell."""
        self.rows = [row for row in self.rows if row[0] != cell]

    def by_cell(self) -> dict[Cell, list[float]]:
        """The latencies of each cell, in the order of measuring."""
        latencies = defaultdict(list)
        for cell, latency in self.rows:
            latencies[cell].append(latency)
        return dict(latencies)

    def to_csv(self) -> str:
        """The text of the file: six significant digits, finer than any clock's repeatability."""
        if all(cell.instances == 1 for cell, _ in self.rows):
            lines = [",".join(HEADER), *(f"{cell.batch_size},{latency:.6g}" for cell, latency in self.rows)]
        else:
            rows = (f"{cell.batch_size},{latency:.6g},{cell.instances}" for cell, latency in self.rows)
            lines = [",".join(HEADER_OF_SEVERAL), *rows]
        return "\n".join(lines) + "\n"


def read_samples(file: Path) -> Samples:
    """What an earlier measurement has written.

    Raises:
        InputError: the file holds something else.
    """
    reader = csv.reader(io.StringIO(file.read_text(encoding="utf-8")))
    header = tuple(next(reader, ()))
    if header not in {HEADER, HEADER_OF_SEVERAL}:
        raise InputError(str(file), [Fault("", f"expected the header {','.join(HEADER)}", line=1)])
    return Samples(_rows(file, reader))


def _rows(file: Path, rows: Iterable[list[str]]) -> list[tuple[Cell, float]]:
    good: list[tuple[Cell, float]] = []
    faults = []
    for line, row in enumerate(rows, start=2):
        try:
            cell, latency = Cell(int(row[0]), *map(int, row[2:3])), float(row[1])
        except (ValueError, IndexError):
            cell, latency = Cell(0), math.nan
        if min(cell) >= 1 and latency > 0 and math.isfinite(latency):
            good.append((cell, latency))
        else:
            header = ",".join(row)
            faults.append(Fault("", f"expected a batch size and milliseconds above 0, got '{header}'", line))
    if faults:
        raise InputError(str(file), faults)
    return good
