"""How well capsim predicts published Triton measurements on GPUs.

    CAPSIM_GROUND_TRUTH=FOLDER python benchmarks/accuracy/published_gpu.py

For each deployment the profile comes from its static table. Then four questions, each answered for every row that
was not used: nothing fitted; settings of the other deployments of the family (`capsim calibrate --like`; of those on
the same runtime, where there are any), each fitted to three rows of its own; three rows (lowest, middle and highest
load) used for calibration; both. Prints the median and 90th percentile of the absolute error, by family, and for two
halves: every second deployment, and the others.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))
from published import FOLDER, Deployment, deployments, ground_truth

from capsim.scenario import Scenario
from capsim.validation import LoadPoint, calibrate, carry_over, compare
from capsim.validation.points import Effort

SHOWN = ("throughput_per_s", "mean_ms", "p99_ms")
EFFORT = Effort(requests=3000, replications=3)


@dataclass(frozen=True)
class Fit:
    """What calibration on three rows found for a deployment, and how long it took (CPU seconds)."""

    scenario: Scenario
    used: tuple[float, ...]
    seconds: float


def three(points: Sequence[LoadPoint]) -> list[LoadPoint]:
    """The lowest, the middle and the highest load."""
    ordered = sorted(points, key=lambda point: point.value)
    return [ordered[0], ordered[len(ordered) // 2], ordered[-1]]


def fitted(deployment: Deployment, like: Sequence[tuple[str, Scenario]] = ()) -> Fit:
    """A deployment calibrated on three of its rows, drawn towards calibrated ones that are like it."""
    started = time.process_time()
    chosen = three(deployment.points)
    found = calibrate(deployment.scenario, chosen, deployment.name, like=like)
    return Fit(found.scenario, tuple(point.value for point in chosen), time.process_time() - started)


def sisters(found: Sequence[Deployment], fits: Sequence[Fit], i: int) -> list[tuple[str, Scenario]]:
    """The other deployments of the family, each calibrated on three of its own rows; of the same runtime if any is."""
    family = [j for j, other in enumerate(found) if other.family == found[i].family and j != i]
    alike = [j for j in family if found[j].runtime == found[i].runtime] or family
    return [(found[j].name, fits[j].scenario) for j in alike]


def fitted_like(task: tuple[Deployment, list[tuple[str, Scenario]]]) -> Fit:
    """A deployment calibrated on three of its rows and drawn towards its sisters."""
    return fitted(*task)


def errors(deployment: Deployment, scenario: Scenario, unused: Callable[[LoadPoint], bool]) -> pd.DataFrame:
    """A row per load point that was not used and metric: the error, and whether the 90 % interval covered."""
    points = [point for point in deployment.points if unused(point)]
    found = compare(scenario, points, deployment.name, EFFORT)
    rows = [
        {
            "deployment": deployment.name,
            "family": deployment.family,
            "clients": one.point.value,
            "metric": metric,
            "error": one.error[metric],
            "covered": one.predicted_pi90[metric][0] <= one.point.measured[metric] <= one.predicted_pi90[metric][1],
        }
        for one in found.points
        for metric in one.error
    ]
    return pd.DataFrame(rows)


def judged(task: tuple[Deployment, Scenario, tuple[float, ...]]) -> pd.DataFrame:
    """`errors` for one process of many."""
    deployment, scenario, used = task
    return errors(deployment, scenario, lambda point: point.value not in used)


def table(found: pd.DataFrame, title: str) -> None:
    """Print medians, 90th percentiles, bias and coverage by family and metric."""
    print(f"\n{title}\n")
    print(f"| family | rows | {' | '.join(f'{name} median / p90 (bias)' for name in SHOWN)} | 90 % intervals cover |")
    print(f"|---|---|{'---|' * (len(SHOWN) + 1)}")
    halves = [(f"all, {name} half", rows) for name, rows in found.groupby("half")]
    for family, rows in [*found.groupby("family"), *halves, ("all", found)]:
        cells = []
        for metric in SHOWN:
            values = rows.loc[rows["metric"] == metric, "error"]
            size = values.abs()
            cells.append(f"{size.median():.1%} / {size.quantile(0.9):.1%} ({values.median():+.1%})")
        count = int((rows["metric"] == SHOWN[0]).sum())
        covered = rows.loc[rows["metric"].isin(SHOWN), "covered"].mean()
        print(f"| {family} | {count} | {' | '.join(cells)} | {covered:.0%} |")


def main() -> None:
    """Print the four tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--errors", type=Path, help="write every error to this CSV file")
    arguments = parser.parse_args()
    tables = ground_truth()
    if tables is None:
        raise SystemExit(f"Set {FOLDER} to the folder of the published tables.")
    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(arguments.processes) as pool:
        found = list(deployments(tables, Path(folder)))
        fits = list(pool.map(fitted, found))
        alike = [sisters(found, fits, i) for i in range(len(found))]
        drawn = list(pool.map(fitted_like, zip(found, alike, strict=True)))
        carried = [
            carry_over(d.scenario, others).scenario if others else d.scenario
            for d, others in zip(found, alike, strict=True)
        ]
        tasks: dict[str, list[tuple[Deployment, Scenario, tuple[float, ...]]]] = {
            "Nothing fitted": [(deployment, deployment.scenario, ()) for deployment in found],
            "Settings of other deployments of the family": [(d, s, ()) for d, s in zip(found, carried, strict=True)],
            "Three rows": [(d, fit.scenario, fit.used) for d, fit in zip(found, fits, strict=True)],
            "Three rows, and other deployments of the family": [
                (d, fit.scenario, fit.used) for d, fit in zip(found, drawn, strict=True)
            ],
        }
        kept = []
        for title, work in tasks.items():
            answers = list(pool.map(judged, work))
            named = [part.assign(half=("first", "second")[i % 2]) for i, part in enumerate(answers)]
            answer = pd.concat(named)
            table(answer, title)
            sys.stdout.flush()
            kept.append(answer.assign(fitted=title))
        seconds = [fit.seconds for fit in [*fits, *drawn]]
        said = f"{np.median(seconds):.1f} CPU seconds a deployment in the median, {max(seconds):.1f} at most"
        print(f"\nCalibration took {said}.")
        if arguments.errors:
            pd.concat(kept).to_csv(arguments.errors, index=False)


if __name__ == "__main__":
    main()
