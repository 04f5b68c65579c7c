from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from capsim.errors import InputError
from capsim.profile import LatencyProfile, read_profile

HEAD = """model: resnet50
hardware: {kind: gpu, name: L4}
runtime: onnxruntime 1.20
precision: fp16
measured: {at: 2026-01-01, command: by hand}
"""


def read(folder: Path, text: str, name: str = "gpu.yaml") -> LatencyProfile:
    """The profile in a text."""
    path = folder / name
    path.write_text(text)
    return read_profile(path)


def faults(folder: Path, text: str, name: str = "gpu.yaml") -> list[tuple[int | None, str, str]]:
    """What is wrong with it."""
    with pytest.raises(InputError) as caught:
        read(folder, text, name)
    return [(fault.line, fault.path, fault.message) for fault in caught.value.faults]


# Samples


def test_samples_become_quantiles_by_batch_size(tmp_path: Path) -> None:
    rows = "".join(f"{size},{size * 10 + i}\n" for size in (1, 2) for i in range(101))
    (tmp_path / "gpu.csv").write_text(f"batch_size,latency_ms\n{rows}")
    found = read(tmp_path, HEAD + "samples: gpu.csv\n")
    assert found.batch_sizes == [1, 2]
    assert found.samples == 101
    assert found.quantile_ns(1, 0.5) == 60e6
    assert found.quantile_ns(2, 0.99) == pytest.approx(119e6)
    assert found.quantile_ns(2, 1.0) == 120e6
    assert found.tail_known
    assert (found.model, found.runtime, found.precision) == ("resnet50", "onnxruntime 1.20", "fp16")
    assert found.hardware is not None
    assert found.hardware.kind == "gpu"
    assert found.measured == {"at": "2026-01-01", "command": "by hand"}


def test_the_sampled_tail_is_kept(tmp_path: Path) -> None:
    """Of 1000 samples 15 are slow: p99 is among them, where a fitted normal would not be."""
    latencies = [10.0] * 985 + [100.0] * 15
    rows = "".join(f"1,{latency}\n" for latency in latencies)
    found = read(tmp_path, f"batch_size,latency_ms\n{rows}", "gpu.csv")
    assert found.quantile_ns(1, 0.98) == 10e6
    assert found.quantile_ns(1, 0.99) == 100e6


def test_a_bare_csv_is_a_profile_without_provenance(tmp_path: Path) -> None:
    found = read(tmp_path, "latency_ms,batch_size\n5,1\n7,1\n", "gpu.csv")
    assert found.quantile_ns(1, 0.5) == 6e6
    assert found.hardware is None


def test_measurements_of_several_instances_stand_beside_those_of_one(tmp_path: Path) -> None:
    found = read(tmp_path, "batch_size,instances,latency_ms\n1,1,5\n1,2,7.5\n", "gpu.csv")
    assert found.batch_sizes == [1]
    assert found.measured_overlap() == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("batch_size,latency_ms\n1,0\n", (2, "latency_ms", "expected milliseconds above 0, got '0'")),
        ("batch_size,latency_ms\n1,5\n1,-3\n", (3, "latency_ms", "expected milliseconds above 0, got '-3'")),
        ("batch_size,latency_ms\n1,nan\n", (2, "latency_ms", "expected milliseconds above 0, got 'nan'")),
        ("batch_size,latency_ms\n1,inf\n", (2, "latency_ms", "expected milliseconds above 0, got 'inf'")),
        ("batch_size,latency_ms\n1,\n", (2, "latency_ms", "expected milliseconds above 0, got ''")),
        ("batch_size,latency_ms\n1,1e9\n", (2, "latency_ms", "expected milliseconds above 0, got '1e9'")),
        ("batch_size,latency_ms\n0,5\n", (2, "batch_size", "expected a whole number of at least 1, got '0'")),
        ("batch_size,latency_ms\n1.5,5\n", (2, "batch_size", "expected a whole number of at least 1, got '1.5'")),
        (
            "batch_size,instances,latency_ms\n1,0,5\n",
            (2, "instances", "expected a whole number of at least 1, got '0'"),
        ),
        ("batch_size,instances,latency_ms\n1,2,5\n", (None, "instances", "needs measurements with one instance")),
        ("batch_size,latency_ms\n", (None, "", "has no rows")),
        ("batch,latency_ms\n1,5\n", (1, "batch_size", "no such column; found batch, latency_ms")),
        (
            "batch_size,latency_ms\n1,5,6\n",
            (2, "", "has rows with more fields than its header: 3 instead of 2"),
        ),
    ],
)
def test_samples_that_make_no_sense_are_refused(
    tmp_path: Path, text: str, expected: tuple[int | None, str, str]
) -> None:
    assert expected in faults(tmp_path, text, "gpu.csv")


