"""How well capsim predicts published Triton measurements on GPUs.

    CAPSIM_GROUND_TRUTH=FOLDER python benchmarks/accuracy/published_gpu.py

For each deployment the profile comes from its static table. Then three questions, each answered for every row that
was not used: nothing fitted; overheads carried over from other deployments of the same family; three rows (lowest,
middle and highest load) used for calibration. Prints the median and 90th percentile of the absolute error.
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

from capsim._version import VERSION
from capsim.scenario import Scenario
from capsim.scenario.evidence import Calibration
from capsim.validation import LoadPoint, calibrate, compare
from capsim.validation.knobs import knobs_of, turned
from capsim.validation.measured import METRICS
from capsim.validation.points import Effort

SHOWN = ("throughput_per_s", "mean_ms", "p99_ms")
EFFORT = Effort(requests=3000, replications=3)
CARRIED_SCATTER = 0.2
"""How far measurements lie from a prediction with overheads of other deployments (log ratio)."""


@dataclass(frozen=True)
class Fit:
    """What calibration on three rows found for a deployment, and how long it took (s)."""

    scenario: Scenario
    used: tuple[float, ...]
    seconds: float


def three(points: Sequence[LoadPoint]) -> list[LoadPoint]:
    """The lowest, the middle and the highest load."""
    ordered = sorted(points, key=lambda point: point.value)
    return [ordered[0], ordered[len(ordered) // 2], ordered[-1]]


def fitted(deployment: Deployment) -> Fit:
    """A deployment calibrated on three of its rows."""
    started = time.perf_counter()
    chosen = three(deployment.points)
    found = calibrate(deployment.scenario, chosen, deployment.name)
    return Fit(found.scenario, tuple(point.value for point in chosen), time.perf_counter() - started)


def carried_over(deployment: Deployment, others: Sequence[Scenario]) -> Scenario:
    """The scenario with the median of each setting in the others, and their load generator's window.

    Times are carried over in service times of the model, so that a faster device has shorter overheads.
    """
    settings = {}
    for knob in knobs_of(deployment.scenario):
        values = []
        for other in others:
            there = {k.path: k for k in knobs_of(other)}
            found = {p.path: p.value for p in other.calibration.fitted} if other.calibration else {}
            values.append(found.get(knob.path, 0.0) / there[knob.path].scale)
        settings[knob] = knob.setting(float(np.median(values)))
    windows = [o.calibration.window_s for o in others if o.calibration and o.calibration.window_s]
    told = Calibration(
        points=len(others),
        loads=[],
        measured="other deployments",
        version=VERSION,
        fitted=[],
        window_s=float(np.median(windows)) if 2 * len(windows) > len(others) else None,
        scatter=dict.fromkeys(METRICS, CARRIED_SCATTER),
    )
    return turned(deployment.scenario, settings).model_copy(update={"calibration": told})


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
    for family, rows in [*found.groupby("family"), ("all", found)]:
        cells = []
        for metric in SHOWN:
            values = rows.loc[rows["metric"] == metric, "error"]
            size = values.abs()
            cells.append(f"{size.median():.1%} / {size.quantile(0.9):.1%} ({values.median():+.1%})")
        count = int((rows["metric"] == SHOWN[0]).sum())
        covered = rows.loc[rows["metric"].isin(SHOWN), "covered"].mean()
        print(f"| {family} | {count} | {' | '.join(cells)} | {covered:.0%} |")


def main() -> None:
    """Print the three tables."""
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
        carried: list[tuple[Deployment, Scenario, tuple[float, ...]]] = []
        for i, deployment in enumerate(found):
            others = [f.scenario for j, f in enumerate(fits) if found[j].family == deployment.family and j != i]
            carried.append((deployment, carried_over(deployment, others), ()))
        tasks: dict[str, list[tuple[Deployment, Scenario, tuple[float, ...]]]] = {
            "Nothing fitted": [(deployment, deployment.scenario, ()) for deployment in found],
            "Overheads carried over from other deployments of the family": carried,
            "Calibrated on three rows": [(d, fit.scenario, fit.used) for d, fit in zip(found, fits, strict=True)],
        }
        kept = []
        for title, work in tasks.items():
            answer = pd.concat(list(pool.map(judged, work)))
            table(answer, title)
            kept.append(answer.assign(fitted=title))
        seconds = [fit.seconds for fit in fits]
        print(
            f"\nCalibration took {np.median(seconds):.1f} s a deployment in the median, {max(seconds):.1f} s at most."
        )
        if arguments.errors:
            pd.concat(kept).to_csv(arguments.errors, index=False)


if __name__ == "__main__":
    main()
