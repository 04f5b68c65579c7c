from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from capsim.errors import InputError
from capsim.profile import read_profile
from capsim.profiler.document import Subject
from capsim.profiler.measure import Measurement
from capsim.profiler.plan import Plan
from capsim.profiler.samples import Cell, Samples, read_samples
from capsim.profiler.session import summary, take

pytest.importorskip("psutil", reason="psutil tells what disturbs a measurement")

pytestmark = pytest.mark.usefixtures("single_warm_up")

PLAN = Plan((1, 2), samples=10, most_samples=10)


def test_writes_a_profile_with_its_provenance(
    tmp_path: Path, fake_runtime: Callable[..., Any], notes: Any, subject: Subject
) -> None:
    file = tmp_path / "hardware" / "m-fp32-fake.yaml"
    measurement = take(fake_runtime(), PLAN, subject, file, notes)
    profile = yaml.safe_load(file.read_text())
    assert profile["model"] == "m"
    assert profile["hardware"] == {"kind": "cpu", "name": "a CPU"}
    assert profile["runtime"] == "fake 1.0"
    assert profile["samples"] == "m-fp32-fake.csv"
    measured = profile["measured"]
    assert measured["threads"] == 1
    assert measured["inputs"] == {"x": ["batch", 4]}
    (session,) = measured["sessions"]
    assert {"at", "minutes", "samples", "priority", "steal_percent", "preemptions"} <= set(session)
    assert session["samples"] == {1: 10, 2: 10}
    assert measured["at"] == session["at"].date()
    # The file has six significant digits.
    rows = read_samples(file.with_suffix(".csv")).rows
    assert [cell for cell, _ in rows] == [cell for cell, _ in measurement.samples.rows]
    assert set(measured["intervals_95"]) == {1, 2}
    p50 = np.median([latency for cell, latency in rows if cell.batch_size == 1])
    value, low, high = measured["intervals_95"][1]["p50_ms"]
    assert value == pytest.approx(p50, rel=1e-3)
    assert low <= value <= high
    # Ten samples say nothing of where p99 ends.
    assert measured["intervals_95"][1]["p99_ms"][2] is None


def test_anew_replaces_what_is_there(
    tmp_path: Path, fake_runtime: Callable[..., Any], notes: Any, subject: Subject
) -> None:
    file = tmp_path / "p.yaml"
    take(fake_runtime(), PLAN, subject, file, notes)
    other = replace(subject, model="another")
    with pytest.raises(InputError, match="choose another --output, or --force to measure anew"):
        take(fake_runtime(), PLAN, other, file, notes)
    measurement = take(fake_runtime(), PLAN, other, file, notes, anew=True)
    assert yaml.safe_load(file.read_text())["model"] == "another"
    assert len(read_samples(file.with_suffix(".csv")).rows) == len(measurement.samples.rows) == 20
    # A file that no measurement has left is replaced too.
    file.with_suffix(".csv").unlink()
    with pytest.raises(InputError, match="or --force"):
        take(fake_runtime(), PLAN, other, file, notes)
    take(fake_runtime(), PLAN, other, file, notes, anew=True)
    assert file.with_suffix(".csv").exists()


def test_resumes_after_an_interruption(
    tmp_path: Path, fake_runtime: Callable[..., Any], notes: Any, subject: Subject
) -> None:
    file = tmp_path / "p.yaml"
    first = take(fake_runtime(interrupted_after=10), PLAN, subject, file, notes)
    assert first.interrupted
    assert len(first.samples.rows) == 7
    second = take(fake_runtime(), PLAN, subject, file, notes)
    assert not second.interrupted
    assert {cell: len(found) for cell, found in second.samples.by_cell().items()} == {Cell(1): 10, Cell(2): 10}
    assert [cell for cell, _ in second.samples.rows[:7]] == [cell for cell, _ in first.samples.rows]
    assert len(yaml.safe_load(file.read_text())["measured"]["sessions"]) == 2
    assert "7 samples were measured before; the missing ones follow" in notes.notes


