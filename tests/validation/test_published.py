"""A few of the published Triton measurements, predicted; `benchmarks/accuracy/published_gpu.py` does them all."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "benchmarks" / "accuracy"))

from published import FOLDER, Deployment, deployments, ground_truth  # noqa: E402 - found through the path above

from capsim.validation import calibrate, compare  # noqa: E402
from capsim.validation.points import Effort  # noqa: E402

TABLES = ground_truth()
needs_tables = pytest.mark.skipif(TABLES is None, reason=f"{FOLDER} names no folder with the published tables")
EFFORT = Effort(requests=900, replications=3)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> list[Deployment]:
    assert TABLES is not None
    return list(deployments(TABLES, tmp_path_factory.mktemp("published")))


@needs_tables
def test_all_deployments_are_read_as_users_would(published: list[Deployment]) -> None:
    assert len(published) == 24
    assert sum(len(deployment.points) for deployment in published) == 576


@needs_tables
@pytest.mark.parametrize(
    ("family", "gpu", "most"),
    [
        ("nnUNet", "T4", 0.03),
        ("nnUNet", "A40", 0.03),
        pytest.param("FastPitch", "A100", 0.09, marks=pytest.mark.slow),
    ],
)
def test_three_rows_predict_the_others(published: list[Deployment], family: str, gpu: str, most: float) -> None:
    deployment = next(d for d in published if d.family == family and gpu in d.name)
    used = [deployment.points[0], deployment.points[len(deployment.points) // 2], deployment.points[-1]]
    fitted = calibrate(deployment.scenario, used, effort=EFFORT).scenario
    errors = compare(fitted, [point for point in deployment.points if point not in used], effort=EFFORT).errors()
    medians = {metric: errors[metric]["median"] for metric in ("throughput_per_s", "mean_ms", "p99_ms")}
    assert max(medians.values()) < most, medians
