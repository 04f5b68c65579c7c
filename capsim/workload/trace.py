"""Requests at recorded instants."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from capsim.documents import named_file
from capsim.errors import CodedWarning, Fault, InputError
from capsim.parameters import PositiveFloat, parameters
from capsim.random import Stream
from capsim.units import FAR_S, NS_PER_S, TIME, Duration
from capsim.workload.multiplied import multiplied
from capsim.workload.open_loop import WithoutClients
from capsim.workload.process import Load
from capsim.workload.resolution import is_multiple, recorded_in_s, spread_s
from capsim.workload.trace_columns import MOST_TOLD
from capsim.workload.trace_file import TraceFile, read_trace

MOST_REQUESTS = 20_000_000
"""To which a trace is multiplied at most; they take 8 bytes each, several times over."""
COARSE = 0.1
"""From this share of the time of service on, the step in which times were recorded changes waiting."""
NEARLY = 0.95
"""A trace that lasts for less than this share of the run ends before it."""


@dataclass(frozen=True, eq=False)
class Sent:
    """The requests of one replication in the order of time.

    Attributes:
        times_ns: when each is sent (ns).
        items: how many each carries; absent where the trace does not say.
        keys: what each asks for, numbered from 0; likewise.
        request_bytes: the size of each (bytes); likewise.
    """

    times_ns: NDArray[np.int64]
    items: NDArray[np.int64] | None
    keys: NDArray[np.int64] | None
    request_bytes: NDArray[np.int64] | None


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
class Trace(WithoutClients):
    """Arrivals replayed from a file."""

    process: Literal["trace"]
    """Which arrival process."""
    file: Annotated[TraceFile, _Loaded()]
    """CSV with a column `timestamp_s` (or `timestamp`, `timestamp_ms` …) in the order of time: seconds from the start
    of the run; or Unix times (in s, ms, us or ns, by their size) or ISO 8601, counted from the first. Beside it there
    may be `class`, `items`, `key` and `request_bytes` of each request."""
    scale: PositiveFloat = 1.0
    """Factor on the rate: 2 replays the trace twice as fast."""

    resolution: Duration | None = None
    """In which steps times were recorded: `1 s` spreads requests over their second, `0 s` sends them as they are."""

    steady: ClassVar[bool] = False

    def times_ns(self) -> NDArray[np.int64]:
        """The recorded instants (ns)."""
        return self._scaled_ns(self.file.times_s)

    def sent(self, stream: Stream) -> Sent:
        """What is sent when: as recorded, or spread over the resolution by draws from the stream."""
        file = self.file
        if self.resolution:
            times_s = spread_s(file.times_s, self.resolution / NS_PER_S, stream)
            order = np.argsort(times_s, kind="stable")
            file = file.picked(order, times_s[order])
        return Sent(self._scaled_ns(file.times_s), file.items, file.keys, file.request_bytes)

    def sent_ns(self, stream: Stream) -> NDArray[np.int64]:
        """When each request is sent (ns), see `sent`."""
        return self.sent(stream).times_ns

    def of_class(self, name: str) -> Self:
        """The requests of a class; all where the file has no column of them.

        Raises:
            ValueError: no request is of it.
        """
        return replace(self, file=self.file.of_class(name))

    def expected_before(self, horizon_ns: int) -> float:
        """How many requests are sent before the horizon: those recorded, or their mean number where spread."""
        ahead = horizon_ns - self.times_ns().astype(np.float64)
        if not self.resolution:
            return float(np.count_nonzero(ahead > 0))
        return float(np.clip(ahead * self.scale / self.resolution, 0.0, 1.0).sum())

    def offered_per_s(self, horizon_s: float) -> float:
        """The mean rate of the requests that are sent before the horizon."""
        return self.expected_before(round(horizon_s * NS_PER_S)) / horizon_s

    def load(self, horizon_s: float) -> Load:
        """How many requests are sent before the horizon."""
        return Load("requests", round(self.offered_per_s(horizon_s) * horizon_s), whole=True)

    @property
    def most_factor(self) -> float:
        """Up to which multiple of its requests it can be had."""
        return max(1.0, MOST_REQUESTS / len(self.file.times_s))

    def scaled(self, factor: float) -> Self:
        """The same with `factor` times the requests, at the same times; those added carry what others there do."""
        times_s, places = multiplied(self.file.times_s, factor)
        return replace(self, file=self.file.picked(places, times_s))

    def faults(self, horizon_ns: int) -> Iterator[tuple[str, str]]:
        """A horizon before the first request, or else a resolution that the times do not have."""
        first = int(self.times_ns()[0])
        if first >= horizon_ns:
            said = f"the first request is sent at {TIME.format(first)}, after the horizon of {TIME.format(horizon_ns)}"
            yield "file", said
        elif self.resolution:
            whole = is_multiple(self.file.times_s, self.resolution / NS_PER_S)
            if not all(whole):
                line, step = self.file.line(int(np.flatnonzero(~whole)[0])), TIME.format(self.resolution)
                said = f"is {step}, but the times are no whole multiples of {step} after the first"
                yield "resolution", f"{said}: see line {line} of {self.file.file}"

    def doubts(self, start_ns: int, horizon_ns: int, least_service_ns: float) -> Iterator[CodedWarning]:  # noqa: ARG002 - for rates
        """A trace that is longer or shorter than the run, and what its times may not be."""
        times = self.times_ns()
        beyond = int((times >= horizon_ns).sum())
        if beyond:
            yield CodedWarning("trace_cut", f"{beyond} of {len(times)} requests of the trace lie beyond the horizon")
        elif times[-1] < NEARLY * horizon_ns:
            said = f"the trace ends at {TIME.format(int(times[-1]))}, the run at {TIME.format(horizon_ns)}"
            yield CodedWarning("trace_short", said)
        yield from self.file.doubts
        if self.file.classes is not None:
            there = ", ".join(self.file.class_names[:MOST_TOLD])
            said = f"the requests of all classes of {self.file.file} are replayed as one: {there}"
            yield CodedWarning("trace_classes", said)
        yield from self._coarseness(least_service_ns)

    def _coarseness(self, least_service_ns: float) -> Iterator[CodedWarning]:
        """Times recorded more coarsely than requests are served, which bunches what was not together."""
        times_s = self.file.times_s
        step_s = None if self.resolution is not None else recorded_in_s(times_s)
        if step_s is None or step_s / self.scale < COARSE * least_service_ns / NS_PER_S:
            return
        often = float(f"{len(times_s) / len(np.unique(times_s)):.3g}")
        step = TIME.format(round(step_s * NS_PER_S))
        said = (
            f"all times of {self.file.file} are whole multiples of {step} and {often:,g} requests share each: they "
            f"are sent at once. Say resolution: {step} to spread them within it, or resolution: 0 s if they were sent "
            "together"
        )
        yield CodedWarning("coarse_times", said)

    def _scaled_ns(self, times_s: NDArray[np.float64]) -> NDArray[np.int64]:
        with np.errstate(over="ignore"):
            seconds: NDArray[np.float64] = np.minimum(times_s / self.scale, FAR_S)
        return np.rint(seconds * NS_PER_S).astype(np.int64)
