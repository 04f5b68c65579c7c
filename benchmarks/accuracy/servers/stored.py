"""Stored measurements of a real server as capsim's own inputs: a profile, a scenario, and load points."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray

from capsim.importer.loads.measured import METRICS
from capsim.scenario import Scenario, load_scenario
from capsim.validation import LoadPoint

SETTLED_S = 1.0
"""What is left out at the start of a closed loop and of exact batches."""
LEFT_S = 1.2
"""What is left out at their end: clients leave, and the last batch is not full."""
LEVELS = {"p50_ms": 0.5, "p90_ms": 0.9, "p95_ms": 0.95, "p99_ms": 0.99}

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Point:
    """One load: what was measured in the median of its repeats, and how far these scatter.

    Attributes:
        label: in the tables.
        kind: `open` or `closed`.
        load: for capsim.
        noise: metric to coefficient of variation over the repeats.
        batches: batch size to how many batches of it the server formed.
    """

    label: str
    kind: str
    load: LoadPoint
    noise: dict[str, float]
    batches: dict[int, int]


def batching(told: dict[str, Any]) -> dict[str, Any]:
    """The settings of a deployment in the words of its server."""
    delay = f"{told['max_queue_delay_us']} us"
    found = {"policy": told["server"], "max_batch_size": told["max_batch_size"]}
    if told["server"] == "bentoml":
        return found
    if told["server"] in {"mlserver", "litserve"}:
        return found | {{"mlserver": "max_batch_time", "litserve": "batch_timeout"}[told["server"]]: delay}
    return found | {"max_queue_delay": delay, "preferred_batch_sizes": list(told["preferred_batch_sizes"])}


class Stored:
    """The measurements of one setup."""

    def __init__(self, folder: Path, name: str) -> None:
        self.about: dict[str, Any] = json.loads((folder / f"{name}.json").read_text())
        table = pd.read_parquet(folder / f"{name}.parquet")
        self.logs = dict(iter(table.groupby("run", observed=True)))
        self.runs: dict[str, dict[str, Any]] = {run["run"]: run for run in self.about["runs"]}

    def _finished_s(self, run: str) -> Floats:
        log = self.logs[run]
        return np.sort((log["sent_us"] + log["latency_us"]).to_numpy()) / 1e6

    def _gaps_ms(self, size: int) -> Floats:
        """From the first answer of a full batch to that of the next: how long one holds the instance."""
        firsts = self._finished_s(f"full-{size}x1")[::size]
        gaps = np.diff(firsts) * 1e3
        kept = (firsts[:-1] >= SETTLED_S) & (firsts[1:] <= firsts[-1] - LEFT_S)
        return np.asarray(gaps[kept])

    def _held_ms(self, size: int, instances: int) -> float:
        """How long a full batch holds its instance while all are busy, in the mean."""
        finished = self._finished_s(f"full-{size}x{instances}")
        inside = (finished >= SETTLED_S) & (finished < finished[-1] - LEFT_S)
        span_s = finished[-1] - LEFT_S - SETTLED_S
        return float(size * instances / (inside.sum() / span_s) * 1e3)

    @property
    def sizes(self) -> list[int]:
        """The batch sizes that were profiled."""
        return sorted(run["load"] for run in self.runs.values() if run["kind"] == "rounds")

    def profile(self) -> pd.DataFrame:
        """A row per measured batch, in the form that capsim reads."""
        instances = int(self.about["deployment"]["instances"])
        parts = []
        for size in self.sizes:
            gaps = self._gaps_ms(size)
            parts.append(pd.DataFrame({"batch_size": size, "latency_ms": gaps, "instances": 1}))
            if instances > 1:
                slower = self._held_ms(size, instances) / float(gaps.mean())
                parts.append(pd.DataFrame({"batch_size": size, "latency_ms": gaps * slower, "instances": instances}))
        return pd.concat(parts, ignore_index=True)

    def outside_ms(self) -> tuple[float, float, float]:
        """What an idle server adds to the time that a batch holds the instance: once, before and after each request.

        From rounds of simultaneous requests: last send to first answer less the holding time, as a line over the size
        of the round, and the gaps between the answers of the largest.
        """
        added, after = [], 0.0
        for size in self.sizes:
            log = self.logs[f"rounds-{size}x1"]
            whole = len(log) // size * size
            sent = log["sent_us"].to_numpy()[:whole].reshape(-1, size) / 1e3
            finished = sent + log["latency_us"].to_numpy()[:whole].reshape(-1, size) / 1e3
            added.append(float(np.mean(finished.min(axis=1) - sent.max(axis=1)) - self._gaps_ms(size).mean()))
            after = float(np.median(np.ptp(finished, axis=1))) / max(size - 1, 1)
        before, once = np.polyfit(self.sizes, added, 1)
        return max(float(once), 0.0), max(float(before), 0.0), after

    def scenario(self, folder: Path) -> Scenario:
        """The deployment as a user would write it down, by way of files in `folder`."""
        told = self.about["deployment"]
        once_ms, before_ms, after_ms = self.outside_ms()
        self.profile().to_csv(folder / "profile.csv", index=False)
        document = {
            "name": f"{told['server']}-{self.about['setup']}",
            "workload": {"arrivals": {"process": "closed_loop", "clients": 1}},
            "pools": [
                {
                    "name": told["server"],
                    "hardware": "cpu",
                    "servers": 1,
                    "instances": told["instances"],
                    "profile": "profile.csv",
                    "batching": batching(told),
                    "front_end": {"before": f"{before_ms * 1e3:.1f} us", "after": f"{after_ms * 1e3:.1f} us"},
                }
            ],
            "network": {"client": {"latency": f"{once_ms / 2 * 1e3:.1f} us"}},
        }
        (folder / "scenario.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
        return load_scenario(folder / "scenario.yaml")

    def points(self) -> list[Point]:
        """Every load that was measured."""
        alike: dict[tuple[str, int], list[str]] = {}
        for name, run in self.runs.items():
            if run["kind"] in {"open", "closed"}:
                alike.setdefault((run["kind"], run["load"]), []).append(name)
        return [self._point(kind, load, names) for (kind, load), names in alike.items()]

    def _point(self, kind: str, load: int, names: list[str]) -> Point:
        sent_s = self.logs[names[0]]["sent_us"].to_numpy() / 1e6 if kind == "open" else None
        table = pd.DataFrame([self._metrics(name, sent_s) for name in names])
        formed: dict[int, int] = {}
        for name in names:
            for size, told in self.runs[name]["batches"].items():
                formed[int(size)] = formed.get(int(size), 0) + told["count"]
        measured = {str(metric): float(value) for metric, value in table.median().items()}
        noise = {str(metric): float(value) for metric, value in (table.std() / table.mean()).items()}
        if sent_s is None:
            point, label = LoadPoint("clients", load, measured), f"{load} clients"
        else:
            sent_s = sent_s - sent_s[0]
            rate = (len(sent_s) - 1) / float(sent_s[-1])
            point, label = LoadPoint("rate_per_s", rate, measured, sent_s), f"{load} %, {rate:.0f} /s"
        return Point(label, kind, point, noise, formed)

    def _metrics(self, name: str, sent_s: Floats | None) -> dict[str, float]:
        """What a load generator would report of a run."""
        log = self.logs[name]
        latency_ms = log["latency_us"].to_numpy() / 1e3
        start_s = log["sent_us"].to_numpy() / 1e6 if sent_s is None else sent_s
        finished_s = start_s + latency_ms / 1e3
        if sent_s is None:
            first, last = SETTLED_S, float(start_s.max())
            inside = (finished_s >= first) & (finished_s < last)
            latency_ms = latency_ms[inside]
        else:
            first, last = float(sent_s[0]), float(sent_s[-1])
            inside = finished_s <= last
        found = {"throughput_per_s": float(inside.sum()) / (last - first), "mean_ms": float(latency_ms.mean())}
        found |= {metric: float(np.quantile(latency_ms, level)) for metric, level in LEVELS.items()}
        return {metric: found[metric] for metric in METRICS}
