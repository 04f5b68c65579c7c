"""What is good enough, and how long and often to simulate."""

from __future__ import annotations

from collections.abc import Iterator

from capsim.scenario.controls.control import OBJECTIVE, RUN, Control, milliseconds, rising, whole
from capsim.scenario.schema import Scenario
from capsim.units import NS_PER_S, TIME

USUAL_NS = 100_000_000
HORIZONS_NS = tuple(seconds * NS_PER_S for seconds in (10, 30, 60, 300, 900, 3600))
MOST_REPLICATIONS, FARTHEST_REPLICATIONS = 30, 1000
LARGEST_SEED = 2**53 - 1
"""What a browser counts to exactly."""


def objective_controls(now: Scenario) -> Iterator[Control]:
    """A control for each target, or one for p99 that stands nowhere."""
    targets = now.objective.targets_ns() if now.objective else {}
    for name in targets or ("p99",):
        target = targets.get(name)
        label = f"Objective: {name.replace('p999', 'p99.9')} at most (ms)"
        said = "The latency to keep below."
        yield milliseconds(f"objective.{name}", label, OBJECTIVE, target, said, USUAL_NS)


def run_controls(now: Scenario) -> Iterator[Control]:
    """Horizon, replications and seed."""
    run = now.run
    horizons = rising({*HORIZONS_NS, run.horizon})
    said = "Requests are sent until then, in each replication."
    yield Control(
        "run.horizon", "Simulated time", RUN, run.horizon, TIME.format, horizons, named=TIME.format, about=said
    )
    if run.precision is None:
        said = "Independent repetitions; more make intervals narrower."
        own = run.least_replications
        farthest = max(FARTHEST_REPLICATIONS, own)
        yield whole("run.replications", "Replications", RUN, own, MOST_REPLICATIONS, farthest, said)
    if run.seed <= LARGEST_SEED:
        said = "Same seed, same answer."
        yield Control("run.seed", "Seed", RUN, run.seed, str, high=LARGEST_SEED, wide=True, about=said)
