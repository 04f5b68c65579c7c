"""The script that collects every GPU profile in one go, with a function in place of a model."""

from __future__ import annotations

import argparse
import importlib.util
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from capsim.profile import read_profile
from capsim.profiler.request import Request

pytest.importorskip("psutil", reason="psutil tells what disturbs a measurement")


@pytest.fixture
def gpu() -> ModuleType:
    file = Path(__file__).parents[3] / "benchmarks" / "profiles" / "gpu.py"
    spec = importlib.util.spec_from_file_location("collecting", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def sleeping(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    Path("sleeping_models.py").write_text(
        "import time\ndef run(size):\n    time.sleep(size / 1000)\ndef fails(size):\n    raise MemoryError\n"
    )
    return "sleeping_models"


def test_one_that_fails_does_not_end_the_others(gpu: Any, sleeping: str, notes: Any) -> None:
    few = Request(batch_sizes="1,2", samples=5, most_samples=5)
    requests = [replace(few, function=f"{sleeping}:{name}", output=Path(f"{name}.yaml")) for name in ("fails", "run")]
    told = gpu.collect(requests, minutes=0.2, observer=notes)
    assert told["fails"].startswith("failed: no batch size could be measured: batch size 1: out of memory")
    assert told["run"].startswith("complete, 1")
    assert read_profile(Path("run.yaml")).batch_sizes == [1, 2]


def test_the_time_is_kept_and_what_is_left_is_said(gpu: Any, sleeping: str, notes: Any) -> None:
    requests = [
        Request(function=f"{sleeping}:run", output=Path(f"{number}.yaml"), batch_sizes="1", tolerance="0.0001 %")
        for number in range(2)
    ]
    started = time.monotonic()
    told = gpu.collect(requests, minutes=2.2 / 60, observer=notes)
    assert time.monotonic() - started < 10
    assert [words.partition(",")[0] for words in told.values()] == ["the time was up", "the time was up"]
    assert set(gpu.collect(requests, minutes=0, observer=notes).values()) == {"no time left"}


def test_every_architecture_comes_at_the_first_precision_before_any_at_the_second(gpu: Any) -> None:
    options = argparse.Namespace(
        device="cuda", architectures=["resnet50", "bert-base"], precisions=["fp16", "tf32"], batch_sizes="1,2",
        instances="1,2", samples=10, output=Path("out"),
    )  # fmt: skip
    requests = gpu.requests_of(options)
    assert [(each.precision, each.architecture) for each in requests] == [
        ("fp16", "resnet50"),
        ("fp16", "bert-base"),
        ("tf32", "resnet50"),
        ("tf32", "bert-base"),
    ]
    assert requests[0].command() == (
        "capsim profile measure --architecture resnet50 --runtime torch --device cuda --precision fp16 "
        "--batch-sizes 1,2 --instances 1,2 --samples 10 --most-samples 50 --threads 1 --seed 1"
    )


def test_the_whole_course_runs_on_a_cpu(gpu: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("torch", reason="PyTorch, which the script measures with, is not installed")
    words = ["--device", "cpu", "--architectures", "mlp-fraud", "--precisions", "fp32", "--minutes", "0.3"]
    code = gpu.main([*words, "--batch-sizes", "1,8", "--instances", "1", "--samples", "5", "--output", str(tmp_path)])
    assert code == 0
    assert "mlp-fraud-fp32-torch: complete" in capsys.readouterr().out
    assert read_profile(tmp_path / "mlp-fraud-fp32-torch.yaml").batch_sizes == [1, 8]
