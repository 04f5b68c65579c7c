"""The answer to a scenario."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from capsim.engine.ledger import Ledger
from capsim.errors import CodedWarning
from capsim.prices import Spend
from capsim.stats.attempts import AttemptsResult, CacheResult
from capsim.stats.classes import ClassResult
from capsim.stats.confidence import Confidence, Known
from capsim.stats.histogram import Histogram
from capsim.stats.interval import Interval, LatencyInterval
from capsim.stats.judgement import ObjectiveResult
from capsim.stats.pools import AdmissionResult, PoolResult

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "capsim.result/1"
UNPRINTED = frozenset(
    {"ledgers", "items_per_request", "branches", "section_values", "offered_latency_s", "known", "latency_histogram"}
)
"""Fields that the JSON of an answer leaves out."""


@dataclass(frozen=True, eq=False)
class Result:
    """The answer to a scenario. Times are seconds; counts are over all replications after warm-up.

    `latency_s`, `latency_histogram` and `waiting_s` are of requests that completed; `breakdown_s` splits their mean
    latency.
    `section_values` has what each section, a replication or a slice of one, says of `latency_s.p99`,
    `throughput_per_s`, `utilisation.POOL` and the like: what intervals of differences rest on.
    `offered_latency_s` has what the simulation knows of the mean and the percentiles of all requests, where one that
    did not complete is infinitely late: what objectives are judged by. `known` has what intervals are told of, by
    `latency_s.p99`, `throughput_per_s` and the like.
    """

    scenario: str
    engine: str
    seed: int
    replications: int
    warmup_s: float
    horizon_s: float
    requests: Mapping[str, int]
    latency_s: Mapping[str, LatencyInterval]
    waiting_s: Mapping[str, Interval]
    breakdown_s: Mapping[str, float]
    throughput_per_s: Interval
    throughput_items_per_s: Interval
    pools: Sequence[PoolResult]
    objective: ObjectiveResult | None
    verdict: str
    warnings: Sequence[CodedWarning]
    cost: Spend | None
    provenance: Mapping[str, Any]
    admission: Sequence[AdmissionResult] = ()
    classes: Sequence[ClassResult] = ()
    attempts: AttemptsResult | None = None
    caches: Sequence[CacheResult] = ()
    goodput_per_s: Interval | None = None
    items_per_request: int = 1
    branches: Sequence[int] = ()
    ledgers: Sequence[Ledger] = field(default=(), repr=False)
    section_values: Mapping[str, Sequence[float]] = field(default_factory=dict, repr=False)
    offered_latency_s: Mapping[str, Confidence] = field(default_factory=dict, repr=False)
    known: Mapping[str, Known] = field(default_factory=dict, repr=False)
    latency_histogram: Histogram | None = field(default=None, repr=False)

    def latency_of(self, target: str) -> LatencyInterval:
        """The latency that a target of the objective is about: `p99` of all requests, `CLASS.p99` of a class."""
        of_class, _, statistic = target.rpartition(".")
        if not of_class:
            return self.latency_s[statistic]
        return next(each.latency_s[statistic] for each in self.classes if each.name == of_class)

    def to_dict(self) -> dict[str, Any]:
        """The answer as plain data: what `capsim run --json` prints."""
        shallow = replace(self, ledgers=(), offered_latency_s={}, known={})
        data = asdict(shallow)
        return {"schema": SCHEMA, **{name: value for name, value in data.items() if name not in UNPRINTED}}

    def to_json(self) -> str:
        """The answer as a JSON document; see the contract of `capsim run --json`."""
        return json.dumps(self.to_dict(), indent=2, allow_nan=False)

    def request_frame(self) -> pd.DataFrame:
        """A row per request sent before the horizon, warm-up included, of all replications."""
        import pandas as pd

        names = [each.name for each in self.classes]
        return pd.concat(
            [ledger.request_frame(i, self.items_per_request, names) for i, ledger in enumerate(self.ledgers)],
            ignore_index=True,
        )

    def visit_frame(self) -> pd.DataFrame:
        """A row per visit of these requests to a queue; servers are counted within their pool."""
        import pandas as pd

        names = [pool.name for pool in self.pools]
        firsts = [sum(pool.servers for pool in self.pools[:i]) for i in range(len(self.pools))]
        frames = [ledger.visit_frame(i, names, firsts, self.branches) for i, ledger in enumerate(self.ledgers)]
        return pd.concat(frames, ignore_index=True)

    def attempt_frame(self) -> pd.DataFrame | None:
        """A row per sending of these requests; nothing where senders send each once."""
        import pandas as pd

        frames = [ledger.attempt_frame(i) for i, ledger in enumerate(self.ledgers) if len(ledger.attempts["request"])]
        return pd.concat(frames, ignore_index=True) if frames else None

    def __repr__(self) -> str:
        """The answer in a line."""
        told = [self.verdict, f"p99 {self.latency_s['p99']} s", f"throughput {self.throughput_per_s} requests/s"]
        if self.objective:
            told.append(f"objective {'met' if self.objective.met else 'not met'}")
        return f"<Result {self.scenario!r}: {', '.join(told)}>"

    def _repr_html_(self) -> str:
        """The answer as notebooks show it: a table of latencies below a headline."""
        rows = "".join(
            f"<tr><th>{html.escape(name)}</th><td>{html.escape(str(interval))} s</td></tr>"
            for name, interval in self.latency_s.items()
        )
        notes = "".join(
            f"<li>{html.escape(warning.code)}: {html.escape(warning.message)}</li>" for warning in self.warnings
        )
        head = f"<b>{html.escape(self.scenario)}</b> {html.escape(repr(self).partition(': ')[2].removesuffix('>'))}"
        return f"<div>{head}<table>{rows}</table>{f'<ul>{notes}</ul>' if notes else ''}</div>"

    def __str__(self) -> str:
        """The answer in a few lines."""
        lines = [f"{self.scenario}: {self.verdict}, {self.replications} replications of {self.horizon_s:g} s"]
        lines += [f"  {name:<5} {interval} s" for name, interval in self.latency_s.items()]
        lines.append(f"  throughput {self.throughput_per_s} requests/s")
        lines += [f"  pool {pool.name}: utilisation {pool.utilisation:.1%}" for pool in self.pools]
        if self.objective:
            probability = self.objective.probability
            said = "" if probability is None else f" (probability {probability:.1%})"
            lines.append(f"  objective {self.objective.words}{said}")
            lines += [f"    if {assumed}" for assumed in self.objective.assumes]
        lines += [f"  warning {warning.code}: {warning.message}" for warning in self.warnings]
        return "\n".join(lines)
