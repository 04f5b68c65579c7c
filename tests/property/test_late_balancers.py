"""Law: a balancer that sees loads late compares them as they were, to the instant; engines agree on all balancers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from random_scenarios import Dice, random_scenario
from systems import Engine, pool, scenario
from test_broken_rules import Broken, Edited

from capsim.engine import Blueprint, compiled, lower, simpy
from capsim.engine.compiled import build
from capsim.scenario import Scenario

LAG_NS = 7_000_000


def test_the_server_chosen_is_the_first_of_those_least_loaded_a_lag_ago(engine: Engine) -> None:
    """Loads are counted anew from the ledger for each request: who had come, less who had gone."""
    balancer = {"policy": "least_outstanding", "sees": {"lag": "7 ms"}}
    times = {"distribution": "exponential", "mean": "10 ms"}
    late = scenario(
        pool(servers=4, service=times),
        route=[{"pools": ["gpu"], "balancer": balancer}],
        arrivals={"process": "poisson", "rate": "300 /s"},
        run={"horizon": "2 s", "drain": "60 s"},
    )
    visits = engine(lower(late)).visits
    for at_ns, chosen in zip(visits["enqueued_ns"], visits["server"], strict=True):
        there = (visits["enqueued_ns"] <= at_ns - LAG_NS) & (visits["finished_ns"] > at_ns - LAG_NS)
        assert chosen == np.argmin(np.bincount(visits["server"][there], minlength=4))


def keyed(key: str) -> Blueprint:
    """Two classes whose requests ask for a dozen keys, on five servers."""
    route = [{"pools": ["gpu"], "balancer": {"policy": "consistent_hash", "key": key}}]
    plain = lower(scenario(pool(servers=5), route=route, arrivals={"process": "poisson", "rate": "200 /s"}))
    (only,) = plain.classes
    shares = np.cumsum(np.full(12, 1 / 12))
    return replace(plain, classes=tuple(replace(only, name=name, key_shares=shares) for name in ("first", "second")))


def test_all_requests_of_a_key_go_to_one_server_whatever_their_class(engine: Engine) -> None:
    blueprint = keyed("request")
    ledger = engine(blueprint)
    servers: dict[int, set[int]] = {}
    for number, each in enumerate(blueprint.classes):
        assert each.key_shares is not None
        requests = np.flatnonzero(ledger.requests["class"] == number)
        drawn = blueprint.class_stream("keys", number).uniforms(0, len(requests))
        keys = np.searchsorted(each.key_shares, drawn, side="right")
        server_of = dict(zip(ledger.visits["request"], ledger.visits["server"], strict=True))
        for request, key in zip(requests, keys, strict=True):
            servers.setdefault(int(key), set()).add(int(server_of[request]))
    assert len(servers) == 12
    assert all(len(of_key) == 1 for of_key in servers.values())
    assert len(set.union(*servers.values())) > 2


def test_all_requests_of_a_class_go_to_one_server(engine: Engine) -> None:
    ledger = engine(keyed("class"))
    of_visit = ledger.requests["class"][ledger.visits["request"]]
    chosen = [set(ledger.visits["server"][of_visit == number].tolist()) for number in (0, 1)]
    assert [len(servers) for servers in chosen] == [1, 1]


def _balancer(dice: Dice, pools: list[str]) -> dict[str, Any]:
    """Any of those that take settings, or one that sees late."""
    near = {str(name): dice.ticks(0, 2) for name in pools}
    balancers: list[dict[str, Any]] = [
        {"policy": "consistent_hash", "key": dice.one("request", "class")},
        {"policy": "fallback", "most": {str(pools[0]): dice.whole(1, 4)}},
        {"policy": "nearest", "latency": near, "most": dice.whole(1, 4)},
        {"policy": "power_of_two"},
        {"policy": "least_outstanding"},
    ]
    chosen = dice.one(*balancers)
    late = dice.often(0.6) or chosen["policy"] in {"power_of_two", "least_outstanding"}
    return {**chosen, **({"sees": {"lag": dice.ticks(1, 12)}} if late else {})}


def balanced(number: int, plain: bool = False) -> Blueprint:
    """The random scenario of a number with other balancers."""
    drawn, dice = random_scenario(number, plain), Dice(10**7 + number)
    given = {name: getattr(drawn, name) for name in Scenario.model_fields}
    route = [{"pools": step.pools, "balancer": _balancer(dice, step.pools)} for step in drawn.steps]
    return lower(Scenario.model_validate(given | {"route": route}))


@pytest.mark.parametrize("plain", [False, True])
def test_engines_agree_on_balancers_with_settings_and_late_ones(plain: bool) -> None:
    for number in range(60):
        blueprint = balanced(number, plain)
        assert compiled.run(blueprint) == simpy.run(blueprint), f"balanced({number}, {plain})"


def test_pausing_as_often_as_can_be_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    blueprints = [balanced(number) for number in range(40)]
    before = [compiled.run(blueprint) for blueprint in blueprints]
    for name in ("FIRST_TOKENS", "FIRST_ROWS", "FIRST_BATCHES"):
        monkeypatch.setattr(build, name, 1)
    for number, (blueprint, ledger) in enumerate(zip(blueprints, before, strict=True)):
        assert compiled.run(blueprint) == ledger, f"balanced({number})"


def test_what_all_balancers_have_seen_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often, it changes nothing."""
    blueprints = [balanced(number) for number in range(40)]
    before = [simpy.run(blueprint) for blueprint in blueprints]
    monkeypatch.setattr("capsim.engine.simpy.words.CHANGES_KEPT", 2)
    assert [simpy.run(blueprint) for blueprint in blueprints] == before


WORDS = {
    "a nanosecond later": Edited("look_back", "at_ns <= until_ns", "at_ns < until_ns"),
    "at once": Edited("look_back", "m.now_ns - node_at(m, n).lag_ns", "m.now_ns"),
    "only who comes": Edited("look_back", "seen[change.station] += change.load", "seen[change.station] += 1"),
    "all classes alike": Edited("balancing_index", "return token_at(m, t).of_class", "return token_at(m, t).root"),
}
"""Rules of the text."""


@pytest.mark.parametrize("broken", WORDS)
def test_a_broken_word_is_seen(broken: str) -> None:
    text = Broken(WORDS[broken])
    blueprints = (balanced(number) for number in range(200))
    assert any(simpy.run(blueprint, text=text) != compiled.run(blueprint) for blueprint in blueprints)
    assert text.found
