"""Requests at recorded instants."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from capsim.documents import named_file
from capsim.errors import Fault, InputError
from capsim.parameters import PositiveFloat, parameters
from capsim.random import Stream
from capsim.units import FAR_S, NS_PER_S, Duration
from capsim.workload.resolution import spread_s
from capsim.workload.trace_file import TraceFile, read_trace


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
            return read_trace(file, value)
        except InputError as error:
            faults = [Fault(f.path, f.message, f.line, error.source) for f in error.faults]
            raise PydanticCustomError("file", "the file has faults", {"faults": faults}) from None


@parameters
class Trace:
    """Arrivals replayed from a file."""

    process: Literal["trace"]
    """Which arrival process."""
    file: Annotated[TraceFile, _Loaded()]
    """CSV with a column `timestamp_s` (or `timestamp`, `timestamp_ms` …) in the order of time: seconds from the start
    of the run; or Unix times (in s, ms, us or ns, by their size) or ISO 8601, counted from the first."""
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
