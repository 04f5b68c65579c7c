"""aiconfigurator: kernel latencies measured by NVIDIA, composed into the prefill of a language model.

Prefill is what scoring, embedding and re-ranking do: one pass over the input, and no token is generated. The package
comes with pip install 'capsim[kernels]', holds its database and needs no network.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from capsim.errors import Fault, InputError, MissingExtraError, did_you_mean
from capsim.importer.imported import COMMAND_LINE, Imported, batch_sizes
from capsim.parameters import parameters
from capsim.profile import Hardware
from capsim.profile.load import QuantileRow

TOOL = "aiconfigurator-core"
FILES = ""
PRECISIONS = {"bfloat16": "bf16", "half": "fp16"}
NAMES = {
    "a100_sxm": "NVIDIA A100 SXM",
    "a30": "NVIDIA A30",
    "b200_sxm": "NVIDIA B200 SXM",
    "b300_sxm": "NVIDIA B300 SXM",
    "b60": "Intel Arc Pro B60",
    "gb200": "NVIDIA GB200",
    "gb300": "NVIDIA GB300",
    "h100_pcie": "NVIDIA H100 PCIe",
    "h100_sxm": "NVIDIA H100 SXM",
    "h200_sxm": "NVIDIA H200 SXM",
    "l4": "NVIDIA L4",
    "l40s": "NVIDIA L40S",
    "rtx_pro_6000_server": "NVIDIA RTX PRO 6000 Server",
}
ORIGINS = {"silicon": "measured", "empirical": "from a formula", "mixed": "measured and from a formula"}
MOST_TOKENS = 1_000_000
HOLDS = (
    "medians of kernels, each measured alone, put together by layer: no variation, and nothing of the serving software "
    "(tokenising, scheduling, launching kernels, moving inputs)"
)


@parameters
class Options:
    """What is composed."""

    model: str
    """The model as the package names it: meta-llama/Meta-Llama-3.1-8B; or a folder with its config.json."""
    system: str
    """The GPU as the package names it: h100_sxm."""
    input_length: int
    """Tokens in an item."""
    backend: str = "vllm"
    """Whose kernels: vllm, sglang or trtllm."""
    backend_version: str | None = None
    """Version of the backend; what the database calls current if not given."""
    batch_sizes: str = "1,2,4,8,16,32"
    """Batch sizes to compose."""
    gpus: int = 1
    """GPUs that one model is spread over (tensor parallelism); together they are one server."""


def read(files: Sequence[Path], options: Options) -> Imported:  # noqa: ARG001 - sources share one signature
    """Medians by batch size.

    Raises:
        MissingExtraError: the package is not installed.
        InputError: no such model or system, or the database does not hold what the model needs there.
    """
    sizes = batch_sizes(options.batch_sizes)
    _check_installed()
    _check(options, sizes)
    with _quiet():
        engine, version = _engine(options)
        parts = {size: _parts(engine, options, size) for size in sizes}
        precision = _precision(options)
    gpus = "" if options.gpus == 1 else f", {options.gpus} GPUs"
    return Imported(
        quantiles=[QuantileRow(batch_size=size, p50_ms=sum(part.values())) for size, part in parts.items()],
        measured={
            "database": f"{TOOL} {importlib.metadata.version(TOOL)}, {options.system}, {options.backend} {version}",
            "phase": f"prefill of {options.input_length} tokens an item",
            "latency_holds": HOLDS,
            "memory": "not checked: whether weights and batch fit",
            "time_percent": {size: _shares(part) for size, part in parts.items()},
        },
        model=f"{options.model.rstrip('/').rpartition('/')[2]}-prefill-{options.input_length}",
        hardware=Hardware(kind="gpu", name=NAMES.get(options.system, options.system) + gpus),
        runtime=f"{options.backend} {version}",
        precision=precision,
    )


def _check_installed() -> None:
    try:
        import aiconfigurator_core  # noqa: F401 - whether it can be
    except ImportError:
        raise MissingExtraError(TOOL, "kernels") from None


def _check(options: Options, sizes: Sequence[int]) -> None:
    """Refuse what the package would look for in the network, and what it would compute without sense."""
    from aiconfigurator_core.sdk.common import DefaultHFModels
    from aiconfigurator_core.sdk.perf_database import get_version_slots

    models = sorted(DefaultHFModels)
    faults = []
    if options.model not in models and not (Path(options.model) / "config.json").is_file():
        hint = did_you_mean(options.model, models) or f"; there are {', '.join(models[:5])} … {len(models)} in all"
        faults.append(Fault("--model", f"neither a model of the package nor a folder with config.json{hint}"))
    systems = _systems()
    if options.system not in systems:
        said = (
            f"unknown system '{options.system}'{did_you_mean(options.system, systems)}; there are {', '.join(systems)}"
        )
        faults.append(Fault("--system", said))
    elif not get_version_slots(options.system, options.backend):
        said = f"the database holds nothing that was measured with '{options.backend}' on {options.system}"
        faults.append(Fault("--backend", said))
    if not sizes:
        faults.append(Fault("--batch-sizes", "expected at least one"))
    if not 1 <= options.input_length * max(sizes, default=1) <= MOST_TOKENS or options.input_length < 1:
        faults.append(Fault("--input-length", f"expected from 1 to {MOST_TOKENS:,} tokens in a batch"))
    if options.gpus < 1:
        faults.append(Fault("--gpus", "expected at least 1"))
    if faults:
        raise InputError(COMMAND_LINE, faults)


def _systems() -> list[str]:
    from aiconfigurator_core.sdk.perf_database import get_systems_paths

    return sorted(file.stem for root in get_systems_paths() for file in Path(root).glob("*.yaml") if _is_system(file))


def _is_system(file: Path) -> bool:
    return "data_dir:" in file.read_text(encoding="utf-8")


def _engine(options: Options) -> tuple[Any, str]:
    """The compiled model, and the version of the backend that its kernels were measured with."""
    from aiconfigurator_core.sdk.engine import EngineHandle
    from aiconfigurator_core.sdk.perf_database import resolve_query_version

    try:
        version = resolve_query_version(options.system, options.backend, options.backend_version or "current")
        # Experts, where a model has them, are spread like everything else.
        spread = {"tp_size": options.gpus, "moe_tp_size": options.gpus}
        engine = EngineHandle.compile(options.model, options.system, options.backend, backend_version=version, **spread)
    except Exception as error:
        raise _cannot(error) from error
    return engine, str(version)


def _parts(engine: Any, options: Options, size: int) -> dict[str, float]:
    """Milliseconds of a prefill by where they come from: `silicon` was measured, `empirical` is a formula."""
    try:
        operations, _ = engine.run_static_per_op(batch_size=size, isl=options.input_length, osl=1, mode="static_ctx")
        total = engine.predict_prefill_latency(size, options.input_length)
    except Exception as error:
        raise _cannot(error) from error
    parts: dict[str, float] = defaultdict(float)
    for _, latency_ms, _, origin in operations:
        parts[origin] += latency_ms
    if abs(sum(parts.values()) - total) > 1e-6 * total:
        raise InputError(TOOL, [Fault("", f"gives {sum(parts.values())} ms by operation and {total} ms in all")])
    return dict(parts)


def _shares(parts: dict[str, float]) -> dict[str, float]:
    total = sum(parts.values())
    return {ORIGINS.get(origin, origin): round(100 * value / total, 1) for origin, value in parts.items() if value}


def _precision(options: Options) -> str | None:
    from aiconfigurator_core.sdk.config_builders import build_model_config
    from aiconfigurator_core.sdk.models import get_model

    config = build_model_config(options.gpus, pp_size=1, attention_dp_size=1, moe_tp_size=options.gpus, moe_ep_size=1)
    mode = get_model(options.model, config, options.backend).config.gemm_quant_mode
    return None if mode is None else PRECISIONS.get(str(mode.name), str(mode.name))


def _cannot(error: Exception) -> InputError:
    said = " ".join(str(error).split())[:300]
    return InputError(TOOL, [Fault("", f"cannot compose this: {said or type(error).__name__}")])


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without the package's notes on tables that this model does not use."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)
