"""The accuracy gate: median errors of predictions of stored measurements, and whether any has grown.

    python benchmarks/accuracy/gate.py             # print them; exit with 1 if one has grown by more than a tenth
    python benchmarks/accuracy/gate.py --update    # accept them as they are now

Tables: each deployment measured on a real server (`tests/validation/data/servers`), from its profile alone; and
the published measurements on GPUs, where `CAPSIM_GROUND_TRUTH` names their folder. Simulations are small and their
seed is fixed, so that only a change of the model changes a number.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE / "servers")]

import numpy as np  # noqa: E402 - found through the path above
from predict import DATA, judged, summary  # noqa: E402
from published import deployments, ground_truth  # noqa: E402
from stored import Stored  # noqa: E402

from capsim.validation import compare  # noqa: E402
from capsim.validation.points import Effort  # noqa: E402

ACCEPTED = HERE.parents[1] / "tests" / "validation" / "data" / "accuracy.json"
EFFORT = Effort(requests=4000, replications=3)
PUBLISHED_EFFORT = Effort(requests=600, replications=3)
PUBLISHED = "published GPU tables"
METRICS = ("throughput_per_s", "mean_ms", "p99_ms")
GROWTH = 0.1
LEAST = 0.005
"""Growth below half a percentage point is not counted: that much is chance where an error is small."""

Medians = dict[str, float]


def measured(name: str) -> Medians:
    """Median errors for a deployment on the real server."""
    stored = Stored(DATA, name)
    with tempfile.TemporaryDirectory() as folder:
        scenario = stored.scenario(Path(folder))
    return summary(judged(scenario, stored.points(), EFFORT))


def published(tables: Path) -> Medians:
    """Median errors over all rows of the published tables, nothing fitted."""
    errors: dict[str, list[float]] = {metric: [] for metric in METRICS}
    with tempfile.TemporaryDirectory() as folder:
        for deployment in deployments(tables, Path(folder)):
            for point in compare(deployment.scenario, deployment.points, effort=PUBLISHED_EFFORT).points:
                for metric in METRICS:
                    errors[metric].append(abs(point.error[metric]))
    return {metric: float(np.median(values)) for metric, values in errors.items()}


def medians() -> dict[str, Medians]:
    """Every table that this machine has the measurements for."""
    found = {file.stem: measured(file.stem) for file in sorted(DATA.glob("*.json"))}
    tables = ground_truth()
    return found if tables is None else {**found, PUBLISHED: published(tables)}


def accepted() -> dict[str, Medians]:
    """The medians that are accepted."""
    found: dict[str, Medians] = json.loads(ACCEPTED.read_text())
    return found


def grown(table: str, now: Mapping[str, float], before: Mapping[str, float]) -> list[str]:
    """What has grown by more than a tenth, or is missing, in words."""
    found = [f"{table}: {name} is no longer measured" for name in before.keys() - now.keys()]
    found += [f"{table}: {name} has no accepted error; --update takes it" for name in now.keys() - before.keys()]
    for name, error in now.items():
        if name not in before:
            continue
        most = max(before[name] * (1 + GROWTH), before[name] + LEAST)
        if not error <= most:
            found.append(f"{table}: the median error of {name} grew from {before[name]:.2%} to {error:.2%}")
    return found


def main() -> None:
    """Print, and judge or accept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true", help="write the medians as the accepted ones")
    given = parser.parse_args()
    before = accepted() if ACCEPTED.exists() else {}
    now = medians()
    failed = []
    for table, errors in now.items():
        for name, error in errors.items():
            was = before.get(table, {}).get(name)
            print(f"{table:28} {name:24} {error:7.2%}" + (f"  accepted {was:.2%}" if was is not None else ""))
        if not given.update:
            failed += grown(table, errors, before.get(table, {}))
    if given.update:
        rounded = {table: {name: round(error, 5) for name, error in errors.items()} for table, errors in now.items()}
        ACCEPTED.write_text(json.dumps({**before, **rounded}, indent=2) + "\n")
    if failed:
        raise SystemExit("\n".join(failed))


if __name__ == "__main__":
    main()
