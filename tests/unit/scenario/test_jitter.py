"""Variation that is assumed: what it does to service, and that no answer hides it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console
from systems import document, dynamic, pool

from capsim import simulate
from capsim.errors import InputError
from capsim.report.text import answer
from capsim.scenario import Scenario, scenario_from
from capsim.scenario.checks import check
from capsim.scenario.service import service_times
from capsim.serving.jitter import together

CONSTANT = """model: scorer
hardware: {kind: gpu, name: H100}
runtime: vllm
precision: bf16
measured: {how: composed}
quantiles:
- {batch_size: 1, p50_ms: 10}
- {batch_size: 4, p50_ms: 20}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "gpu.yaml").write_text(CONSTANT)
    return tmp_path


def made(folder: Path, **settings: Any) -> Scenario:
    return scenario_from(document(pool(profile="gpu.yaml", batching=dynamic(4), **settings)), folder)


def spread(scenario: Scenario) -> float:
    """Standard deviation over mean of the service of one request."""
    curves = service_times(scenario.pools[0], 1).curves_ns
    assert curves is not None
    cells = (curves[0][:-1] + curves[0][1:]) / 2
    return float(np.std(cells) / np.mean(cells))


def test_factors_multiply() -> None:
    assert together() == 0
    assert together(0.12) == 0.12
    assert together(0.3, 0.4) == pytest.approx(np.sqrt(1.09 * 1.16 - 1))


def test_a_constant_profile_varies_as_assumed(folder: Path) -> None:
    scenario = made(folder, jitter={"cv": "20 %"})
    assert spread(scenario) == pytest.approx(0.2, rel=0.02)
    assert service_times(scenario.pools[0], 1).mean_ns[0] == pytest.approx(10e6)


def test_what_was_fitted_and_what_is_assumed_add_up(folder: Path) -> None:
    scenario = made(folder, jitter={"cv": "30 %"}, noise={"cv": 0.4})
    assert spread(scenario) == pytest.approx(together(0.3, 0.4), rel=0.02)


def test_an_assumption_is_the_same_service_as_a_fitted_value(folder: Path) -> None:
    assumed, fitted = (made(folder, **{name: {"cv": cv}}) for name, cv in (("jitter", "20 %"), ("noise", 0.2)))
    first, second = (service_times(scenario.pools[0], 1).curves_ns for scenario in (assumed, fitted))
    assert first is not None
    assert second is not None
    assert np.array_equal(first, second)


@pytest.mark.parametrize("engine", ["simpy", "compiled"])
def test_the_evidence_of_an_answer_says_what_was_assumed(folder: Path, engine: str) -> None:
    scenario = made(folder, jitter={"cv": "3 %"})
    result = simulate(scenario, engine)
    assert result.provenance["evidence"] == [
        {"pool": "gpu", "level": "profile only, jitter of 3 % assumed", "jitter_cv": 0.03}
    ]
    console = Console(width=150, file=io.StringIO())
    with console.capture() as captured:
        console.print(answer(result))
    assert "evidence    gpu: profile only, jitter of 3 % assumed;" in captured.get()


def test_both_engines_draw_the_same_jitter(folder: Path) -> None:
    scenario = made(folder, jitter={"cv": "10 %"})
    first, second = (simulate(scenario, engine) for engine in ("simpy", "compiled"))
    assert first.latency_s == second.latency_s
    assert first.latency_s["p99"].value != simulate(made(folder)).latency_s["p99"].value


def test_the_assumption_takes_the_place_of_the_warning(folder: Path) -> None:
    without = {warning.code for warning in check(made(folder))}
    with_it = {warning.code: warning.message for warning in check(made(folder, jitter={"cv": "3 %"}))}
    assert "constant_profile" in without
    assert "jitter_assumed" not in without
    assert "constant_profile" not in with_it
    assert with_it["jitter_assumed"] == "pool gpu: a jitter of 3 % is assumed; it was not measured"


def test_a_distribution_needs_no_jitter() -> None:
    with pytest.raises(InputError, match="is for a profile; a service says its own cv"):
        scenario_from(document(pool(jitter={"cv": "3 %"})))


@pytest.mark.parametrize(("cv", "message"), [(0.03, "with its unit"), ("0 %", "more than zero"), ("200 %", "at most")])
def test_jitter_is_a_share(folder: Path, cv: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        made(folder, jitter={"cv": cv})
