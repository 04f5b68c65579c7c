"""What the runs say of requests: of all of them, or of those of a class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from capsim.engine.ledger import Outcome
from capsim.stats.confidence import Known
from capsim.stats.runs import Run
from capsim.stats.sections import Estimate, Sections, Window, averaged, cut_sections, throughput_per_s, windows
from capsim.stats.times import Times, completed_times, offered_times, waiting_times
from capsim.stats.verdict import drifts_upwards
from capsim.units import NS_PER_S


@dataclass(frozen=True, eq=False)
class Crowd:
    """Requests sent in a window of several replications.

    Attributes:
        runs: the replications, of these requests alone.
        start_ns: where the window begins.
        end_ns: where it ends.
        steady: whether the load is the same all the time, but for chance.
    """

    runs: Sequence[Run]
    start_ns: int
    end_ns: int
    steady: bool

    @cached_property
    def spans(self) -> list[Window]:
        """What the sections see."""
        return windows(self.runs, self.start_ns, self.end_ns, steady=self.steady)

    @cached_property
    def sections(self) -> Sections:
        """The sections of the window."""
        return cut_sections(self.spans, len(self.runs), steady=self.steady)

    @cached_property
    def requests(self) -> dict[str, int]:
        """How many were offered, and how many came to each outcome."""
        outcomes = np.sum([run.outcomes(self.start_ns) for run in self.runs], axis=0)
        counts = {outcome.name: int(outcomes[outcome]) for outcome in Outcome}
        return {"offered": sum(counts.values()), **counts}

    @cached_property
    def offered(self) -> Times:
        """Latencies; infinite where a request did not complete (s)."""
        return offered_times(self.sections)

    @cached_property
    def latency(self) -> Times:
        """Latencies of those that completed (s)."""
        return completed_times(self.sections) if self.sections.offered_s.lost else self.offered

    @cached_property
    def waiting(self) -> Times:
        """Their time in queues (s)."""
        return waiting_times(self.sections)

    @cached_property
    def throughput(self) -> Estimate:
        """Completions per second."""
        return throughput_per_s(self.sections)

    def in_time(self, limit_ns: int) -> list[int]:
        """By section, how many requests completed with a latency within a limit."""
        return [run.in_time(low, high, limit_ns) for run, low, high in self.spans]

    def items_per_s(self) -> Estimate | None:
        """Completed items per second; nothing where all requests carry as many."""
        seen = [run.items(low, high) for run, low, high in self.spans]
        counted = [count for count in seen if count is not None]
        return self.per_second(counted) if len(counted) == len(seen) else None

    def per_second(self, counts: Sequence[int]) -> Estimate:
        """The rate of what was counted in each section."""
        parts = zip(counts, self.sections.parts, strict=True)
        return averaged(self.sections, [count / part.span_s for count, part in parts])

    def grows(self, significance: float) -> bool:
        """Whether more and more of them are in the system; see `drifts_upwards`."""
        return drifts_upwards(self.runs, self.start_ns, self.end_ns, significance)

    def known(self) -> dict[str, Known]:
        """What intervals are told of, by name."""
        return {
            **self.latency.named("latency_s"),
            **self.waiting.named("waiting_s"),
            "throughput_per_s": self.throughput,
        }

    def parts(self) -> dict[str, Sequence[float]]:
        """What each section says of latencies and throughput, by name."""
        return {**self.latency.parts("latency_s"), "throughput_per_s": self.throughput.parts}

    @property
    def span_s(self) -> float:
        """How much simulated time the window has in all replications."""
        return len(self.runs) * (self.end_ns - self.start_ns) / NS_PER_S
