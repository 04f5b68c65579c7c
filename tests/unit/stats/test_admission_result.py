from __future__ import annotations

import json
from typing import Any

import pytest
from systems import constant, pool, scenario

from capsim import simulate, simulation

POISSON = {"process": "poisson", "rate": "150 /s"}


def asked(**admission: Any) -> Any:
    ruled = pool("ruled", servers=2, service=constant("12 ms"), admission=admission)
    route = [{"pools": ["ruled"]}, {"pools": ["open"]}]
    run = {"horizon": "20 s", "warmup": "1 s", "replications": 2}
    return scenario(ruled, pool("open", service=constant("1 ms")), arrivals=POISSON, route=route, run=run)


@pytest.mark.parametrize(
    "rule",
    [
        {"policy": "token_bucket", "rate": "100 /s", "burst": 3},
        {"policy": "concurrency", "most": 4},
        {"policy": "codel", "target": "5 ms", "interval": "50 ms"},
        {"policy": "deadline", "after": "30 ms"},
    ],
    ids=lambda rule: rule["policy"],
)
def test_all_that_came_were_let_in_or_turned_away(rule: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    result = simulate(asked(**rule))
    (told,) = result.admission
    assert told.pool == "ruled"
    assert told.turned_away == result.requests["rejected"] > 0
    assert told.admitted == result.requests["offered"] - told.turned_away
    assert json.loads(result.to_json())["admission"] == [
        {"pool": "ruled", "admitted": told.admitted, "turned_away": told.turned_away}
    ]
    monkeypatch.setattr(simulation, "MOST_ROWS", 0)
    (tallied,) = simulate(asked(**rule)).admission
    assert tallied == told


def test_a_rule_that_sheds_the_overload_keeps_the_system_stable() -> None:
    flooded = simulate(scenario(pool(servers=1), arrivals=POISSON))
    assert flooded.verdict == "saturated"
    shed = pool(servers=1, admission={"policy": "concurrency", "most": 3})
    assert simulate(scenario(shed, arrivals=POISSON)).verdict == "stable"


def test_without_a_rule_nothing_is_told() -> None:
    assert simulate(scenario()).admission == []
