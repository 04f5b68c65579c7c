"""What came from outside names nothing but what came with it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from capsim import InputError
from capsim.documents import named_file, parse_yaml
from capsim.scenario import Scenario
from capsim.scenario.load import scenario_of

SAMPLES_CSV = "batch_size,latency_ms\n1,5\n"
PROFILED = """\
name: given
workload: {arrivals: {process: poisson, rate: 10 /s}}
pools: [{name: gpu, servers: 1, profile: PROFILE}]
"""
PROFILE = """\
model: m
hardware: {kind: gpu, name: g}
runtime: r
precision: fp32
measured: {on: 2026-01-01}
samples: SAMPLES
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of given files, beside it something that they must not reach."""
    (tmp_path / "secret.csv").write_text(SAMPLES_CSV)
    given = tmp_path / "given"
    given.mkdir()
    return given


def opened(text: str, folder: Path) -> Scenario:
    return scenario_of(replace(parse_yaml(text, "given.yaml", folder), closed=True))


@pytest.mark.parametrize("name", ["../secret.csv", "..\\secret.csv", "/etc/passwd", "..", ".", "", "a\0b", "sub/.."])
def test_a_name_does_not_lead_out_of_the_folder(name: str, folder: Path) -> None:
    with pytest.raises(InputError, match="not among the files given"):
        named_file(name, folder, closed=True)


def test_a_link_is_not_followed(folder: Path) -> None:
    (folder / "link.csv").symlink_to(folder.parent / "secret.csv")
    with pytest.raises(InputError, match="not among the files given"):
        named_file("link.csv", folder, closed=True)


@pytest.mark.parametrize("name", ["samples.csv", "../samples.csv", "C:\\measured\\samples.csv", "/home/me/samples.csv"])
def test_of_a_name_the_last_part_counts(name: str, folder: Path) -> None:
    (folder / "samples.csv").write_text(SAMPLES_CSV)
    assert named_file(name, folder, closed=True) == folder / "samples.csv"
    assert opened(PROFILED.replace("PROFILE", f"'{name}'"), folder).pools[0].profile is not None


@pytest.mark.parametrize("absolute", [False, True])
def test_neither_a_scenario_nor_its_profile_nor_a_trace_reads_other_files(folder: Path, absolute: bool) -> None:
    outside = folder.parent / "secret.csv" if absolute else "../secret.csv"
    with pytest.raises(InputError, match=r"pools.0..profile .*not among the files given"):
        opened(PROFILED.replace("PROFILE", str(outside)), folder)
    (folder / "p.yaml").write_text(PROFILE.replace("SAMPLES", str(outside)))
    with pytest.raises(InputError, match=r"pools.0..profile .*secret.csv.*not among the files given"):
        opened(PROFILED.replace("PROFILE", "p.yaml"), folder)
    trace = PROFILED.replace("process: poisson, rate: 10 /s", f"process: trace, file: {outside}")
    with pytest.raises(InputError, match=r"workload.arrivals.file .*not among the files given"):
        opened(trace.replace("profile: PROFILE", "service: {distribution: constant, mean: 1 ms}"), folder)


def test_what_is_shipped_can_be_named_and_is_hinted_at(folder: Path) -> None:
    shipped = "cpu-amd-epyc-zen4-1core/resnet50-fp32-onnxruntime"
    assert opened(PROFILED.replace("PROFILE", f"shipped:{shipped}"), folder).pools[0].profile is not None
    with pytest.raises(InputError, match=f"shipped:{shipped} is shipped"):
        opened(PROFILED.replace("PROFILE", f"../profiles/{shipped}.yaml"), folder)
