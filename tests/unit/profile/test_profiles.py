"""What a profile knows of a batch size."""

from __future__ import annotations

import numpy as np
import pytest

from capsim.profile import CELLS, Hardware, LatencyProfile
from capsim.profile.curve import mean_of

GRID = np.linspace(0, 1, CELLS + 1)


def profile(
    curves_ms: dict[tuple[int, int], tuple[float, float]], samples: int = 500, *, tail_known: bool = True
) -> LatencyProfile:
    """Latencies spread evenly from one value to another (ms), by (instances, batch size)."""
    curves = {key: (low + (high - low) * GRID) * 1e6 for key, (low, high) in curves_ms.items()}
    return LatencyProfile("gpu.yaml", curves, dict.fromkeys(curves, samples), tail_known)


PROFILE = profile({(1, 1): (4, 6), (1, 4): (8, 12), (1, 16): (20, 40)})


def test_batch_sizes_are_those_measured_with_one_instance() -> None:
    assert profile({(1, 8): (1, 2), (1, 2): (1, 2), (2, 4): (1, 2)}).batch_sizes == [2, 8]


def test_quantiles_and_means_are_those_of_the_curve() -> None:
    assert PROFILE.quantile_ns(4, 0.5) == pytest.approx(10e6)
    assert PROFILE.quantile_ns(4, 0.99) == pytest.approx(11.96e6)
    assert PROFILE.quantile_ns(4, 0.12345) == pytest.approx(8.4938e6)
    assert PROFILE.mean_ns(16) == pytest.approx(30e6)


def test_the_mean_is_the_area_under_the_quantile_function() -> None:
    """A tenth of the batches takes up to ten times as long: 0.9 · 1 + 0.1 · 5.5."""
    curve = np.interp(GRID, [0, 0.9, 0.9, 1], [1.0, 1.0, 1.0, 10.0])
    assert mean_of(curve) == pytest.approx(0.9 + 0.1 * 5.5)


@pytest.mark.parametrize(
    ("batch_size", "lower", "weight"),
    [(1, 0, 0), (2, 0, 1 / 3), (4, 1, 0), (10, 1, 0.5), (16, 1, 1), (28, 1, 2)],
)
def test_a_batch_size_lies_between_those_measured(batch_size: int, lower: int, weight: float) -> None:
    found, part = PROFILE.place(batch_size)
    assert found == lower
    assert part == pytest.approx(weight)


def test_a_single_batch_size_stands_for_all() -> None:
    assert profile({(1, 8): (1, 2)}).place(3) == (0, 0.0)


def test_what_lies_within_the_measured_sizes_is_covered() -> None:
    assert [PROFILE.covers(size) for size in (1, 5, 16, 17)] == [True, True, True, False]


@pytest.mark.parametrize(("together_ms", "overlap"), [(10, 0), (7.5, 0.5), (5, 1), (4, 1), (20, 0)])
def test_overlap_follows_from_how_much_slower_two_are_than_one(together_ms: float, overlap: float) -> None:
    measured = profile({(1, 1): (5, 5), (2, 1): (together_ms, together_ms)})
    assert measured.measured_overlap() == pytest.approx(overlap)


def test_instances_that_take_turns_share_though_most_batches_are_as_quick_as_alone() -> None:
    turns = np.where(GRID < 0.9, 5e6, 55e6)
    measured = LatencyProfile("cpu.yaml", {(1, 1): np.full_like(GRID, 5e6), (2, 1): turns}, {}, tail_known=True)
    assert measured.measured_overlap() == pytest.approx(0, abs=0.01)


def test_overlap_is_unknown_without_several_instances() -> None:
    assert PROFILE.measured_overlap() is None
    assert profile({(1, 1): (5, 5), (2, 4): (5, 5)}).measured_overlap() is None


def codes(measured: LatencyProfile) -> set[str]:
    """What is doubtful."""
    return {warning.code for warning in measured.warnings()}


def test_a_good_profile_has_no_warning() -> None:
    assert codes(PROFILE) == set()


@pytest.mark.parametrize(
    ("measured", "code"),
    [
        (profile({(1, 1): (4, 6), (1, 2): (5, 8)}, samples=99), "few_samples"),
        (profile({(1, 1): (4, 6), (1, 2): (5, 8)}, tail_known=False), "tail_unknown"),
        (profile({(1, 1): (4, 6)}), "single_batch_size"),
        (profile({(1, 1): (4, 4), (1, 2): (5, 5)}), "constant_profile"),
        (profile({(1, 1): (0.004, 0.006), (1, 2): (0.005, 0.008)}), "implausible_unit"),
    ],
)
def test_what_is_doubtful_is_told(measured: LatencyProfile, code: str) -> None:
    assert codes(measured) == {code}


def test_quantiles_without_samples_are_not_few() -> None:
    assert codes(profile({(1, 1): (4, 6), (1, 2): (5, 8)}, samples=0)) == set()


def test_hardware_is_of_a_kind() -> None:
    assert Hardware(kind="gpu", name="L4").kind == "gpu"
