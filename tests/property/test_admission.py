"""Law: engines and a textbook model turn the same requests away, and what is offered is let in or not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from random_scenarios import TICK_NS, TICKS_PER_S, Dice, random_scenario
from systems import Engine, constant, pool, scenario
from textbook import admission as textbook

from capsim.engine import Outcome, compiled, lower, simpy
from capsim.serving.admission import ADMISSION

HORIZON = 300
MODELS: dict[str, Callable[[Dice], tuple[dict[str, Any], textbook.Rule]]] = {
    "token_bucket": lambda dice: _token_bucket(dice.whole(1, 6), dice.whole(1, 5)),
    "concurrency": lambda dice: _concurrency(dice.whole(1, 8)),
    "deadline": lambda dice: _deadline(dice.whole(1, 20)),
    "codel": lambda dice: _codel(dice.whole(1, 5), dice.whole(2, 25)),
}


def _ticks(count: int) -> str:
    return f"{count * TICK_NS} ns"


def _token_bucket(every: int, burst: int) -> tuple[dict[str, Any], textbook.Rule]:
    return {"rate": f"{TICKS_PER_S / every} /s", "burst": burst}, textbook.TokenBucket(every * TICK_NS, burst)


def _concurrency(most: int) -> tuple[dict[str, Any], textbook.Rule]:
    return {"most": most}, textbook.Concurrency(most)


def _deadline(after: int) -> tuple[dict[str, Any], textbook.Rule]:
    return {"after": _ticks(after)}, textbook.Deadline(after * TICK_NS)


def _codel(target: int, interval: int) -> tuple[dict[str, Any], textbook.Rule]:
    target_interval = {"target": _ticks(target), "interval": _ticks(interval)}
    return target_interval, textbook.CoDel(target * TICK_NS, interval * TICK_NS)


def test_each_rule_has_a_textbook_model() -> None:
    assert set(MODELS) == set(ADMISSION)


@pytest.mark.parametrize("policy", MODELS)
def test_an_engine_turns_away_whom_the_textbook_does(policy: str, engine: Engine, tmp_path: Path) -> None:
    refused = 0
    for number in range(60):
        dice = Dice(number)
        settings, rule = MODELS[policy](dice)
        servers, most, each = dice.whole(1, 3), dice.whole(1, 4), dice.whole(1, 4)
        sent = np.sort(dice.chance.integers(0, HORIZON, size=dice.whole(1, 3 * HORIZON))) * TICK_NS
        (tmp_path / "trace.csv").write_text("timestamp_s\n" + "".join(f"{at / 1e9:.9f}\n" for at in sent))
        served = pool(
            servers=servers,
            service=constant(_ticks(each), per_item=_ticks(1)),
            batching={"policy": "dynamic", "max_batch_size": most},
            queue={"shared": True},
            admission={"policy": policy, **settings},
        )
        trace = {"process": "trace", "file": "trace.csv", "resolution": "0 s"}
        run = {"horizon": _ticks(HORIZON), "drain": "1 s", "warmup": "0 s"}
        ledger = engine(lower(scenario(served, arrivals=trace, run=run, folder=tmp_path)))
        ends = textbook.ends_of(sent.tolist(), servers, most, lambda n, each=each: (each + n) * TICK_NS, rule)  # type: ignore[misc]
        names = [Outcome(outcome).name for outcome in ledger.requests["outcome"]]
        assert list(zip(names, ledger.requests["finished_ns"].tolist(), strict=True)) == ends, f"{policy} {number}"
        refused += names.count("rejected")
    assert refused > 100


def test_engines_agree_where_pools_turn_requests_away() -> None:
    seen = set()
    for number in range(150):
        blueprint = lower(random_scenario(number, admission=True))
        ledger = simpy.run(blueprint)
        assert compiled.run(blueprint) == ledger, f"random_scenario({number}, admission=True)"
        pools = np.searchsorted([p.first_server for p in blueprint.pools], ledger.refusals["server"], side="right") - 1
        seen |= {blueprint.pools[p].admission for p in set(pools.tolist())}
    assert seen == set(ADMISSION)


def test_a_tally_counts_whom_rows_tell_of(engine: Engine) -> None:
    for number in range(40):
        blueprint = lower(random_scenario(number, admission=True))
        tally, refusals = compiled.run_tally(blueprint, 0), engine(blueprint).refusals
        firsts = [p.first_server for p in blueprint.pools]
        of_pool = np.bincount(np.searchsorted(firsts, refusals["server"], side="right") - 1, minlength=len(firsts))
        assert tally.pools[..., -1].sum(axis=1).tolist() == of_pool.tolist()


@pytest.mark.parametrize("number", range(10))
def test_a_token_bucket_bounds_what_comes_in_during_any_span(number: int, engine: Engine) -> None:
    every, burst = 1 + number % 4, 1 + number % 5
    bucket = {"policy": "token_bucket", "rate": f"{TICKS_PER_S / every} /s", "burst": burst}
    served = pool(servers=3, service=constant(_ticks(2)), admission=bucket)
    arrivals = {"process": "poisson", "rate": f"{2 * TICKS_PER_S / every} /s"}
    run = {"horizon": _ticks(1000), "warmup": "0 s", "seed": number}
    ledger = engine(lower(scenario(served, arrivals=arrivals, run=run)))
    let_in = np.delete(ledger.requests["arrived_ns"], ledger.refusals["request"])
    # The n-th after any of them comes n + 1 - burst gaps of the rate later, or later still (Cruz 1991, (sigma, rho)).
    for ahead in range(1, len(let_in)):
        assert np.all(let_in[ahead:] - let_in[:-ahead] >= (ahead + 1 - burst) * every * TICK_NS)
    assert len(let_in) > 0.6 * 1000 / every


def test_every_request_turned_away_is_rejected_once(engine: Engine) -> None:
    for number in range(40):
        ledger = engine(lower(random_scenario(number, admission=True)))
        turned_away = ledger.refusals["request"]
        assert len(set(turned_away.tolist())) == len(turned_away)
        known = ledger.requests["finished_ns"][turned_away] >= 0
        assert np.all(ledger.requests["outcome"][turned_away][known] == Outcome.rejected)
