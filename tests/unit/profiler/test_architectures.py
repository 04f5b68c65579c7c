from __future__ import annotations

import sys
from pathlib import Path

import pytest

from capsim.errors import InputError, MissingExtraError
from capsim.profiler.architectures import ARCHITECTURES, architecture
from capsim.profiler.export import onnx_file


def test_an_unknown_name_gets_the_nearest() -> None:
    with pytest.raises(InputError, match=r"unknown architecture 'resnet5'.*did you mean resnet50\?"):
        architecture("resnet5")


def test_names_are_their_own_keys() -> None:
    assert [architecture(name).name for name in ARCHITECTURES] == list(ARCHITECTURES)


def test_an_exported_model_is_taken_from_the_cache(tmp_path: Path) -> None:
    file = tmp_path / "resnet50-fp32.onnx"
    file.write_bytes(b"exported before")
    assert onnx_file(architecture("resnet50"), folder=tmp_path) == file


def test_the_cache_is_where_the_user_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    file = tmp_path / "capsim" / "models" / "bert-base-fp32.onnx"
    file.parent.mkdir(parents=True)
    file.touch()
    assert onnx_file(architecture("bert-base")) == file


def test_without_torch_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError, match=r"torch is not installed.*capsim\[architectures\]"):
        onnx_file(architecture("resnet50"), folder=tmp_path)
    assert not list(tmp_path.iterdir())
