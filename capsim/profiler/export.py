"""A built-in architecture as an ONNX file, exported once and kept in the user's cache."""

from __future__ import annotations

import logging
import os
import warnings
from pathlib import Path
from typing import Any

from capsim.errors import MissingExtraError
from capsim.profiler.architectures import Architecture, Build

_SEED = 1


def onnx_file(architecture: Architecture, folder: Path | None = None) -> Path:
    """The exported model: from the cache, else exported now.

    Args:
        architecture: what to export.
        folder: where exported models are kept; the user's cache where not given.

    Raises:
        MissingExtraError: it is not in the cache, and what exports it is not installed.
    """
    file = (folder or _cache()) / f"{architecture.name}-fp32.onnx"
    if not file.is_file():
        file.parent.mkdir(parents=True, exist_ok=True)
        _export(architecture, file)
    return file


def _cache() -> Path:
    root = os.environ.get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "capsim" / "models"


def _export(architecture: Architecture, file: Path) -> None:
    for package in ("torch", "transformers", "onnxscript"):
        _require(package)
    import torch
    import transformers

    # Of libraries that it could export but that are not needed here.
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    torch.manual_seed(_SEED)
    build = architecture.build()
    with warnings.catch_warnings(), torch.no_grad():
        # The exporter warns of its own internals; what it wrote is checked by loading it.
        warnings.simplefilter("ignore")
        program = _program(build)
    exporter = f"torch {_version(torch)}, transformers {_version(transformers)}"
    program.model.metadata_props["exporter"] = exporter
    # Whole or not at all: an export that was broken off must not be taken for a model.
    unfinished = file.with_suffix(".part")
    program.save(str(unfinished), external_data=False)
    unfinished.replace(file)


def _program(build: Build) -> Any:
    import torch

    dynamic = {name: dict.fromkeys(at, torch.export.Dim.DYNAMIC) for name, at in build.free.items()}
    return torch.onnx.export(
        build.module.eval(),
        kwargs=build.example,
        input_names=list(build.example),
        dynamic_shapes=dynamic,
        dynamo=True,
        verbose=False,
    )


def _version(package: Any) -> str:
    """Without the local part, which names a build."""
    return str(package.__version__).split("+", maxsplit=1)[0]


def _require(package: str) -> None:
    try:
        __import__(package)
    except ImportError as error:
        raise MissingExtraError(package, "architectures") from error
