"""Two latency profiles side by side: what changed, by how much, and whether chance explains it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from capsim.errors import CodedWarning, Fault, InputError
from capsim.profile.difference import Ratio, holm, ratio, slower_share, tail_p, typical_p
from capsim.profile.inspection import Inspection, Row, inspect_profile
from capsim.profile.load import Recording
from capsim.profile.quantiles import CONFIDENCE

SCHEMA = "capsim.profile_compare/1"
TAIL = 0.99
ALPHA = 1 - CONFIDENCE
NO_CONDITION = {"at", "command", "order"}
"""Words of `measured` that say when and in which order, which two measurements never share."""


@dataclass(frozen=True)
class Change:
    """A percentile from A to B.

    Attributes:
        ratio: B over A, with its interval.
        p: how probable so large a difference is by chance alone, corrected for the number of tests; none where it was
            not tested.
    """

    ratio: Ratio
    p: float | None

    @property
    def significant(self) -> bool:
        """Whether chance is ruled out at 95 %."""
        return self.p is not None and self.p < ALPHA

    def exceeds(self, limit: float) -> bool:
        """Whether B is slower by more than a share, and not by chance as far as that could be tested."""
        return self.ratio.value - 1 > limit and (self.p is None or self.significant)


@dataclass(frozen=True)
class Compared:
    """One batch size in both profiles.

    Attributes:
        a: its statistics in the first.
        b: in the second.
        changes: of p50, and of p99 where both know it.
        slower_share: how probable it is that a batch of B takes longer than one of A; none without samples.
    """

    a: Row
    b: Row
    changes: Mapping[str, Change]
    slower_share: float | None

    @property
    def p50(self) -> Change:
        """The change of the median."""
        return self.changes["p50"]


@dataclass(frozen=True, eq=False)
class ProfileComparison:
    """Everything that `capsim profile compare` tells.

    Attributes:
        a: the first profile.
        b: the second.
        rows: the batch sizes that both have, by instances, then by batch size.
    """

    a: Inspection
    b: Inspection
    rows: Sequence[Compared]

    @property
    def tested(self) -> bool:
        """Whether any difference could be tested."""
        return any(change.p is not None for row in self.rows for change in row.changes.values())

    @property
    def agreement(self) -> float:
        """The share within which all medians agree, as far as their 95 % intervals tell; infinite where they do not."""
        ratios = [row.p50.ratio for row in self.rows]
        return max(max(ratio.high - 1, 1 / ratio.low - 1) if ratio.low else float("inf") for ratio in ratios)

    def beyond(self, limit: float) -> list[tuple[Compared, str]]:
        """Where B is slower than A by more than a share: the batch sizes, with the name of the percentile."""
        return [(row, name) for row in self.rows for name, change in row.changes.items() if change.exceeds(limit)]

    def only(self) -> tuple[list[int], list[int]]:
        """Batch sizes that only the first has, and only the second."""
        first, second = ({row.batch_size for row in side.alone} for side in (self.a, self.b))
        return sorted(first - second), sorted(second - first)

    def conditions(self) -> dict[str, tuple[str, str]]:
        """In what the measurements differ, as far as both say it."""
        first, second = _conditions(self.a), _conditions(self.b)
        return {name: (first[name], second[name]) for name in first if second.get(name, first[name]) != first[name]}

    def warnings(self) -> list[CodedWarning]:
        """What is doubtful about the comparison."""
        doubtful = []
        if "model" in self.conditions():
            doubtful.append(CodedWarning("models_differ", "the two were measured on different models"))
        untested = [row for row in self.rows if row.p50.p is None]
        if untested:
            sizes = ", ".join(dict.fromkeys(str(row.a.batch_size) for row in untested))
            said = f"no test at batch sizes {sizes}: it takes samples of both, worth at least 5 independent ones"
            doubtful.append(CodedWarning("untested", said))
        for side in (self.a, self.b):
            doubtful += [warning for warning in side.warnings() if warning.code != "p99_open_ended"]
        return doubtful

    def to_dict(self) -> dict[str, Any]:
        """What `capsim profile compare --json` prints."""
        only_a, only_b = self.only()
        return {
            "schema": SCHEMA,
            "a": self.a.profile.file,
            "b": self.b.profile.file,
            "conditions": {name: list(pair) for name, pair in self.conditions().items()},
            "batch_sizes": [_compared_to_dict(row) for row in self.rows],
            "only_a": only_a,
            "only_b": only_b,
            "tested": self.tested,
            "warnings": [asdict(warning) for warning in self.warnings()],
        }


def _compared_to_dict(row: Compared) -> dict[str, Any]:
    return {
        "batch_size": row.a.batch_size,
        "instances": row.a.instances,
        "latency_ms": {
            name: {
                "a": row.a.latency_ms[name].to_dict(),
                "b": row.b.latency_ms[name].to_dict(),
                "ratio": change.ratio.to_dict(),
                "p": change.p,
                "significant": None if change.p is None else change.significant,
            }
            for name, change in row.changes.items()
        },
        "throughput_per_s": {"a": row.a.throughput_per_s, "b": row.b.throughput_per_s},
        "slower_share": row.slower_share,
    }


def _conditions(side: Inspection) -> dict[str, str]:
    profile = side.profile
    told = {
        "model": profile.model,
        "hardware": profile.hardware.name if profile.hardware else None,
        "runtime": profile.runtime,
        "precision": profile.precision,
        **{name: value for name, value in profile.measured.items() if name not in NO_CONDITION and _is_plain(value)},
    }
    return {name: str(value) for name, value in told.items() if value is not None}


def _is_plain(value: Any) -> bool:
    """Whether it is a condition rather than a record of what was found."""
    return not any(isinstance(part, Mapping | list) for part in (value if isinstance(value, list) else [value]))


def compare_profiles(a: Recording, b: Recording) -> ProfileComparison:
    """Compare what two profiles have in common.

    Raises:
        InputError: they share no batch size.
    """
    first, second = inspect_profile(a), inspect_profile(b)
    others = {(row.instances, row.batch_size): row for row in second.rows}
    pairs = [(row, others[key]) for row in first.rows if (key := (row.instances, row.batch_size)) in others]
    if not pairs:
        sizes = [", ".join(str(row.batch_size) for row in side.alone) for side in (first, second)]
        said = f"shares no batch size with {a.profile.file}: {sizes[1]} here, {sizes[0]} there"
        raise InputError(b.profile.file, [Fault("batch_size", said)])
    p_values = [p for x, _ in pairs for p in _p_values(a, b, (x.instances, x.batch_size))]
    corrected = iter(holm(p_values))
    rows = []
    for x, y in pairs:
        names = [name for name in ("p50", "p99") if name in x.latency_ms and name in y.latency_ms]
        chances = {"p50": next(corrected), "p99": next(corrected)}
        changes = {name: Change(ratio(x.latency_ms[name], y.latency_ms[name]), chances[name]) for name in names}
        rows.append(Compared(x, y, changes, _slower_share(a, b, (x.instances, x.batch_size))))
    return ProfileComparison(first, second, rows)


def _p_values(a: Recording, b: Recording, key: tuple[int, int]) -> tuple[float | None, float | None]:
    """Of the typical batch and of the slowest."""
    if key not in a.series_ms or key not in b.series_ms:
        return None, None
    first, second = a.series_ms[key], b.series_ms[key]
    return typical_p(first, second), tail_p(first, second, TAIL)


def _slower_share(a: Recording, b: Recording, key: tuple[int, int]) -> float | None:
    if key not in a.series_ms or key not in b.series_ms:
        return None
    return slower_share(a.series_ms[key], b.series_ms[key])
