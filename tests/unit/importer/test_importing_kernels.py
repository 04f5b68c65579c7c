"""Kernel latencies of aiconfigurator, composed into the prefill of a language model."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from imports import faults, imported, rows

from capsim.errors import MissingExtraError
from capsim.profile import read_profile

SHIPPED = Path(__file__).parents[3] / "profiles"
LLAMA = {"model": "meta-llama/Meta-Llama-3.1-8B", "system": "h100_sxm", "input_length": 512}
TFLOP_PER_ITEM = 2 * 8.03e9 * 512 / 1e12
"""Two operations for each parameter and token."""


@pytest.fixture(autouse=True)
def _installed() -> None:
    pytest.importorskip("aiconfigurator_core")


def test_the_shipped_profile_comes_out_again() -> None:
    found = imported("aiconfigurator", **LLAMA)
    shipped = read_profile(SHIPPED / "gpu-nvidia-h100-sxm" / "meta-llama-3.1-8b-prefill-512-bf16-vllm.yaml")
    assert rows(found).keys() == set(shipped.batch_sizes)
    for size, quantiles in rows(found).items():
        assert quantiles.keys() == {"p50_ms"}
        assert quantiles["p50_ms"] == pytest.approx(shipped.quantile_ns(size, 0.5) / 1e6, rel=1e-5)
    assert (found.model, found.hardware, found.runtime, found.precision) == (
        shipped.model,
        shipped.hardware,
        shipped.runtime,
        shipped.precision,
    )


def test_the_provenance_says_what_it_is() -> None:
    told = imported("aiconfigurator", **LLAMA, batch_sizes="1").measured
    assert str(told["database"]).startswith("aiconfigurator-core ")
    assert "h100_sxm, vllm " in str(told["database"])
    assert "no variation" in str(told["latency_holds"])
    assert told["phase"] == "prefill of 512 tokens an item"
    shares: Any = told["time_percent"]
    assert sum(shares[1].values()) == pytest.approx(100, abs=0.2)
    assert shares[1]["measured"] > 50


def test_prefill_takes_longer_than_the_peak_of_the_gpu_allows() -> None:
    """An H100 SXM does 989 TFLOP/s at most in bf16; large batches reach more than half of that."""
    for size, quantiles in rows(imported("aiconfigurator", **LLAMA)).items():
        least_ms = TFLOP_PER_ITEM * size / 989 * 1e3
        assert least_ms < quantiles["p50_ms"] < 2 * least_ms


@pytest.mark.parametrize("model", ["meta-llama/Meta-Llama-3.1-8B", "Qwen/Qwen3-30B-A3B"])
def test_two_gpus_are_quicker_and_are_one_server(model: str) -> None:
    """With a mixture of experts too."""
    told = LLAMA | {"model": model, "batch_sizes": "32"}
    one, found = imported("aiconfigurator", **told), imported("aiconfigurator", **told, gpus=2)
    assert rows(one)[32]["p50_ms"] / 2 < rows(found)[32]["p50_ms"] < rows(one)[32]["p50_ms"]
    assert found.hardware is not None
    assert found.hardware.name == "NVIDIA H100 SXM, 2 GPUs"


@pytest.mark.parametrize(
    ("options", "path", "said"),
    [
        ({"model": "meta-llama/Meta-Llama-3.1-8"}, "--model", "did you mean meta-llama/Meta-Llama-3.1-8B?"),
        ({"system": "h100"}, "--system", "did you mean h100_sxm?"),
        ({"backend": "tensorflow"}, "--backend", "nothing that was measured with 'tensorflow' on h100_sxm"),
        ({"system": "l4"}, "--backend", "nothing that was measured with 'vllm' on l4"),
        ({"backend_version": "0.1"}, "", "cannot compose this"),
        ({"input_length": 0}, "--input-length", "from 1 to 1,000,000 tokens"),
        ({"input_length": 500_000}, "--input-length", "from 1 to 1,000,000 tokens"),
        ({"batch_sizes": ""}, "--batch-sizes", "at least one"),
        ({"gpus": 0}, "--gpus", "at least 1"),
    ],
)
def test_what_cannot_be_composed_is_refused(options: dict[str, Any], path: str, said: str) -> None:
    [found] = faults("aiconfigurator", **(LLAMA | options))
    assert found[1] == path
    assert said in found[2]


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "aiconfigurator_core", None)
    with pytest.raises(MissingExtraError, match=r"capsim\[kernels\]"):
        imported("aiconfigurator", **LLAMA)
