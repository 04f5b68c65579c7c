from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from capsim.cli.profile import app
from capsim.errors import CapsimError, InputError
from capsim.profile import read_profile

pytest.importorskip("onnxruntime", reason="onnxruntime runs the models of these tests")
pytest.importorskip("psutil", reason="psutil tells what disturbs a measurement")


def measure(*words: str) -> str:
    """What the command prints on standard output; its error is raised."""
    result = CliRunner().invoke(app, ["measure", *words])
    if isinstance(result.exception, CapsimError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


def test_measures_an_onnx_file(onnx_model: Callable[..., Path], tmp_path: Path) -> None:
    file = onnx_model()
    output = tmp_path / "tiny-fp32-onnxruntime.yaml"
    shown = measure(
        "--model", str(file), "--batch-sizes", "1,4", "--samples", "12", "--most-samples", "12",
        "--hardware-name", "a CPU", "--output", str(output),
    )  # fmt: skip
    assert "batch size" in shown
    profile = yaml.safe_load(output.read_text())
    assert profile["model"] == "tiny"
    assert profile["measured"]["file"] == "tiny.onnx"
    assert profile["measured"]["command"] == (
        "capsim profile measure --model tiny.onnx --batch-sizes 1,4 --samples 12 --most-samples 12 --threads 1 "
        "--hardware-name 'a CPU' --seed 1"
    )
    assert str(tmp_path) not in output.read_text()
    rows = output.with_suffix(".csv").read_text().splitlines()
    assert rows[0] == "batch_size,latency_ms"
    assert len(rows) >= 25


def test_the_output_is_named_by_hardware_model_precision_and_runtime(
    onnx_model: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = onnx_model()
    monkeypatch.chdir(tmp_path)
    measure(
        "--model", str(model), "--batch-sizes", "1", "--samples", "1", "--most-samples", "1",
        "--precision", "int8",
        "--hardware-name", "A (B), 1 core",
    )  # fmt: skip
    assert (tmp_path / "profiles" / "cpu-a-b-1-core" / "tiny-int8-onnxruntime.yaml").is_file()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "give either this, --model or --callable"),
        (["--model", "x.onnx", "--architecture", "resnet50"], "give either this, --model or --callable"),
        (["--model", "missing.onnx"], "no such file"),
        (["--architecture", "bert-bse"], "did you mean bert-base?"),
        (["--architecture", "resnet50", "--sequence-length", "64"], "resnet50 takes none"),
        (["--architecture", "bert-base", "--precision", "fp16"], "choose one of fp32, int8, int8-static for onnxr"),
        (["--architecture", "bert-base", "--runtime", "torch", "--precision", "tf32"], "one of fp32, fp16, bf16 for"),
        (["--architecture", "bert-base", "--runtime", "tensorrt"], "choose one of onnxruntime, torch, got 'tensorrt'"),
        (["--architecture", "bert-base", "--device", "tpu"], "choose one of cpu, cuda, got 'tpu'"),
        (["--architecture", "bert-base", "--hardware-kind", "board"], "choose one of cpu, gpu, edge, got 'board'"),
        (["--architecture", "bert-base", "--width", "1.5"], "must be above 0 and at most 1, got 1.5"),
        (["--architecture", "bert-base", "--input", "float32:3"], "only files of PyTorch need it"),
        (["--architecture", "bert-base", "--sequence-length", "x"], "expected whole numbers such as 1,2,4, got 'x'"),
        (["--model", "x.onnx", "--width", "0.5"], "only a built-in architecture can be built narrower"),
        (["--model", "x.onnx", "--runtime", "torch"], "x.onnx runs on onnxruntime"),
        (["--model", "scenario.yaml"], "expected a name ending in one of .onnx"),
        (["--model", "x.pt", "--input", "3x224"], "expected TYPE:SIZExSIZE"),
        (["--callable", "m:f", "--sequence-length", "8"], "a function takes none"),
        (["--callable", "m:f", "--device", "cuda"], "a function chooses its device itself"),
        (["--callable", "m"], "expected module:function, got 'm'"),
        (["--model", "x.onnx", "--batch-sizes", "0"], "must be from 1"),
        (["--model", "x.onnx", "--output", "x.json"], r"expected a .yaml file, got x.json"),
    ],
)
def test_bad_options_are_faults(words: list[str], message: str) -> None:
    with pytest.raises(InputError) as caught:
        measure(*words)
    assert message in str(caught.value)


def test_every_bad_option_is_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        measure("--architecture", "resnet", "--batch-sizes", "0", "--samples", "0", "--output", "x.csv")
    paths = [fault.path for fault in caught.value.faults]
    assert paths == ["--batch-sizes", "--samples", "--architecture", "--output"]


def test_measures_any_function_of_a_batch_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "sleeping.py").write_text("import time\ndef run(size):\n    time.sleep(size / 1000)\n    return 1.5\n")
    measure(
        "--callable", "sleeping:run", "--batch-sizes", "1,4", "--samples", "5", "--most-samples", "5",
        "--hardware-kind", "edge", "--hardware-name", "a board", "--output", "p.yaml",
    )  # fmt: skip
    profile = read_profile(tmp_path / "p.yaml")
    assert profile.model == "sleeping.run"
    assert profile.hardware is not None
    assert profile.hardware.kind == "edge"
    assert profile.measured["callable"] == "sleeping:run"
    # What the function returns is not taken for milliseconds of a device.
    assert profile.quantile_ns(4, 0.5) >= 4e6


def test_a_profile_for_each_sequence_length(onnx_model: Callable[..., Path], tmp_path: Path) -> None:
    file = onnx_model(("batch", "sequence"), "INT64")
    measure(
        "--model", str(file), "--sequence-length", "16,32", "--batch-sizes", "1", "--samples", "1",
        "--most-samples", "1", "--output", str(tmp_path / "p.yaml"),
    )  # fmt: skip
    for length in (16, 32):
        measured = yaml.safe_load((tmp_path / f"p-{length}tokens.yaml").read_text())["measured"]
        assert measured["sequence_length"] == length
        assert measured["inputs"] == {"x": ["batch", length]}


def test_a_time_limit_is_told_and_the_same_command_resumes(onnx_model: Callable[..., Path], tmp_path: Path) -> None:
    words = ("measure", "--model", str(onnx_model()), "--batch-sizes", "1", "--output", str(tmp_path / "p.yaml"))
    limited = CliRunner().invoke(app, [*words, "--samples", "10", "--tolerance", "0.0001 %", "--time-limit", "1 ms"])
    assert limited.exit_code == 0
    assert "The time is up; the same command measures what is missing" in limited.stderr
    again = CliRunner().invoke(app, [*words, "--samples", "10", "--most-samples", "10"])
    assert again.exit_code == 0
    assert len((tmp_path / "p.csv").read_text().splitlines()) >= 11


def test_the_command_line_imports_no_runtime() -> None:
    code = "import sys, capsim.cli.profile_measure; print({'numpy', 'onnxruntime', 'torch'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
