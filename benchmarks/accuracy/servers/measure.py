"""Measure real inference servers, and print how well capsim predicts them.

    python benchmarks/accuracy/servers/measure.py --output FOLDER

Makes a virtual environment for each server in FOLDER, then for each deployment of `setups.py` profiles it with exact
batches and drives it with open and closed loops: half an hour on two cores that nothing else uses. The load generator
has one of them and the server the other; a model that computes has one for itself, as an accelerator would compute, and
the server then shares that of the load generator. Both get real-time priority where the system allows it, and the cores
are kept awake, or what it takes to wake them is most of the noise. A run that other processes disturbed is taken again.
What has been measured is kept, so that a campaign that was interrupted goes on; `--minutes` ends it early. At last each
deployment's data are written as one file (`--keep` says where), and `predict.py` prints the predictions beside them.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
from load import Log, closed_loop, open_loop
from predict import show
from server import HOST, PORT, Deployment, awake, environment, serving, undisturbed_on
from setups import ANYHOW_US, SERVERS, SETUPS, Run, Setup, arrivals_s, runs

from capsim.profiler.machine import Watch, description

EXACT_S, CLOSED_S, LEARNING_S, WARM_S = 5.0, 5.0, 21.0, 0.5
"""How long a run of exact batches, a closed loop, one of a server that learns, and the run that warms up take."""
PAUSED_S = 0.004
"""At most so long clients pause between exact batches, or the HTTP work of one delays the start of the next."""
GENERATOR_CORE, SERVER_CORE = 0, 1
DISTURBED_PERCENT, ATTEMPTS = 10.0, 2
"""A run in which other processes used more of a core is taken again; the least disturbed of so many is kept until the
command is called again, which takes it anew."""


def deployment_of(setup: Setup, run: Run) -> Deployment:
    """What the server is told for a run: an exact batch is the largest allowed, and waited for."""
    if not run.exact:
        return setup.deployment
    return replace(
        setup.deployment,
        instances=run.instances,
        max_batch_size=run.load,
        max_queue_delay_us=ANYHOW_US,
        preferred_batch_sizes=(),
    )


def cores_of(setup: Setup) -> dict[str, int]:
    """What computes has a core of its own, as an accelerator has; what sleeps needs none."""
    return {"server": GENERATOR_CORE if setup.deployment.computes else SERVER_CORE, "model": SERVER_CORE}


def others_s(known: Sequence[int]) -> float:
    """CPU time that was used on this machine since it started by anything but this process and those known."""
    busy = sum(each.user + each.nice + each.system for each in psutil.cpu_times(percpu=True))
    started = [psutil.Process(pid) for pid in known]
    mine = [psutil.Process(), *started, *(child for each in started for child in each.children(recursive=True))]
    return float(busy - sum(each.cpu_times().user + each.cpu_times().system for each in mine))


def measured(
    setup: Setup, run: Run, capacity_per_s: float, place: Path, known: Sequence[int]
) -> tuple[Log, dict[str, Any]]:
    """One run against the server that is up, and what is known about it."""
    server, address = SERVERS[setup.deployment.server], (HOST, PORT)
    request = server.request(setup.deployment)
    clients = run.load if run.kind in {"rounds", "closed"} else 4 * run.load * run.instances
    together = run.kind == "rounds"
    closed_loop(address, request, setup.deployment.max_batch_size if run.kind == "open" else clients, WARM_S)
    before = server.batches(place)
    watch, used_s, began = Watch((GENERATOR_CORE, SERVER_CORE)), others_s(known), time.perf_counter()
    if run.kind == "open":
        log = open_loop(address, request, arrivals_s(setup, run.load, capacity_per_s))
    else:
        for_s, pause_s = (EXACT_S, PAUSED_S) if run.exact else (closed_s(setup), 0.0)
        log = closed_loop(address, request, clients, for_s, pause_s=pause_s, together=together)
    seconds = time.perf_counter() - began
    formed = {}
    for size, told in sorted(server.batches(place).items()):
        count, spent_ns = (told[part] - before.get(size, {part: 0})[part] for part in ("count", "ns"))
        if count:
            formed[size] = {"count": count, "compute_us": round(spent_ns / count / 1e3, 1)}
    about = asdict(run) | {
        "seconds": round(seconds, 3),
        "steal_percent": watch.report()["steal_percent"],
        "capacity_per_s": capacity_per_s if run.kind == "open" else None,
        "batches": formed,
        "others_percent": round(100 * (others_s(known) - used_s) / seconds, 1),
        "sent_late_us": {"p50": int(np.median(log.late_us)), "p99": int(np.quantile(log.late_us, 0.99))},
    }
    return log, about


def undisturbed(
    setup: Setup, run: Run, capacity_per_s: float, place: Path, known: Sequence[int]
) -> tuple[Log, dict[str, Any]]:
    """The first run that nothing else disturbed, or the least disturbed of a few."""
    taken = []
    for attempt in range(1, ATTEMPTS + 1):
        log, about = measured(setup, run, capacity_per_s, place, known)
        taken.append((about["others_percent"], attempt, log, about))
        if about["others_percent"] <= DISTURBED_PERCENT:
            break
    _, _, log, about = min(taken, key=lambda each: each[:2])
    return log, about | {"attempts": len(taken)}


def disturbed(kept: Path) -> bool:
    """Whether a run is to be taken: there is none yet, or other processes had too much of the machine."""
    return not kept.exists() or json.loads(kept.read_text())["others_percent"] > DISTURBED_PERCENT


def closed_s(setup: Setup) -> float:
    """How long a closed loop takes."""
    return LEARNING_S if setup.learns else CLOSED_S


def capacity_per_s(folder: Path, setup: Setup) -> float:
    """Throughput with full batches, from the runs that measured it before the first open loop."""
    for file in sorted(folder.glob("open-*.json")):
        return float(json.loads(file.read_text())["capacity_per_s"])
    instances, most = setup.deployment.instances, setup.deployment.max_batch_size
    log = pd.read_parquet(folder / f"{Run('full', most, 0, instances).name}.parquet")
    finished = np.sort((log["sent_us"] + log["latency_us"]).to_numpy())
    middle = finished[(finished > 1e6) & (finished <= (EXACT_S - 1) * 1e6)]
    return float(f"{len(middle) / (EXACT_S - 2):.3g}")


def expected_s(setup: Setup, run: Run, capacity: float) -> float:
    """About how long a run takes."""
    if run.kind == "open":
        return WARM_S + setup.requests * 100 / (run.load * capacity)
    return WARM_S + (EXACT_S if run.exact else closed_s(setup))


def campaign(folder: Path, setup: Setup, repeats: int, until: float, known: Sequence[int]) -> bool:
    """Measure what is missing; whether everything is there."""
    there = folder / setup.name
    there.mkdir(parents=True, exist_ok=True)
    server, place = SERVERS[setup.deployment.server], folder / f"venv-{setup.deployment.server}"
    missing = [run for run in runs(setup, repeats) if disturbed(there / f"{run.name}.json")]
    for (deployment, _), alike in groupby(missing, lambda run: (deployment_of(setup, run), setup.learns and run.name)):
        if time.monotonic() + server.START_S > until:
            return False
        cores = cores_of(setup)
        log_file = place / "server.log"
        with serving(server.start(place, deployment), log_file, cores["server"], cores["model"]) as process:
            capacity = 0.0
            for run in alike:
                capacity = capacity or (0.0 if run.exact else capacity_per_s(there, setup))
                if time.monotonic() + expected_s(setup, run, capacity) > until:
                    return False
                log, about = undisturbed(setup, run, capacity, place, [process, *known])
                table = pd.DataFrame({"sent_us": log.sent_us, "latency_us": log.latency_us}).astype("int32")
                table.to_parquet(there / f"{run.name}.parquet")
                about["server"] = server.version()
                about["at"] = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
                (there / f"{run.name}.json").write_text(json.dumps(about))
                print(
                    f"{setup.name} {run.name}: {len(log.sent_us)} requests, others {about['others_percent']} %",
                    flush=True,
                )
    return True


def pack(folder: Path, setup: Setup, repeats: int, keep: Path) -> None:
    """The runs of a setup as one table, and beside it what is known about them."""
    tables, about = [], []
    for run in runs(setup, repeats):
        source = folder / setup.name / run.name
        told = json.loads(source.with_suffix(".json").read_text())
        log = pd.read_parquet(source.with_suffix(".parquet"))
        if run.kind == "open" and run.repeat > 1:
            # The arrivals are those of the first repeat.
            log["sent_us"] = 0
        tables.append(log.assign(run=run.name))
        about.append({"run": run.name, **told})
    keep.mkdir(parents=True, exist_ok=True)
    table = pd.concat(tables, ignore_index=True).astype({"run": "category"})
    table.to_parquet(keep / f"{setup.name}.parquet", compression="zstd", compression_level=19, index=False)
    document = {
        "setup": setup.name,
        "words": setup.words,
        "deployment": asdict(setup.deployment),
        "machine": description() | {"cores": {"generator": GENERATOR_CORE, **cores_of(setup)}},
        "conditions": "real-time priorities where the system allows them, cores kept awake",
        "runs": about,
    }
    (keep / f"{setup.name}.json").write_text(json.dumps(document, indent=1) + "\n")


def main() -> None:
    """Measure, pack, predict."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, required=True, help="folder for the environment and the runs")
    parser.add_argument("--keep", type=Path, help="folder for the data; OUTPUT/data unless given")
    parser.add_argument("--only", choices=[setup.name for setup in SETUPS], help="one setup")
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--measure-only", action="store_true", help="leave predicting to predict.py")
    parser.add_argument("--minutes", type=float, default=60, help="stop after so long; call again to go on")
    given = parser.parse_args()
    folder, keep = given.output.resolve(), (given.keep or given.output / "data").resolve()
    chosen = [setup for setup in SETUPS if given.only in (None, setup.name)]
    until = time.monotonic() + 60 * given.minutes
    for server in {setup.deployment.server for setup in chosen}:
        environment(folder / f"venv-{server}", SERVERS[server].PACKAGES)
    # So that the server and what keeps cores awake are ended with this process.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    everywhere = os.sched_getaffinity(0)
    with awake((GENERATOR_CORE, SERVER_CORE)) as known:
        undisturbed_on(GENERATOR_CORE)
        for setup in chosen:
            if not campaign(folder, setup, given.repeats, until, known):
                raise SystemExit(f"Out of time at {setup.name}; the same command goes on from here.")
            pack(folder, setup, given.repeats, keep)
        os.sched_setaffinity(0, everywhere)
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    if not given.measure_only:
        show(keep)


if __name__ == "__main__":
    main()
