"""How well capsim predicts stored measurements of real servers.

    python benchmarks/accuracy/servers/predict.py                  # those of the repository
    python benchmarks/accuracy/servers/predict.py FOLDER           # those of a new run of measure.py

Two levels of knowledge: a profile from exact batches, with what an idle server adds to it; and the same calibrated on
three of the closed loops, judged on all other loads. Open loops replay the arrivals that the server saw. Noise is the
coefficient of variation of the repeats.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from stored import Point, Stored

from capsim.scenario import Scenario
from capsim.simulation import simulate
from capsim.validation import calibrate, compare
from capsim.validation.compare import Compared
from capsim.validation.points import Effort, at_load

DATA = Path(__file__).parents[3] / "tests" / "validation" / "data" / "servers"
EFFORT = Effort(requests=20_000, replications=5)
FITTED = ("1 clients", "8 clients", "32 clients")
SHOWN = {"open": ("p50_ms", "p99_ms"), "closed": ("throughput_per_s", "p99_ms")}


@dataclass(frozen=True)
class Judged:
    """A load point: what was predicted, and which batches.

    Attributes:
        point: what was measured.
        compared: what was predicted.
        batches: batch size to how many batches of it were predicted.
    """

    point: Point
    compared: Compared
    batches: dict[int, int]

    @property
    def batch_distance(self) -> float:
        """Share of batches that would have to be of another size for both histograms to be equal (total variation)."""
        sizes = sorted({*self.point.batches, *self.batches})
        real, predicted = (
            np.array([counts.get(size, 0) for size in sizes], dtype=float)
            for counts in (self.point.batches, self.batches)
        )
        return float(np.abs(real / real.sum() - predicted / predicted.sum()).sum() / 2)

    def covered(self, metric: str) -> bool:
        """Whether the 90 % prediction interval holds the measurement."""
        low, high = self.compared.predicted_pi90[metric]
        return low <= self.point.load.measured[metric] <= high


def judged(scenario: Scenario, points: Sequence[Point], effort: Effort = EFFORT) -> list[Judged]:
    """Every point, predicted."""
    found = compare(scenario, [point.load for point in points], scenario.pools[0].name, effort)
    batches = [simulate(at_load(scenario, point.load, effort)).pools[0].batch_size_counts for point in points]
    return [Judged(*row) for row in zip(points, found.points, map(dict, batches), strict=True)]


def summary(rows: Sequence[Judged]) -> dict[str, float]:
    """Median errors by kind of loop and metric, and that of the batch-size histograms of open loops."""
    found = {}
    for kind, metrics in SHOWN.items():
        alike = [row for row in rows if row.point.kind == kind]
        for metric in metrics:
            found[f"{kind} {metric}"] = float(np.median([abs(row.compared.error[metric]) for row in alike]))
    found["batch sizes"] = float(np.median([row.batch_distance for row in rows if row.point.kind == "open"]))
    return found


def lines(rows: Sequence[Judged]) -> Iterator[str]:
    """A table in Markdown."""
    metrics = ("throughput_per_s", "p50_ms", "p99_ms")
    yield "| load | requests/s | error (noise) | p50 | error (noise) | p99 | error (noise) | batch, predicted | other |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for row in rows:
        cells = [row.point.label]
        for metric in metrics:
            unit = " ms" if metric.endswith("_ms") else ""
            cells.append(f"{row.point.load.measured[metric]:.4g}{unit}")
            cells.append(f"{row.compared.error[metric]:+.1%} ({row.point.noise[metric]:.1%})")
        means = [
            sum(size * count for size, count in counts.items()) / sum(counts.values())
            for counts in (row.point.batches, row.batches)
        ]
        cells.append(f"{means[0]:.2f}, {means[1]:.2f}")
        yield f"| {' | '.join([*cells, f'{row.batch_distance:.0%}'])} |"


def verdict(rows: Sequence[Judged]) -> Iterator[str]:
    """Errors in the median and at worst, and how often the intervals cover."""
    for kind, metrics in SHOWN.items():
        alike = [row for row in rows if row.point.kind == kind]
        for metric in metrics:
            errors = [abs(row.compared.error[metric]) for row in alike]
            noise = np.median([row.point.noise[metric] for row in alike])
            found = f"{np.median(errors):.1%} in the median, {max(errors):.1%} at worst; noise {noise:.1%}"
            yield f"{kind} {metric}: {found}"
    covered = [row.covered(metric) for row in rows for metric in row.compared.error]
    yield f"90 % prediction intervals cover {np.mean(covered):.0%} of {len(covered)} numbers"


def levels(stored: Stored) -> Iterator[tuple[str, list[Judged]]]:
    """Both levels of knowledge, with the points that judge them."""
    points = stored.points()
    with tempfile.TemporaryDirectory() as folder:
        scenario = stored.scenario(Path(folder))
    yield "profile from exact batches", judged(scenario, points)
    fitted = calibrate(scenario, [point.load for point in points if point.label in FITTED]).scenario
    told = fitted.calibration
    found = ", ".join(f"{p.path.split('.', 2)[-1]} {p.value:.3g}" for p in told.fitted) if told else ""
    others = [point for point in points if point.label not in FITTED]
    yield f"calibrated on {', '.join(FITTED)} ({found})", judged(fitted, others)


def show(data: Path) -> None:
    """Print the tables of every setup that is stored in a folder."""
    for file in sorted(data.glob("*.json")):
        stored = Stored(data, file.stem)
        about = stored.about
        print(f"\n## {about['words']}: {about['runs'][0]['server']}, {about['machine']['machine']}")
        for level, rows in levels(stored):
            print(f"\n{level}\n", *lines(rows), "", *verdict(rows), sep="\n", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?", default=DATA)
    show(parser.parse_args().data)
