"""A combination of settings with its answer, as plain data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from capsim.stats import Result

SCHEMA = "capsim.sweep/1"
OF_THE_RUN = ("engine_s", "wall_s")
"""What differs between runs of the same scenario."""


@dataclass(frozen=True)
class Cell:
    """A combination of settings and its answer.

    Attributes:
        settings: path to value.
        answer: as `capsim run --json` prints it, less how long it took.
    """

    settings: Mapping[str, Any]
    answer: Mapping[str, Any]


def cell_of(settings: Mapping[str, Any], result: Result) -> Cell:
    """The cell of a result; the same for the same scenario, whenever and wherever it ran."""
    answer = json.loads(result.to_json())
    answer["provenance"] = {name: value for name, value in answer["provenance"].items() if name not in OF_THE_RUN}
    return Cell(settings, answer)


def flat(cell: Cell) -> dict[str, Any]:
    """A cell as one row: a column per variable, then one per number of the answer, with its unit in the name."""
    answer = cell.answer
    row: dict[str, Any] = dict(cell.settings)
    row["verdict"] = answer["verdict"]
    if answer["objective"]:
        row["objective_met"] = answer["objective"]["met"]
        row["objective_words"] = answer["objective"]["words"]
        row["objective_probability"] = answer["objective"]["probability"]
        row["objective_probability_simulation"] = answer["objective"]["probability_simulation"]
        row["objective_assumes"] = "; ".join(answer["objective"]["assumes"])
    if answer["cost"]:
        row |= answer["cost"]
    for name, interval in answer["latency_s"].items():
        row |= _columns(f"{name}_s", interval)
    row["waiting_mean_s"] = answer["waiting_s"]["mean"]["value"]
    row |= _columns("throughput_per_s", answer["throughput_per_s"])
    for pool in answer["pools"]:
        row[f"utilisation.{pool['name']}"] = pool["utilisation"]
        row[f"load_over_capacity.{pool['name']}"] = pool["load_over_capacity"]
        row[f"mean_batch_size.{pool['name']}"] = pool["mean_batch_size"]
        row[f"wasted.{pool['name']}"] = pool["wasted"]
    if len(answer["classes"]) > 1:
        for of_class in answer["classes"]:
            row |= {f"{name}.{of_class['name']}": value for name, value in _of_class(of_class).items()}
    row |= {f"hit_ratio.{cache['name']}": cache["hit_ratio"] for cache in answer["caches"]}
    row |= {f"attempts_{name}": count for name, count in answer["attempts"].items()}
    row |= answer["requests"]
    row["replications"] = answer["replications"]
    row["warnings"] = " ".join(dict.fromkeys(warning["code"] for warning in answer["warnings"]))
    return row


def _of_class(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a class of several, less its name."""
    row: dict[str, Any] = {"verdict": answer["verdict"]}
    if answer["objective"]:
        row |= {f"objective_{name}": answer["objective"][name] for name in ("met", "words", "probability")}
    for name, interval in answer["latency_s"].items():
        row |= _columns(f"{name}_s", interval)
    row |= _columns("throughput_per_s", answer["throughput_per_s"])
    if answer["goodput_per_s"]:
        row |= _columns("goodput_per_s", answer["goodput_per_s"])
    return row | {"cost_share": answer["cost_share"], **answer["requests"]}


def _columns(name: str, interval: Mapping[str, Any]) -> dict[str, float | None]:
    low, high = interval["ci95"] or (None, None)
    return {name: interval["value"], f"{name}_low": low, f"{name}_high": high}
