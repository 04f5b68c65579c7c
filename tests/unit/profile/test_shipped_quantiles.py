"""The shipped profiles that hold percentiles alone: their curves keep what the source gives."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from capsim import shipped
from capsim.profile import read_profile
from capsim.profile.load import LEVELS

ROOT = shipped.folder("profiles")
FILES = [ROOT / f"{name}.yaml" for name in shipped.names("profiles")]
TABLES = [file for file in FILES if "imported_from: a table" in file.read_text(encoding="utf-8")]
ROUNDED = 5e-4
"""By what share a mean may be missed: the quantiles are drawn on a grid of 1000."""


@cache
def document(file: Path) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return read


def gpu_of(file: Path) -> str:
    return str(document(file)["hardware"]["name"])


def rows_of(file: Path) -> list[dict[str, float]]:
    return list(document(file)["quantiles"])


@pytest.mark.parametrize("file", TABLES, ids=[file.relative_to(ROOT).as_posix() for file in TABLES])
def test_curves_keep_the_mean_and_the_percentiles_of_the_source(file: Path) -> None:
    profile = read_profile(file)
    for row in rows_of(file):
        size = int(row["batch_size"])
        assert profile.mean_ns(size) / 1e6 == pytest.approx(row["mean_ms"], rel=ROUNDED)
        for level in set(LEVELS) & row.keys():
            assert profile.quantile_ns(size, LEVELS[level]) / 1e6 == pytest.approx(row[level], rel=1e-5)


def test_published_tables_say_where_each_row_is_from_and_what_it_holds() -> None:
    for file in TABLES:
        measured = document(file)["measured"]
        assert measured["licence"] in {"Apache-2.0", "BSD-3-Clause"}
        assert {"source_file", "commit", "transport"} <= measured["same_in_all_rows"].keys()
        assert list(measured["source_line"]) == [row["batch_size"] for row in rows_of(file)]
        holds = ("time of the server's compute", "the latency of one client")
        assert measured["latency_holds"].startswith(holds["compute" not in measured["columns"]])


def test_four_gpus_two_precisions_and_a_model_beside_its_distillation_can_be_compared() -> None:
    assert len(TABLES) >= 40
    gpus = {gpu_of(file) for file in TABLES}
    assert {"NVIDIA A100 SXM", "NVIDIA A30", "NVIDIA T4", "NVIDIA V100 SXM"} == gpus
    for gpu in gpus:
        models = {document(file)["model"] for file in TABLES if gpu_of(file) == gpu}
        assert {"bert-large-384", "bert-distilled-6l-384", "bert-distilled-4l-384"} <= models
    assert {document(file)["precision"] for file in TABLES if "dlrm" in file.stem} == {"fp16", "fp32"}
