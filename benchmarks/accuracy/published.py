"""The published Triton measurements as capsim's own inputs: a scenario and load points for each deployment.

Reads the two tables in the folder `CAPSIM_GROUND_TRUTH`: latency by batch size with one client (the profile), and
closed loops of 1 to 256 clients with dynamic batching (what to predict).
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from capsim.importer.loads.load_test import read_load_test
from capsim.scenario import Scenario, load_scenario
from capsim.validation import LoadPoint

FOLDER = "CAPSIM_GROUND_TRUTH"
FAMILIES = ("FastPitch", "GPUNet", "ResNet50", "TFT", "WideAndDeep", "nnUNet")
COMPUTE = ("server_compute_input_ms", "server_compute_infer_ms", "server_compute_output_ms")


@dataclass(frozen=True, eq=False)
class Deployment:
    """One model on one GPU behind one server."""

    name: str
    family: str
    runtime: str
    scenario: Scenario
    points: list[LoadPoint]


def ground_truth() -> Path | None:
    """The folder of the tables, if this machine has them."""
    named = os.environ.get(FOLDER)
    return Path(named) if named and (Path(named) / "triton_loaded.csv").is_file() else None


def deployments(tables: Path, folder: Path) -> Iterator[Deployment]:
    """Each deployment, by way of files in `folder` that the commands of capsim would read."""
    static, loaded = (pd.read_csv(tables / f"triton_{name}.csv") for name in ("static", "loaded"))
    for number, (pair, rows) in enumerate(loaded.groupby("pair_id", sort=True)):
        here = folder / f"{number:02}"
        here.mkdir(parents=True)
        profile = static[static["pair_id"] == pair]
        (here / "profile.yaml").write_text(yaml.safe_dump(_profile(profile)))
        (here / "scenario.yaml").write_text(yaml.safe_dump(_scenario(str(pair), rows.iloc[0])))
        _measured(rows).to_csv(here / "measured.csv", index=False)
        family = next(name for name in FAMILIES if str(rows["model"].iloc[0]).startswith(name))
        points = list(read_load_test(here / "measured.csv").points)
        runtime = str(rows["backend"].iloc[0])
        yield Deployment(str(pair), family, runtime, load_scenario(here / "scenario.yaml"), points)


def _profile(rows: pd.DataFrame) -> dict[str, Any]:
    first = rows.iloc[0]
    return {
        "model": str(first["model"]),
        "hardware": {"kind": "gpu", "name": str(first["hardware"])},
        "runtime": str(first["backend"]),
        "precision": str(first["precision"]),
        "measured": {"source": f"{first['source_file']}, commit {first['commit']}"},
        "quantiles": [_quantiles(row) for _, row in rows.iterrows()],
    }


def _quantiles(row: pd.Series[Any]) -> dict[str, Any]:
    """The mean where no median was published; published percentiles may cross by rounding."""
    found: dict[str, Any] = {"batch_size": int(row["batch_size"])}
    last = float(row["avg_ms"] if math.isnan(row["p50_ms"]) else row["p50_ms"])
    found["p50_ms"] = last
    for name in ("p90_ms", "p95_ms", "p99_ms"):
        last = max(last, float(row[name]))
        found[name] = last
    return found


def _scenario(pair: str, row: pd.Series[Any]) -> dict[str, Any]:
    # Releases of that time: see `capsim/serving/batching/triton_frozen.py`.
    batching: dict[str, Any] = {"policy": "triton_frozen", "max_batch_size": int(row["max_batch_size"])}
    if isinstance(row["preferred_batch_sizes"], str) or not math.isnan(row["preferred_batch_sizes"]):
        batching["preferred_batch_sizes"] = [int(float(size)) for size in str(row["preferred_batch_sizes"]).split()]
    if not math.isnan(row["max_queue_delay_us"]):
        batching["max_queue_delay"] = f"{row['max_queue_delay_us']:g} us"
    return {
        "name": pair[:200],
        "workload": {
            "arrivals": {"process": "closed_loop", "clients": int(row["concurrency"])},
            "items_per_request": int(row["batch_size"]),
        },
        "pools": [
            {
                "name": "gpu",
                "servers": 1,
                "instances": int(row["instances"]),
                "profile": "profile.yaml",
                "batching": batching,
            }
        ],
    }


def _measured(rows: pd.DataFrame) -> pd.DataFrame:
    table = rows.sort_values("concurrency")
    found = pd.DataFrame({"clients": table["concurrency"].astype(int)})
    found["throughput_per_s"] = table["throughput_inf_s"] / table["batch_size"]
    found["mean_ms"] = table["avg_ms"]
    # What the server says of itself, where it was published.
    found["waiting_ms"] = table["server_queue_ms"]
    found["service_ms"] = table[list(COMPUTE)].sum(axis=1, min_count=1)
    levels = table[["p50_ms", "p90_ms", "p95_ms", "p99_ms"]].cummax(axis=1)
    return pd.concat([found, levels], axis=1)
