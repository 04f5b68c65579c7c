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
        "--model", str(file), "--batch-sizes", "1,4", "--samples", "12", "--hardware-name", "a CPU",
        "--output", str(output),
    )  # fmt: skip
    assert "batch size" in shown
    profile = yaml.safe_load(output.read_text())
    assert profile["model"] == "tiny"
    assert profile["measured"]["file"] == "tiny.onnx"
    assert profile["measured"]["command"] == (
        "capsim profile measure --model tiny.onnx --batch-sizes 1,4 --samples 12 --threads 1 "
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
        "--model", str(model), "--batch-sizes", "1", "--samples", "1", "--precision", "int8",
        "--hardware-name", "A (B), 1 core",
    )  # fmt: skip
    assert (tmp_path / "profiles" / "cpu-a-b-1-core" / "tiny-int8-onnxruntime.yaml").is_file()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "give either this or --model"),
        (["--model", "x.onnx", "--architecture", "resnet50"], "give either this or --model"),
        (["--model", "missing.onnx"], "no such file"),
        (["--architecture", "bert-bse"], "did you mean bert-base?"),
        (["--architecture", "resnet50", "--sequence-length", "64"], "resnet50 takes none"),
        (["--architecture", "bert-base", "--precision", "int8"], "a built-in architecture is fp32"),
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


def test_the_command_line_imports_no_runtime() -> None:
    code = "import sys, capsim.cli.profile; print({'onnxruntime', 'torch'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
