"""No median error of a prediction of stored measurements grows by more than a tenth.

After a change of the model that is meant: `python benchmarks/accuracy/gate.py --update`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "benchmarks" / "accuracy"), str(ROOT / "benchmarks" / "accuracy" / "servers")]

import gate  # noqa: E402 - found through the path above
from predict import DATA, Judged, judged  # noqa: E402
from published import FOLDER, ground_truth  # noqa: E402
from stored import Point  # noqa: E402

from capsim.scenario import Scenario  # noqa: E402
from capsim.serving.batching.dynamic import Parameters  # noqa: E402
from capsim.validation.points import Effort  # noqa: E402

SETUPS = sorted(file.stem for file in DATA.glob("*.json"))
TABLES = ground_truth()


@pytest.mark.parametrize("setup", SETUPS)
def test_errors_on_a_real_server_do_not_grow(setup: str) -> None:
    assert gate.grown(setup, gate.measured(setup), gate.accepted()[setup]) == []


@pytest.mark.skipif(TABLES is None, reason=f"{FOLDER} names no folder with the published tables")
def test_errors_on_published_measurements_do_not_grow() -> None:
    assert TABLES is not None
    assert gate.grown(gate.PUBLISHED, gate.published(TABLES), gate.accepted()[gate.PUBLISHED]) == []


def test_measurements_are_stored() -> None:
    assert set(SETUPS) == {"bentoml", "litserve", "mlserver", "resnet", "sleeping", "two"}


def test_text_book_batching_does_not_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    def as_in_text_books(scenario: Scenario, points: Sequence[Point], effort: Effort) -> list[Judged]:
        pool = scenario.pools[0]
        rule = Parameters(
            policy="dynamic",
            max_batch_size=pool.batching.max_batch_size,
            max_queue_delay=pool.batching.max_queue_delay,
            preferred_batch_sizes=pool.batching.preferred_batch_sizes,
        )
        return judged(
            scenario.model_copy(update={"pools": [pool.model_copy(update={"batching": rule})]}), points, effort
        )

    monkeypatch.setattr(gate, "judged", as_in_text_books)
    assert gate.grown("sleeping", gate.measured("sleeping"), gate.accepted()["sleeping"])


def test_growth_by_a_tenth_is_the_limit() -> None:
    before = {"p99_ms": 0.2, "p50_ms": 0.01}
    assert gate.grown("table", {"p99_ms": 0.219, "p50_ms": 0.0149}, before) == []
    assert len(gate.grown("table", {"p99_ms": 0.221, "p50_ms": 0.0151}, before)) == 2
    assert gate.grown("table", {"p99_ms": float("nan"), "p50_ms": 0.01}, before)
    assert gate.grown("table", {"p99_ms": 0.1}, before) == ["table: p50_ms is no longer measured"]
