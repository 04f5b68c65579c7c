"""Schedules of a single server by hand: requests at given instants, batches of known length."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from capsim import simulate
from capsim.engine import Ledger
from capsim.scenario import scenario_from

NS_PER_MS = 1_000_000


def played(
    folder: Path,
    batching: dict[str, Any],
    sent_ms: Sequence[float],
    mean: str = "10 ms",
    instances: int = 1,
    turns: bool = False,
) -> Ledger:
    """What becomes of requests whose batches take a constant time, on both engines."""
    trace = folder / "trace.csv"
    trace.write_text("timestamp_s\n" + "".join(f"{instant / 1000}\n" for instant in sent_ms))
    scenario = scenario_from(
        {
            "name": "by hand",
            "workload": {"arrivals": {"process": "trace", "file": "trace.csv"}},
            "pools": [
                {
                    "name": "pool",
                    "servers": 1,
                    "instances": instances,
                    "sharing": {"turns": True} if turns else {"overlap": 1.0},
                    "service": {"distribution": "constant", "mean": mean},
                    "batching": batching,
                }
            ],
            "run": {"horizon": "10 s", "replications": 1, "warmup": "0 s"},
        },
        folder,
    )
    by_hand, compiled = (simulate(scenario, engine=engine).ledgers[0] for engine in ("simpy", "compiled"))
    assert by_hand == compiled
    return by_hand


def batches_ms(
    folder: Path, batching: dict[str, Any], sent_ms: Sequence[float], **pool: Any
) -> list[tuple[float, int]]:
    """(start in ms, requests) of each batch, of constant service time, in the order of starting; on both engines."""
    batches = played(folder, batching, sent_ms, **pool).batches
    rows = zip(batches["started_ns"].tolist(), batches["requests"].tolist(), strict=True)
    return sorted((start / NS_PER_MS, size) for start, size in rows)
