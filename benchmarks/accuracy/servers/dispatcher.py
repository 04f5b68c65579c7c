"""Whether `bentoml` forms the batches that BentoML's own dispatcher forms.

    python benchmarks/accuracy/servers/dispatcher.py --output FOLDER

Makes BentoML's environment in FOLDER unless it is there, simulates loads from light to far too heavy, and gives the
same requests and durations of batches to the dispatcher itself on a clock that only its timers move: what is compared
is the rule and nothing else. Instants agree to a microsecond, as the dispatcher counts seconds in floating point.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from pathlib import Path
from typing import Any

import bento_ml
import numpy as np
from server import MODELS, environment

from capsim.engine import Ledger, compiled, lower
from capsim.scenario import scenario_from
from capsim.workload import TraceFile

APART_NS = 1000
LOADS = (
    # Requests/s, max_batch_size, max_latency_ms, a batch and an item (ms), coefficient of variation, seconds.
    (60, 8, 60_000, 16, 2, 0.1, 60),
    (150, 8, 60_000, 16, 2, 0.1, 60),
    (220, 8, 60_000, 16, 2, 0.1, 60),
    (100, 100, 60_000, 16, 2, 0.3, 60),
    (400, 100, 60_000, 5, 2, 0.1, 30),
    (260, 8, 120, 16, 2, 0.2, 40),
    (400, 8, 60, 16, 2, 0.2, 40),
    (90, 4, 40, 16, 4, 0.4, 60),
    (5, 4, 40, 16, 4, 0.4, 60),
)


def simulated(number: int, max_batch_size: int, max_latency_ms: int) -> Ledger:
    """A load as capsim serves it."""
    rate, _, _, batch_ms, item_ms, cv, seconds = LOADS[number]
    gaps_s = np.random.default_rng(number).exponential(1 / rate, int(rate * seconds))
    came_s = np.asarray(np.round(np.cumsum(gaps_s), 9), dtype=np.float64)
    service = {"distribution": "gamma", "mean": f"{batch_ms} ms", "per_item": f"{item_ms} ms", "cv": cv}
    batching = {"policy": "bentoml", "max_batch_size": max_batch_size, "max_latency_ms": max_latency_ms}
    document: dict[str, Any] = {
        "name": "dispatcher",
        "workload": {"arrivals": {"process": "trace", "file": TraceFile("drawn", came_s)}},
        "pools": [{"name": "worker", "servers": 1, "service": service, "batching": batching}],
        "run": {"horizon": f"{2 * seconds} s", "warmup": "0 s", "replications": 1},
    }
    return compiled.run(lower(scenario_from(document), 0))


def main() -> None:
    """Simulate, replay, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, required=True, help="folder for the environment")
    folder = parser.parse_args().output.resolve() / "venv-bentoml"
    environment(folder, bento_ml.PACKAGES)
    ledgers, runs = [], []
    for number, (_, most, late, *_) in enumerate(LOADS):
        ledger = simulated(number, most, late)
        took_ns = ledger.batches["finished_ns"] - ledger.batches["started_ns"]
        came_ns = ledger.requests["arrived_ns"].tolist()
        runs.append({"max_batch_size": most, "max_latency_ms": late, "took_ns": took_ns.tolist(), "came_ns": came_ns})
        ledgers.append(ledger)
    command = (folder / "bin" / "python", MODELS / "bentoml_dispatcher.py")
    told = subprocess.run(command, input=json.dumps(runs), capture_output=True, text=True, check=True)  # noqa: S603 - our own command
    different = 0
    for load, ledger, found in zip(LOADS, ledgers, json.loads(told.stdout), strict=True):
        ours = np.column_stack([ledger.batches["started_ns"], ledger.batches["requests"]])
        theirs = np.array(found["batches"]).reshape(-1, 2)
        close = ours.shape == theirs.shape and bool((np.abs(ours - theirs) <= (APART_NS, 0)).all())
        equal = close and ledger.requests["outcome"].tolist() == found["outcomes"]
        different += not equal
        away = np.mean(np.array(found["outcomes"]) != 0)
        words = f"{len(theirs)} batches of {theirs[:, 1].mean():.2f}, {away:.1%} turned away"
        print(f"{load[0]:4} /s, {load[1]:3} in {load[2]} ms: {words}: {'equal' if equal else 'different'}")
    if different:
        raise SystemExit(f"{different} of {len(LOADS)} runs differ")


if __name__ == "__main__":
    main()
