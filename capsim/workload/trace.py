"""Requests at recorded instants."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from capsim.documents import named_file, read_table
from capsim.errors import Fault, InputError, did_you_mean
from capsim.parameters import PositiveFloat, parameters
from capsim.random import Stream
from capsim.units import FAR_S, NS_PER_S, Duration
from capsim.workload.resolution import spread_s

if TYPE_CHECKING:
    import pandas as pd

COLUMN = "timestamp_s"
MOST_BYTES = 2 * 1024**3
MOST_SECONDS = 366 * 86400


@dataclass(frozen=True, eq=False)
class TraceFile:
    """Recorded send times.

    Attributes:
        file: the file as the scenario names it.
        times_s: instants in seconds, never decreasing.
    """

    file: str
    times_s: NDArray[np.float64]


def read_trace(path: Path) -> NDArray[np.float64]:
    """The column `timestamp_s` of a CSV file, in seconds.

    Raises:
        InputError: no such file or column, no rows, or a time that is no number, negative or runs backwards.
    """
    import pandas as pd

    source = str(path)
    pieces: list[NDArray[np.float64]] = []
    latest = 0.0
    for rows in read_table(path, MOST_BYTES):
        if COLUMN not in rows:
            found = ", ".join(map(str, rows.columns[:10]))
            hint = did_you_mean(COLUMN, map(str, rows.columns))
            raise InputError(source, [Fault(COLUMN, f"no such column; found {found}{hint}", 1)])
        times = pd.to_numeric(rows[COLUMN], errors="coerce").to_numpy(np.float64)
        _check(times, latest, rows[COLUMN], source)
        pieces.append(times)
        latest = times[-1] if len(times) else latest
    joined = np.concatenate(pieces)
    if len(joined) == 0:
        raise InputError(source, [Fault(COLUMN, "has no rows")])
    return joined


def _check(times: NDArray[np.float64], latest: float, text: pd.Series[str], source: str) -> None:
    wrong = ~((times >= 0) & (times <= MOST_SECONDS))
    earlier = np.concatenate([[latest], times[:-1]]) if len(times) else times
    faults = []
    for row in np.flatnonzero(wrong | (times < earlier))[:10].tolist():
        said = f"expected seconds from 0 to {MOST_SECONDS}, got '{text.iloc[row]}'"
        if not wrong[row]:
            said = f"runs backwards: {text.iloc[row]} after {earlier[row]}"
        faults.append(Fault(COLUMN, said, int(text.index[row]) + 2))
    if faults:
        raise InputError(source, faults)


class _Loaded:
    """Validates a file name into what the file holds; relative names start at the scenario's folder."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(
            self.load,
            serialization=core_schema.plain_serializer_function_ser_schema(lambda trace: trace.file),
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "examples": ["trace.csv"]}

    @staticmethod
    def load(value: object, info: ValidationInfo) -> TraceFile:
        if isinstance(value, TraceFile):
            return value
        if not isinstance(value, str):
            raise ValueError(f"expected the name of a CSV file, got {value!r}")  # noqa: TRY004 - pydantic reports ValueError
        around = info.context or {}
        try:
            file = named_file(value, around.get("folder", Path()), closed=around.get("closed", False))
            return TraceFile(value, read_trace(file))
        except InputError as error:
            faults = [Fault(f.path, f.message, f.line, error.source) for f in error.faults]
            raise PydanticCustomError("file", "the file has faults", {"faults": faults}) from None


@parameters
class Trace:
    """Arrivals replayed from a file."""

    process: Literal["trace"]
    """Which arrival process."""
    file: Annotated[TraceFile, _Loaded()]
    """CSV with a column `timestamp_s`, in the order of time, counted from the start of the run."""
    scale: PositiveFloat = 1.0
    """Factor on the rate: 2 replays the trace twice as fast."""

    resolution: Duration | None = None
    """In which steps times were recorded: `1 s` spreads requests over their second, `0 s` sends them as they are."""

    def times_ns(self) -> NDArray[np.int64]:
        """The recorded instants (ns)."""
        return self._scaled_ns(self.file.times_s)

    def sent_ns(self, stream: Stream) -> NDArray[np.int64]:
        """When each request is sent (ns): as recorded, or spread over the resolution by draws from the stream."""
        if not self.resolution:
            return self.times_ns()
        return self._scaled_ns(spread_s(self.file.times_s, self.resolution / NS_PER_S, stream))

    def expected_before(self, horizon_ns: int) -> float:
        """How many requests are sent before the horizon: those recorded, or their mean number where spread."""
        ahead = horizon_ns - self.times_ns().astype(np.float64)
        if not self.resolution:
            return float(np.count_nonzero(ahead > 0))
        return float(np.clip(ahead * self.scale / self.resolution, 0.0, 1.0).sum())

    def _scaled_ns(self, times_s: NDArray[np.float64]) -> NDArray[np.int64]:
        with np.errstate(over="ignore"):
            seconds: NDArray[np.float64] = np.minimum(times_s / self.scale, FAR_S)
        return np.rint(seconds * NS_PER_S).astype(np.int64)
