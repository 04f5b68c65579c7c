"""A built-in architecture as an ONNX file, exported once and kept in the user's cache."""

from __future__ import annotations

import logging
import os
import warnings
from pathlib import Path
from typing import Any

from capsim.documents.output import written_whole
from capsim.errors import MissingExtraError
from capsim.profiler import inputs, quantise
from capsim.profiler.architectures import Architecture

_SEED = 1
_EXAMPLE_BATCH = 2
_EXAMPLE_LENGTH = 64


def onnx_file(
    architecture: Architecture, precision: str = "fp32", width: float = 1, folder: Path | None = None
) -> Path:
    """The exported model: from the cache, else exported, and quantised, now.

    Args:
        architecture: what to export.
        precision: `fp32`, or how it is quantised: one of `quantise.WAYS`.
        width: share of the channels, heads and neurons that every layer keeps.
        folder: where exported models are kept; the user's cache where not given.

    Raises:
        InputError: it cannot be written.
        MissingExtraError: it is not in the cache, and what exports it is not installed.
    """
    folder = folder or _cache()
    file = folder / f"{variant_name(architecture.name, width)}-{precision}.onnx"
    if file.is_file():
        return file
    folder.mkdir(parents=True, exist_ok=True)
    if precision == "fp32":
        with written_whole(file) as unfinished:
            _export(architecture, width, unfinished)
    else:
        full = onnx_file(architecture, "fp32", width, folder)
        example = inputs.with_length(architecture.inputs, architecture.sequence_length)
        with written_whole(file) as unfinished:
            quantise.quantise(full, unfinished, precision, example)
    return file


def variant_name(name: str, width: float) -> str:
    """The name of an architecture whose layers keep this share of their channels."""
    return name if width == 1 else f"{name}-width{width:g}"


def built(architecture: Architecture, width: float = 1) -> Any:
    """The PyTorch module with random weights, in evaluation mode.

    Raises:
        MissingExtraError: torch or transformers is not installed.
    """
    for package in ("torch", "transformers"):
        _require(package)
    import torch

    torch.manual_seed(_SEED)
    return architecture.build(width).eval()


def builder() -> str:
    """What built the architecture, for the profile."""
    import torch
    import transformers

    return f"torch {_version(torch)}, transformers {_version(transformers)}"


def _cache() -> Path:
    root = os.environ.get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "capsim" / "models"


def _export(architecture: Architecture, width: float, file: Path) -> None:
    module = built(architecture, width)
    _require("onnxscript")
    # Of libraries that it could export but that are not needed here.
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        # The exporter warns of its own internals; what it wrote is checked by loading it.
        warnings.simplefilter("ignore")
        program = _program(module, architecture)
    program.model.metadata_props["exporter"] = builder()
    program.save(str(file), external_data=False)


def _program(module: Any, architecture: Architecture) -> Any:
    import torch

    example = inputs.draw(inputs.with_length(architecture.inputs, _EXAMPLE_LENGTH), _EXAMPLE_BATCH)
    free = {
        each.name: dict.fromkeys(
            (0, *(at for at, size in enumerate(each.shape, 1) if size is None)), torch.export.Dim.DYNAMIC
        )
        for each in architecture.inputs
    }
    with torch.no_grad():
        return torch.onnx.export(
            module,
            kwargs={name: torch.from_numpy(value) for name, value in example.items()},
            input_names=list(example),
            dynamic_shapes=free,
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
