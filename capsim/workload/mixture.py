"""Several arrival processes side by side, answering as one: for whoever asks how much load there is in all."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, Self

from capsim.errors import CodedWarning
from capsim.workload.process import ArrivalProcess, Load


@dataclass(frozen=True)
class Mixture:
    """The arrivals of several classes."""

    parts: tuple[ArrivalProcess, ...]

    process: ClassVar[str] = "mixture"
    file: ClassVar[None] = None

    @property
    def clients(self) -> int | None:
        """How many clients wait for an answer; nothing where requests of no part do."""
        loops = [part.clients for part in self.parts if part.clients is not None]
        return sum(loops) if loops else None

    @property
    def mean_think_ns(self) -> int:
        """The longest mean pause of a part (ns)."""
        return max(part.mean_think_ns for part in self.parts)

    @property
    def retry_delay(self) -> int:
        """The longest of a part (ns)."""
        return max(part.retry_delay for part in self.parts)

    @property
    def sends_at_once(self) -> bool:
        """Whether clients of any part send again at once."""
        return any(part.sends_at_once for part in self.parts)

    @property
    def stays_in_step(self) -> bool:
        """Whether clients of any part stay in step."""
        return any(part.stays_in_step for part in self.parts)

    @property
    def steady(self) -> bool:
        """Whether all parts are."""
        return all(part.steady for part in self.parts)

    def offered_per_s(self, horizon_s: float) -> float | None:
        """The mean rate of all parts together; nothing where one is a closed loop."""
        rates = [part.offered_per_s(horizon_s) for part in self.parts]
        known = [rate for rate in rates if rate is not None]
        return math.fsum(known) if len(known) == len(rates) else None

    def load(self, horizon_s: float) -> Load:
        """All parts together, or one `load` where they are counted in different units."""
        loads = [part.load(horizon_s) for part in self.parts]
        if len({load.unit for load in loads}) > 1:
            return Load("load", 1.0, whole=False)
        return Load(loads[0].unit, math.fsum(load.amount for load in loads), whole=False)

    @property
    def most_factor(self) -> float:
        """Up to which multiple every part can be had."""
        return min(part.most_factor for part in self.parts)

    def scaled(self, factor: float) -> Self:
        """The same with `factor` times the load of each part."""
        return replace(self, parts=tuple(part.scaled(factor) for part in self.parts))

    def faults(self, horizon_ns: int) -> Iterator[tuple[str, str]]:
        """Those of all parts."""
        return itertools.chain.from_iterable(part.faults(horizon_ns) for part in self.parts)

    def doubts(self, start_ns: int, horizon_ns: int, least_service_ns: float) -> Iterator[CodedWarning]:
        """Those of all parts."""
        return itertools.chain.from_iterable(part.doubts(start_ns, horizon_ns, least_service_ns) for part in self.parts)
