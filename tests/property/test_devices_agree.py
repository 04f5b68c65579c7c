"""Law: batches on a device progress by how many are on it; pipelines bear what theory says; engines agree on both."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from random_scenarios import Dice, random_scenario
from systems import Engine, constant, pool, scenario
from test_broken_rules import Broken, Edited

from capsim.engine import Blueprint, compiled, lower, simpy
from capsim.engine.compiled import build, supply
from capsim.engine.compiled.lane.records import fits
from capsim.scenario import Pool, Scenario
from capsim.units import NEVER

WORK_NS = {0: 3_000_000, 1: 5_000_000}
"""By server."""
OVERLAPS = {0: 0.0, 1: 0.6}
POISSON = {"process": "poisson", "rate": "150 /s"}


def test_the_work_of_each_batch_is_done_at_the_pace_of_its_pool(engine: Engine) -> None:
    """From the ledger alone: the time that a batch takes, each moment divided by its slowdown then, is its work."""
    pools = [
        pool(
            name,
            device="gpu0",
            service=constant(f"{WORK_NS[server]} ns"),
            sharing={"overlap": OVERLAPS[server]},
            instances=1 + server,
        )
        for server, name in enumerate("ab")
    ]
    route = [{"pools": ["a", "b"], "balancer": "random"}]
    batches = engine(lower(scenario(*pools, route=route, arrivals=POISSON, run={"horizon": "3 s"}))).batches
    ended = batches["finished_ns"] >= 0
    starts, ends = batches["started_ns"], np.where(ended, batches["finished_ns"], NEVER)
    assert len(starts) > 300
    instants = np.unique(np.concatenate([starts, ends]))
    together = np.array([np.count_nonzero((starts <= at) & (ends > at)) for at in instants[:-1]])
    assert together.max() == 3
    for server, start, end in zip(*(column[ended] for column in (batches["server"], starts, ends)), strict=True):
        within = (instants[:-1] >= start) & (instants[:-1] < end)
        slow = 1 + (together[within] - 1) * (1 - OVERLAPS[server])
        done = (np.diff(instants)[within] / slow).sum()
        # At most one ns is lost to rounding whenever the device is timed anew, and at the end.
        assert abs(done - WORK_NS[server]) <= within.sum() + 2


@pytest.mark.parametrize("stages", [2, 5])
def test_a_pipeline_waits_as_a_server_of_one_stage_and_takes_as_long_as_all(engine: Engine, stages: int) -> None:
    """M/D/1 with the length of a stage: Pollaczek and Khinchine; then all the work."""
    work_ns, utilisation = 10_000_000, 0.7
    stage_ns = work_ns / stages
    rate = utilisation / stage_ns * 1e9
    each = pool(parallel={"pipeline": stages})
    arrivals = {"process": "poisson", "rate": f"{rate:.6f} /s"}
    ledger = engine(lower(scenario(each, arrivals=arrivals, run={"horizon": "120 s", "seed": 5})))
    visits = ledger.visits
    assert np.all(visits["finished_ns"] - visits["started_ns"] == work_ns)
    waited_ns = np.mean(visits["started_ns"] - visits["enqueued_ns"])
    assert waited_ns == pytest.approx(utilisation * stage_ns / (2 * (1 - utilisation)), rel=0.08)


def _spread(dice: Dice, given: Pool, in_turn: bool) -> dict[str, Any]:
    """A pool as a pipeline, on a device that others may share, perhaps all in turn, or as it is."""
    said = {name: getattr(given, name) for name in Pool.model_fields if name in given.model_fields_set}
    kind = dice.one("device", "device", "pipeline", "copying", "as it is")
    if kind == "device" or in_turn:
        device = "z" if in_turn else dice.one("x", "x", "y", "z", "z")
        sharing = {"turns": True} if device == "z" else {"overlap": dice.one(0.0, 0.5, 0.3, 1.0)}
        return said | {"device": device, "sharing": sharing}
    if kind == "as it is":
        return said
    stages = {"pipeline": dice.whole(2, 4)} if kind == "pipeline" or dice.often(0.3) else {}
    overhead = {"per_batch": dice.ticks(0, 3), "per_request": dice.ticks(0, 1), "overlapped": kind == "copying"}
    return said | {"instances": 1, "sharing": None, "parallel": stages, "overhead": overhead}


def spread(number: int, plain: bool = False) -> Blueprint:
    """The random scenario of a number with pools on shared devices, and with pipelines."""
    drawn, dice = random_scenario(number, plain), Dice(2 * 10**7 + number)
    given = {name: getattr(drawn, name) for name in Scenario.model_fields}
    in_turn = dice.often(0.2)
    return lower(Scenario.model_validate(given | {"pools": [_spread(dice, each, in_turn) for each in drawn.pools]}))


@pytest.mark.parametrize("plain", [False, True])
def test_engines_agree_on_shared_devices_and_pipelines(plain: bool) -> None:
    for number in range(100):
        blueprint = spread(number, plain)
        assert compiled.run(blueprint) == simpy.run(blueprint), f"spread({number}, {plain})"


def test_the_lane_has_neither() -> None:
    for number in range(100):
        blueprint = spread(number, plain=True)
        assert not (fits(blueprint) and any(each.stages or each.instances_interact for each in blueprint.pools))


def test_pausing_as_often_as_can_be_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    blueprints = [spread(number) for number in range(40)]
    before = [compiled.run(blueprint) for blueprint in blueprints]
    for name in ("FIRST_TOKENS", "FIRST_ROWS", "FIRST_BATCHES"):
        monkeypatch.setattr(build, name, 1)
    monkeypatch.setattr(supply, "MOST_DRAWS", 4)
    for number, (blueprint, ledger) in enumerate(zip(blueprints, before, strict=True)):
        assert compiled.run(blueprint) == ledger, f"spread({number})"


WORDS = {
    "work of its own server only": Edited("work_until_now", "v = server.beside", "v = NOTHING"),
    "ends of its own server only": Edited("set_next_ends", "v = server_at(m, v).beside", "v = NOTHING"),
    "the last to come in turn": Edited("next_in_turn", ".ends_ns < instance", ".ends_ns > instance"),
    "a stage that waits for nobody": Edited("enter_stages", "max(at_ns, free[place + part])", "at_ns"),
    "stages that are not equal": Edited("enter_stages", "work_ns * (part + 1) // parts", "work_ns"),
    "a copy that holds the device": Edited("enter_stages", "    if pool.copies_ahead:", "    if m.now_ns < 0:"),
    "a pipeline that is shut until an end": Edited("set_next_end", "if server.shut and", "if m.now_ns < 0 and"),
    "a pipeline that is shut is the freest": Edited("run_batches", "server.shut * SHUT", "0"),
}
"""Rules of the text."""


@pytest.mark.parametrize("broken", WORDS)
def test_a_broken_word_is_seen(broken: str) -> None:
    text = Broken(WORDS[broken])
    blueprints = (spread(number) for number in range(200))
    assert any(simpy.run(blueprint, text=text) != compiled.run(blueprint) for blueprint in blueprints)
    assert text.found
