"""Two profiles side by side."""

from __future__ import annotations

import json
from math import inf
from pathlib import Path

import numpy as np
import pytest
from recordings import HEAD, Floats, recording, weather

from capsim.errors import InputError
from capsim.profile import Recording, read_recording
from capsim.profile.comparison import compare_profiles


def series(seed: int, factor: float = 1.0, count: int = 400, sizes: tuple[int, ...] = (1, 2, 4)) -> dict[int, Floats]:
    """4 ms a batch and 1 ms an item, with noise of 5 % that lasts for some batches."""
    chance = np.random.default_rng(seed)
    return {size: factor * (4 + size) * np.exp(0.05 * weather(chance, count, 0.6)) for size in sizes}


def test_two_measurements_of_the_same_do_not_differ(tmp_path: Path) -> None:
    found = compare_profiles(recording(tmp_path, series(1), "a"), recording(tmp_path, series(2), "b"))
    assert found.tested
    assert not any(change.significant for row in found.rows for change in row.changes.values())
    assert found.beyond(0.0) == []
    assert 0 < found.agreement < 0.05


def test_a_slower_one_is_found_with_by_how_much(tmp_path: Path) -> None:
    found = compare_profiles(recording(tmp_path, series(1), "a"), recording(tmp_path, series(2, 1.1), "b"))
    for row in found.rows:
        assert row.p50.significant
        assert row.p50.ratio.low < 1.1 < row.p50.ratio.high
        assert row.slower_share is not None
        assert row.slower_share > 0.8
    assert {row.a.batch_size for row, name in found.beyond(0.05) if name == "p50"} == {1, 2, 4}
    assert not any(name == "p50" for _, name in found.beyond(0.2))


def test_a_faster_one_is_no_alarm(tmp_path: Path) -> None:
    found = compare_profiles(recording(tmp_path, series(1), "a"), recording(tmp_path, series(2, 0.8), "b"))
    assert all(row.p50.significant for row in found.rows)
    assert found.beyond(0.05) == []


def test_a_tail_that_grew_is_found_though_the_median_did_not(tmp_path: Path) -> None:
    later = series(2, count=2000)
    later[2][::25] *= 2
    found = compare_profiles(recording(tmp_path, series(1, count=2000), "a"), recording(tmp_path, later, "b"))
    [row] = [row for row in found.rows if row.a.batch_size == 2]
    assert not row.p50.significant
    assert row.changes["p99"].significant
    assert [(row.a.batch_size, name) for row, name in found.beyond(0.05)] == [(2, "p99")]


def test_what_only_one_has_is_told(tmp_path: Path) -> None:
    a, b = recording(tmp_path, series(1), "a"), recording(tmp_path, series(2, sizes=(2, 4, 8)), "b")
    found = compare_profiles(a, b)
    assert [row.a.batch_size for row in found.rows] == [2, 4]
    assert found.only() == ([1], [8])
    with pytest.raises(InputError, match="shares no batch size"):
        compare_profiles(a, recording(tmp_path, series(2, sizes=(16,)), "c"))


def test_conditions_that_differ_are_told(tmp_path: Path) -> None:
    a = recording(tmp_path, series(1), "a")
    measured = {"at": "2027-01-01", "command": "by hand again", "threads": 4, "found": {"p50_ms": 5}}
    found = compare_profiles(a, recording(tmp_path, series(2), "b", precision="int8", measured=measured))
    assert found.conditions() == {"precision": ("fp16", "int8"), "threads": ("1", "4")}
    other = compare_profiles(a, recording(tmp_path, series(2), "c", model="bert"))
    assert "models_differ" in {warning.code for warning in other.warnings()}


def table(folder: Path, name: str, p50_ms: float) -> Recording:
    import yaml

    file = folder / f"{name}.yaml"
    row = f"{{batch_size: 1, p50_ms: {p50_ms}, p99_ms: {p50_ms * 2}}}"
    file.write_text(yaml.safe_dump(HEAD) + f"quantiles: [{row}]\n")
    return read_recording(file)


def test_quantiles_alone_are_compared_without_a_test(tmp_path: Path) -> None:
    found = compare_profiles(table(tmp_path, "a", 5), table(tmp_path, "b", 6))
    [row] = found.rows
    assert not found.tested
    assert row.p50.ratio.value == pytest.approx(1.2)
    assert row.p50.p is None
    assert found.agreement == inf
    assert "untested" in {warning.code for warning in found.warnings()}
    # An alarm must not stay silent because a test is impossible.
    assert len(found.beyond(0.05)) == 2
    document = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert document["batch_sizes"][0]["latency_ms"]["p50"]["ratio"] == {
        "value": pytest.approx(1.2),
        "ci95": [None, None],
    }


def test_few_samples_are_compared_without_a_test(tmp_path: Path) -> None:
    a, b = recording(tmp_path, series(1, count=4), "a"), recording(tmp_path, series(2, count=4), "b")
    assert not compare_profiles(a, b).tested