def test_a_complete_profile_is_left_as_it_is(
    tmp_path: Path, fake_runtime: Callable[..., Any], notes: Any, subject: Subject
) -> None:
    file = tmp_path / "p.yaml"
    take(fake_runtime(), PLAN, subject, file, notes)
    text = file.read_text()
    runtime = fake_runtime()
    take(runtime, PLAN, subject, file, notes)
    assert runtime.ran == []
    assert file.read_text() == text


def test_a_batch_size_left_out_is_said(
    tmp_path: Path, fake_runtime: Callable[..., Any], notes: Any, subject: Subject
) -> None:
    file = tmp_path / "p.yaml"
    take(fake_runtime(too_large=2), PLAN, subject, file, notes)
    assert yaml.safe_load(file.read_text())["measured"]["left_out"] == {2: "out of memory"}


def test_another_measurement_is_not_mixed_in(
    tmp_path: Path, fake_runtime: Callable[..., Any], notes: Any, subject: Subject
) -> None:
    file = tmp_path / "p.yaml"
    take(fake_runtime(), PLAN, subject, file, notes)
    with pytest.raises(InputError) as caught:
        take(fake_runtime(inputs="z"), Plan((1, 2), threads=2), subject, file, notes)
    assert [fault.path for fault in caught.value.faults] == ["measured.threads", "measured.inputs"]


def test_samples_without_provenance_are_a_fault(
    tmp_path: Path, fake_runtime: Callable[..., Any], notes: Any, subject: Subject
) -> None:
    file = tmp_path / "p.yaml"
    file.with_suffix(".csv").write_text("batch_size,latency_ms\n1,2\n")
    with pytest.raises(InputError, match=r"p\.yaml, which says how it was measured, is missing"):
        take(fake_runtime(), PLAN, subject, file, notes)


@pytest.mark.parametrize("text", ["{", "- 1", "model: m", "\x00"])
def test_a_damaged_profile_is_a_fault(
    text: str, tmp_path: Path, fake_runtime: Callable[..., Any], notes: Any, subject: Subject
) -> None:
    file = tmp_path / "p.yaml"
    file.write_text(text)
    file.with_suffix(".csv").write_text("batch_size,latency_ms\n1,2\n")
    with pytest.raises(InputError, match="has 1 problem"):
        take(fake_runtime(), PLAN, subject, file, notes)


def test_instances_are_named_beside_the_batch_size(
    tmp_path: Path, fake_runtime: Callable[..., Any], notes: Any, subject: Subject
) -> None:
    file = tmp_path / "p.yaml"
    take(fake_runtime(), Plan((2,), (1, 2), samples=10, most_samples=10, cores=(0, 1)), subject, file, notes)
    measured = yaml.safe_load(file.read_text())["measured"]
    assert set(measured["intervals_95"]) == {2, "2, 2 instances"}
    assert measured["instances"].startswith("each instance is a thread")
    assert set(read_profile(file).curves_ns) == {(1, 2), (2, 2)}


def test_summary_has_a_row_per_batch_size() -> None:
    samples = Samples([(Cell(2), 4.0), *((Cell(1), float(value)) for value in range(1, 102))])
    first, second = summary(Measurement(samples))
    assert (first.cell, first.samples, first.mean_ms, first.p50.value, first.p99.value) == (Cell(1), 101, 51, 51, 100)
    assert (second.cell, second.samples, second.p99.value) == (Cell(2), 1, 4.0)


def test_says_before_it_starts_that_instances_share_cores(
    tmp_path: Path, fake_runtime: Callable[..., Any], notes: Any, subject: Subject
) -> None:
    take(fake_runtime(), Plan((1,), (1, 2), samples=3, most_samples=3, cores=(0,)), subject, tmp_path / "m.yaml", notes)
    assert "2 threads of 2 instances have 1 core between them" in notes.notes[0]