def test_all_faults_of_the_samples_come_at_once(tmp_path: Path) -> None:
    found = faults(tmp_path, "batch_size,latency_ms\n1,5\nx,0\n2,y\n", "gpu.csv")
    assert [(line, path) for line, path, _ in found] == [(3, "batch_size"), (3, "latency_ms"), (4, "latency_ms")]


def test_an_unknown_column_is_refused(tmp_path: Path) -> None:
    [(line, path, message)] = faults(tmp_path, "batch_size,latency_ms,latency_s\n1,5,1\n", "gpu.csv")
    assert (line, path) == (1, "latency_s")
    assert message.startswith("unknown column")
    wide = ",".join(["batch_size,latency_ms", *(f"c{i}" for i in range(5000))])
    found = faults(tmp_path, f"{wide}\n", "gpu.csv")
    assert found[10:] == [(1, "", "has 4,990 more unknown columns")]


@pytest.mark.parametrize(("separator", "name"), [(";", "semicolons"), ("\t", "tabs"), ("|", "bars")])
def test_fields_that_are_separated_otherwise_are_said(tmp_path: Path, separator: str, name: str) -> None:
    text = "batch_size,latency_ms\n1,5\n".replace(",", separator)
    [(line, _, message)] = faults(tmp_path, text, "gpu.csv")
    assert (line, f"has one column; its fields are separated by {name}" in message) == (1, True)


def test_a_decimal_comma_is_said(tmp_path: Path) -> None:
    [(line, path, message)] = faults(tmp_path, 'batch_size,latency_ms\n1,"5,5"\n', "gpu.csv")
    assert (line, path, message.endswith("write a point in place of the comma: 5.5")) == (2, "latency_ms", True)


def test_countless_batch_sizes_are_refused(tmp_path: Path) -> None:
    rows = "".join(f"{size},5\n" for size in range(1, 1100))
    assert faults(tmp_path, f"batch_size,latency_ms\n{rows}", "gpu.csv") == [
        (None, "batch_size", "has more than 1000 different ones")
    ]


# Quantiles


def test_quantiles_are_joined_by_straight_lines(tmp_path: Path) -> None:
    row = "{batch_size: 1, min_ms: 4, p50_ms: 5, p90_ms: 9, p99_ms: 18, max_ms: 20}"
    found = read(tmp_path, HEAD + f"quantiles: [{row}]\n")
    assert [found.quantile_ns(1, u) / 1e6 for u in (0, 0.25, 0.5, 0.7, 0.9, 0.99, 1)] == pytest.approx(
        [4, 4.5, 5, 7, 9, 18, 20]
    )
    assert found.tail_known
    assert found.samples == 0


def test_a_mean_beside_few_quantiles_is_kept(tmp_path: Path) -> None:
    row = "{batch_size: 1, samples: 100, min_ms: 9, p50_ms: 10, max_ms: 500, mean_ms: 15, std_ms: 49}"
    found = read(tmp_path, HEAD + f"quantiles: [{row}]\n")
    assert found.mean_ns(1) == pytest.approx(15e6)
    assert found.max_throughput_per_s(1) == pytest.approx(1000 / 15)


def test_beyond_what_is_known_quantiles_stay_level(tmp_path: Path) -> None:
    found = read(tmp_path, HEAD + "quantiles: [{batch_size: 1, p50_ms: 5, p90_ms: 9}]\n")
    assert [found.quantile_ns(1, u) / 1e6 for u in (0, 0.5, 0.9, 0.99)] == [5, 5, 9, 9]
    assert not found.tail_known
    assert np.all(np.diff(found.curves_ns[1, 1]) >= 0)


