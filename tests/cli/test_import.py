"""`capsim profile import` as a user calls it: files, what is said, and exit codes."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from commanded import Done, capsim

from capsim.importer.sources import SOURCES
from capsim.profile import read_profile

SAMPLES = Path(__file__).parents[1] / "unit" / "importer" / "samples"
TOLD = ("--model", "resnet50", "--hardware", "gpu", "--hardware-name", "NVIDIA L4", "--precision", "fp16")


def profile_import(folder: Path, *words: str | Path) -> Done:
    return capsim(folder, "profile", "import", *words)


def test_there_is_a_command_for_each_source(tmp_path: Path) -> None:
    done = profile_import(tmp_path, "--help")
    assert done.returncode == 0
    for source in SOURCES:
        assert source.replace("_", "-") in done.stdout


def test_an_import_is_a_profile_with_its_provenance(tmp_path: Path) -> None:
    done = profile_import(
        tmp_path,
        "mlperf",
        SAMPLES / "mlperf_single_detail.txt",
        *TOLD,
        "--runtime",
        "TensorRT 10",
        "--output",
        "p.yaml",
    )
    assert done.returncode == 0, done.stderr
    assert "5.597" in done.stdout
    assert "Not known" not in done.stderr
    found = read_profile(tmp_path / "p.yaml")
    assert (found.model, found.runtime, found.precision, found.samples) == ("resnet50", "TensorRT 10", "fp16", 349)
    assert found.measured["imported_from"] == "MLPerf LoadGen"
    assert found.measured["files"] == ["mlperf_single_detail.txt"]
    assert str(found.measured["command"]).startswith("capsim profile import mlperf mlperf_single_detail.txt --model")
    assert str(tmp_path) not in (tmp_path / "p.yaml").read_text()


def test_samples_go_beside_the_profile(tmp_path: Path) -> None:
    words = ("onnxruntime", SAMPLES / "onnxruntime_profile.json", "--skip", "1", *TOLD)
    done = profile_import(tmp_path, *words)
    assert done.returncode == 0, done.stderr
    written = tmp_path / "profiles" / "gpu-nvidia-l4" / "resnet50-fp16-onnxruntime.yaml"
    assert read_profile(written).samples == 3
    assert "few_samples" in done.stderr
    again = profile_import(tmp_path, *words)
    assert again.returncode == 2
    assert "is there already; --force replaces it" in again.stderr
    assert profile_import(tmp_path, *words, "--force").returncode == 0


def test_what_is_not_known_is_left_empty_and_said(tmp_path: Path) -> None:
    csv = SAMPLES / "perf_analyzer_b1.csv"
    done = profile_import(tmp_path, "perf-analyzer", csv, "--batch-sizes", "1", "--model", "m", "--output", "p.yaml")
    assert done.returncode == 0, done.stderr
    assert "left empty: --hardware, --runtime, --precision" in " ".join(done.stderr.split())
    told = yaml.safe_load((tmp_path / "p.yaml").read_text())
    assert (told["model"], told["hardware"], told["runtime"], told["precision"]) == ("m", None, None, None)
    assert told["measured"]["not_known"] == ["hardware", "runtime", "precision"]
    assert "single_batch_size" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--hardware", "gpu", "--output", "p.yaml"), "--hardware-name  is needed too"),
        (("--hardware-name", "L4", "--output", "p.yaml"), "--hardware  is needed too"),
        (("--model", "m"), "--output  is needed where the model or the hardware is not known"),
        (("--output", "p.csv"), "expected a .yaml file, got p.csv"),
    ],
)
def test_bad_options_are_faults_and_write_nothing(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    done = profile_import(tmp_path, "nsys", SAMPLES / "nsys_nvtx_sum.csv", "--span", "infer b{batch_size}", *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_quantiles_with_a_count_have_no_intervals(tmp_path: Path) -> None:
    """349 queries stand behind them, and nobody knows how much they resembled each other."""
    profile_import(tmp_path, "mlperf", SAMPLES / "mlperf_single_detail.txt", *TOLD, "--output", "p.yaml")
    shown = capsim(tmp_path, "profile", "show", "p.yaml").stdout
    [row] = [line.split() for line in shown.splitlines() if line.split()[:2] == ["1", "349"]]
    assert row[2:5] == ["–", "5.60", "ms"]
    assert "95 % interval" not in shown


def test_faults_name_file_line_and_column(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("batch_size,ms\n1,5\n1,zero\n")
    done = profile_import(tmp_path, "table", "t.csv", "--column", "latency=ms", "--output", "p.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[:2] == [
        "t.csv has 1 problem",
        "  line   3  ms  expected a latency above 0 in ms, of at most an hour, got 'zero'",
    ]


def test_an_imported_profile_serves_a_scenario(tmp_path: Path) -> None:
    lines = ["items,us", *(f"{size},{1000 * size + i * 37 % 200}" for size in (1, 4) for i in range(600))]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    words = ("--column", "batch_size=items", "--column", "latency=us", "--unit", "us")
    assert (
        profile_import(tmp_path, "table", "t.csv", *words, *TOLD, "--runtime", "r", "--output", "p.yaml").stderr == ""
    )
    (tmp_path / "s.yaml").write_text(
        "name: s\nworkload: {arrivals: {process: poisson, rate: 100 /s}}\n"
        "pools: [{name: gpu, servers: 1, profile: p.yaml, batching: {policy: dynamic, max_batch_size: 4}}]\n"
    )
    done = capsim(tmp_path, "check", "s.yaml")
    assert (done.returncode, done.stderr) == (0, "")


def test_what_is_no_profile_is_told_of_the_input_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("batch_size,instances,p50\n1,2,5\n")
    done = profile_import(tmp_path, "table", "t.csv", "--output", "p.yaml")
    assert done.returncode == 2
    assert done.stderr.splitlines()[:2] == [
        "t.csv has 1 problem",
        "  instances  needs measurements with one instance",
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


def test_an_input_is_never_written_over(tmp_path: Path) -> None:
    """The samples of scores.yaml would be scores.csv."""
    (tmp_path / "scores.csv").write_text("batch_size,latency,who\n1,5,a\n")
    done = profile_import(tmp_path, "table", "scores.csv", "--output", "scores.yaml", "--force")
    assert done.returncode == 2
    assert "scores.csv has 1 problem" in done.stderr
    assert "is an input of this command, and would be lost" in done.stderr
    assert "the samples of scores.yaml go to scores.csv" in done.stderr
    assert "who" in (tmp_path / "scores.csv").read_text()


def test_a_profile_without_samples_may_be_named_after_its_input(tmp_path: Path) -> None:
    (tmp_path / "spans.csv").write_text(
        "Range,Instances,Avg (ns),Med (ns),Min (ns),Max (ns),StdDev (ns)\n:b1,100,15e6,14e6,9e6,30e6,2e6\n"
    )
    done = profile_import(tmp_path, "nsys", "spans.csv", "--span", "b{batch_size}", "--output", "spans.yaml")
    assert done.returncode == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["spans.csv", "spans.yaml"]


def test_doubts_about_an_import_reach_every_answer(tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "metrics.csv").write_text(
        "Model,Batch,Concurrency,Model Config Path,Throughput (infer/sec),p99 Latency (ms)\n"
        "speech,1,1,c,1.0,1040.0\nspeech,1,4,c,45.0,98.0\n"
    )
    words = ("model-analyzer", folder / "metrics.csv", "--part", "client", "--output", "p.yaml")
    done = profile_import(tmp_path, *words)
    said = "p.yaml: metrics.csv line 3: 4 clients finish 45 times as many requests as the one of line 2"
    assert said in " ".join(done.stderr.split())
    assert str(folder) not in (tmp_path / "p.yaml").read_text()
    (tmp_path / "s.yaml").write_text(
        "name: s\nworkload: {arrivals: {process: poisson, rate: 0.5 /s}}\n"
        "pools: [{name: gpu, servers: 1, profile: p.yaml, batching: {policy: none}}]\nrun: {horizon: 60 s}\n"
    )
    for command in (("check", "s.yaml"), ("run", "s.yaml"), ("profile", "show", "p.yaml")):
        assert said in " ".join(capsim(tmp_path, *command).stdout.split())


@pytest.mark.skipif(find_spec("aiconfigurator_core") is None, reason="needs capsim[kernels]")
def test_kernel_latencies_need_no_files(tmp_path: Path) -> None:
    words = "--model Qwen/Qwen3-0.6B --system l40s --backend vllm --input-length 128 --batch-sizes 1,2"
    done = profile_import(tmp_path, "aiconfigurator", *words.split())
    assert done.returncode == 0, done.stderr
    found = read_profile(tmp_path / "profiles" / "gpu-nvidia-l40s" / "qwen3-0.6b-prefill-128-bf16-vllm.yaml")
    assert found.batch_sizes == [1, 2]
    assert "low-fidelity" not in done.stderr


def test_importing_the_command_line_imports_no_source() -> None:
    code = "import sys, capsim.cli; print([name for name in sys.modules if name.startswith('capsim.importer')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
