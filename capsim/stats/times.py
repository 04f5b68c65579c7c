"""What the runs know of a time of requests: its mean and its percentiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from capsim.stats.mean import Mean, mean_of
from capsim.stats.sample import Sample
from capsim.stats.sections import Sections
from capsim.stats.tail import Percentile, Tail, parts_of_percentile

LEVELS = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99, "p999": 0.999}


@dataclass(frozen=True, eq=False)
class Times:
    """A time of requests.

    Attributes:
        mean: what is known of it.
        percentiles: what is known of them, by name.
        tail: of the requests beyond them.
    """

    mean: Mean
    percentiles: Mapping[str, Percentile]
    tail: Tail

    @property
    def known(self) -> dict[str, Mean | Percentile]:
        """All by name."""
        return {"mean": self.mean, **self.percentiles}

    def parts(self, time: str) -> dict[str, tuple[float, ...]]:
        """What each section says of them, with the name of the time before theirs."""
        percentiles = {name: parts_of_percentile(self.tail, known) for name, known in self.percentiles.items()}
        return {f"{time}.{name}": parts for name, parts in {"mean": self.mean.parts, **percentiles}.items()}

    def named(self, time: str) -> dict[str, Mean | Percentile]:
        """All, with the name of the time before theirs."""
        return {f"{time}.{name}": known for name, known in self.known.items()}


def times_of(sections: Sections, samples: Sequence[Sample], together: Sample) -> Times:
    """What is known of a time; `samples` are those of the sections."""
    tail = Tail(sections, samples, together)
    mean = mean_of(sections, samples, together, tail)
    percentiles = {name: tail.percentile(1 - p) for name, p in LEVELS.items()}
    return Times(mean, percentiles, tail)


def offered_times(sections: Sections) -> Times:
    """The latency of all requests; infinite where one did not complete (s)."""
    return times_of(sections, [part.latency_s for part in sections.parts], sections.offered_s)


def completed_times(sections: Sections) -> Times:
    """The latency of those that completed (s)."""
    return times_of(sections, [part.latency_s.finite for part in sections.parts], sections.offered_s.finite)


def waiting_times(sections: Sections) -> Times:
    """Their time in queues (s)."""
    return times_of(sections, [part.waiting_s for part in sections.parts], sections.waiting_s)