@pytest.mark.parametrize(
    ("row", "path", "message"),
    [
        ("{batch_size: 1, p50_ms: 5, p90_ms: 4}", "quantiles[0]", "p90_ms (4) must not be less than p50_ms (5)"),
        ("{batch_size: 1, p50_ms: 5, max_ms: 4}", "quantiles[0]", "max_ms (4) must not be less than p50_ms (5)"),
        ("{batch_size: 1, min_ms: 6, p50_ms: 5}", "quantiles[0]", "p50_ms (5) must not be less than min_ms (6)"),
        ("{batch_size: 1, p50_ms: 0}", "quantiles[0].p50_ms", "must be more than 0.0, got 0"),
        ("{batch_size: 1, p50_ms: -1}", "quantiles[0].p50_ms", "must be more than 0.0, got -1"),
        ("{batch_size: 1, p50_ms: .nan}", "quantiles[0].p50_ms", "expected a finite number, got nan"),
        ("{batch_size: 1, p50_ms: 5, p99_ms: .inf}", "quantiles[0].p99_ms", "expected a finite number, got inf"),
        (
            "{batch_size: 1, min_ms: 4, p50_ms: 5, max_ms: 6, mean_ms: 3}",
            "quantiles[0]",
            "mean_ms (3) cannot be: these quantiles allow 4.5 to 5.5",
        ),
        (
            "{batch_size: 1, p50_ms: 10, p90_ms: 11, p99_ms: 12, mean_ms: 4}",
            "quantiles[0]",
            "mean_ms (4) cannot be: these quantiles allow 5.36 or more",
        ),
        ("{batch_size: 0, p50_ms: 5}", "quantiles[0].batch_size", "must be at least 1, got 0"),
        ("{batch_size: 1, p90_ms: 5}", "quantiles[0].p50_ms", "is missing"),
        ("{batch_size: 1, p50_ms: 5 ms}", "quantiles[0].p50_ms", "expected a number, got '5 ms'"),
        ("{batch_size: 1, p50: 5}", "quantiles[0].p50", "unknown field; did you mean p50_ms?"),
        ("{batch_size: 1, instances: 2, p50_ms: 5}", "instances", "needs measurements with one instance"),
    ],
)
def test_quantiles_that_make_no_sense_are_refused(tmp_path: Path, row: str, path: str, message: str) -> None:
    found = faults(tmp_path, HEAD + f"quantiles:\n  - {row}\n")
    assert (path, message) in [fault[1:] for fault in found]
    assert {line for line, _, _ in found} <= {7, None}


def test_a_batch_size_given_twice_is_refused(tmp_path: Path) -> None:
    rows = "quantiles:\n  - {batch_size: 4, p50_ms: 5}\n  - {batch_size: 4, p50_ms: 6}\n"
    assert faults(tmp_path, HEAD + rows) == [(8, "quantiles[1]", "batch size 4 is given twice")]


@pytest.mark.parametrize("text", ["", "samples: a.csv\nquantiles: [{batch_size: 1, p50_ms: 5}]\n"])
def test_a_profile_has_samples_or_quantiles(tmp_path: Path, text: str) -> None:
    assert faults(tmp_path, HEAD + text) == [(1, "", "needs either samples or quantiles")]


def test_the_faults_of_the_samples_name_their_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"absent\.csv has 1 problem"):
        read(tmp_path, HEAD + "samples: absent.csv\n")


def test_provenance_is_not_optional(tmp_path: Path) -> None:
    found = faults(tmp_path, "model: x\nhardware: {kind: tpu}\nquantiles: [{batch_size: 1, p50_ms: 5}]\n")
    assert [(line, path) for line, path, _ in found] == [
        (1, "runtime"),
        (1, "precision"),
        (1, "measured"),
        (2, "hardware.kind"),
        (2, "hardware.name"),
    ]


SHIPPED = sorted((Path(__file__).parents[3] / "profiles").rglob("*.yaml"))
COMPOSED, TABLE = "aiconfigurator-core", "a table"


def test_what_is_shipped_is_measured_published_or_composed() -> None:
    composed = [read_profile(path) for path in SHIPPED if COMPOSED in path.read_text()]
    assert len({profile.model for profile in composed}) >= 2
    assert len({profile.hardware.name for profile in composed if profile.hardware}) >= 6
    assert len(composed) < len(SHIPPED)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_shipped_profiles_read_without_a_fault(path: Path) -> None:
    measured = read_profile(path)
    codes = {warning.code for warning in measured.warnings()}
    if measured.measured.get("imported_from") == COMPOSED:
        assert measured.samples == 0
        assert {"constant_profile"} <= codes <= {"constant_profile", "per_item_rises"}
    elif measured.measured.get("imported_from") == TABLE:
        assert measured.tail_known
        assert codes <= {"rounded", "median_estimated", "per_item_rises", "latency_falls"}
    else:
        assert measured.samples >= 100
        assert codes <= {"drift", "p99_open_ended"}
