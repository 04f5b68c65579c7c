"""What is told of a profile that is well formed and yet unlikely."""

from __future__ import annotations

from pathlib import Path

import pytest

from capsim.profile import read_profile

HEAD = "model: m\nhardware: {kind: gpu, name: L4}\nruntime: r\nprecision: fp16\nmeasured: {how: test}\n"


def doubts(folder: Path, medians_ms: dict[int, float], head: str = HEAD, more: str = "") -> dict[str, str]:
    """Code to message, for medians by batch size and a tenth more at p99."""
    rows = "".join(
        f"- {{batch_size: {size}, p50_ms: {ms}, p99_ms: {1.1 * ms}{more}}}\n" for size, ms in medians_ms.items()
    )
    (folder / "gpu.yaml").write_text(f"{head}quantiles:\n{rows}")
    return {doubt.code: doubt.message for doubt in read_profile(folder / "gpu.yaml", "gpu.yaml").warnings()}


def test_latency_that_grows_less_than_the_batch_is_likely(tmp_path: Path) -> None:
    assert doubts(tmp_path, {1: 10, 2: 12, 4: 20, 8: 40}) == {}


@pytest.mark.parametrize(
    ("medians", "code", "said"),
    [
        ({1: 0.004, 8: 0.019}, "implausible_unit", "at most 0.019 ms a batch; are these seconds?"),
        ({1: 70_000, 8: 300_000}, "implausible_unit", "at least 7e+04 ms a batch; are these microseconds?"),
        ({1: 10, 8: 8.9}, "latency_falls", "8 items take less time (89%) than 1"),
        ({1: 10, 8: 97}, "per_item_rises", "an item takes 21% longer in a batch of 8 than in one of 1"),
    ],
)
def test_what_is_unlikely_is_told(tmp_path: Path, medians: dict[int, float], code: str, said: str) -> None:
    found = doubts(tmp_path, medians)
    assert found.keys() == {code}
    assert said in found[code]


@pytest.mark.parametrize("medians", [{1: 10, 8: 9.1}, {1: 10, 8: 95}, {1: 0.02, 8: 0.021}, {1: 59_000, 8: 80_000}])
def test_what_is_just_likely_is_not_told(tmp_path: Path, medians: dict[int, float]) -> None:
    assert doubts(tmp_path, medians) == {}


def test_quantiles_may_say_how_many_batches_they_are_from(tmp_path: Path) -> None:
    assert doubts(tmp_path, {1: 10, 2: 12}, more=", samples: 100") == {}
    found = doubts(tmp_path, {1: 10, 2: 12}, more=", samples: 99")
    assert found == {"few_samples": "gpu.yaml has only 99 samples at some batch size"}


def test_what_provenance_leaves_empty_is_told(tmp_path: Path) -> None:
    head = "model: null\nhardware: null\nruntime: r\nprecision: null\nmeasured: {how: test}\n"
    found = doubts(tmp_path, {1: 10, 2: 12}, head)
    assert found == {"provenance_incomplete": "gpu.yaml does not say its model, hardware, precision"}


def test_a_constant_profile_is_told_once(tmp_path: Path) -> None:
    rows = "- {batch_size: 1, p50_ms: 5}\n- {batch_size: 2, p50_ms: 6}\n"
    (tmp_path / "gpu.yaml").write_text(f"{HEAD}quantiles:\n{rows}")
    found = [doubt.code for doubt in read_profile(tmp_path / "gpu.yaml").warnings()]
    assert found == ["constant_profile"]


def of_row(folder: Path, row: str, more: str = "") -> dict[str, str]:
    """Code to message, for a row of quantiles beside one of another batch size."""
    rows = f"- {{batch_size: 1, {row}}}\n- {{batch_size: 2, p50_ms: 12, p99_ms: 13}}\n"
    (folder / "gpu.yaml").write_text(f"{HEAD}quantiles:\n{rows}{more}")
    return {doubt.code: doubt.message for doubt in read_profile(folder / "gpu.yaml", "gpu.yaml").warnings()}


def test_quantiles_that_leave_the_mean_open_are_told(tmp_path: Path) -> None:
    assert of_row(tmp_path, "min_ms: 9, p50_ms: 10, max_ms: 90, samples: 100") == {
        "mean_unknown": "gpu.yaml: the quantiles of batch size 1 allow a mean from 9.5 to 50 ms, and 19.77 ms is "
        "taken; say mean_ms"
    }
    assert of_row(tmp_path, "min_ms: 9, p50_ms: 10, max_ms: 90, samples: 100, mean_ms: 12") == {}
    assert of_row(tmp_path, "p50_ms: 10, p90_ms: 14, p99_ms: 20") == {}


def test_a_slowest_batch_far_above_the_median_is_told(tmp_path: Path) -> None:
    found = of_row(tmp_path, "p50_ms: 10, max_ms: 500, samples: 100, mean_ms: 15")
    assert found.keys() == {"far_maximum"}
    assert "batch of size 1 takes 50 times the median" in found["far_maximum"]
    assert of_row(tmp_path, "p50_ms: 10, max_ms: 90, samples: 100, mean_ms: 11") == {}
    assert of_row(tmp_path, "p50_ms: 10, max_ms: 500, samples: 100000, mean_ms: 11") == {}


def test_doubts_that_a_file_states_are_its_own(tmp_path: Path) -> None:
    stated = "doubts:\n- {code: spans_overlap, message: 'b.json: 3 spans began before the one before had ended'}\n"
    found = of_row(tmp_path, "p50_ms: 10, p99_ms: 12", stated)
    assert found == {"spans_overlap": "gpu.yaml: b.json: 3 spans began before the one before had ended"}
