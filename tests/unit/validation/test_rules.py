from typing import Any

import pytest
from synthetic import measure, system

from capsim.scenario import Pool
from capsim.scenario.evidence import Calibration
from capsim.validation import calibrate, carry_over, rules
from capsim.validation.points import Effort

QUICK = Effort(requests=300, replications=3)
TOLD = Calibration(points=3, loads=[], measured="m.csv", version="0", fitted=[])
TWO: dict[str, Any] = {"instances": 2, "sharing": {"overlap": 0.3}}


def batching(policy: str) -> dict[str, Any]:
    return TWO | {"batching": {"policy": policy, "max_batch_size": 8, "preferred_batch_sizes": [4]}}


def test_a_scenario_is_tried_by_each_rule_of_its_server() -> None:
    scenario = system(batching("triton"))
    first, second = rules.alternatives(scenario)
    assert first is scenario
    assert second.pools[0].batching == system(batching("triton_frozen")).pools[0].batching
    assert rules.changed(first, second) == {"gpu": "triton_frozen"}
    assert rules.changed(first, first) == {}


def test_a_server_of_one_rule_has_no_other() -> None:
    scenario = system({"batching": {"policy": "torchserve", "batch_size": 8}})
    assert rules.alternatives(scenario) == [scenario]


def test_a_pool_off_the_route_keeps_its_rule() -> None:
    spare = {"name": "spare", "servers": 1, "service": {"distribution": "constant", "mean": "1 ms"}}
    visited = system(batching("triton"))
    unvisited = Pool.model_validate(spare | {"batching": {"policy": "triton", "max_batch_size": 2}})
    scenario = visited.model_copy(update={"pools": [*visited.pools, unvisited]})
    assert [pool.batching.policy for pool in rules.alternatives(scenario)[1].pools] == ["triton_frozen", "triton"]


@pytest.mark.parametrize(("true", "given"), [("triton_frozen", "triton"), ("triton", "triton_frozen")])
def test_calibration_takes_the_rule_that_the_points_fit(true: str, given: str) -> None:
    measured = measure(system(batching(true) | {"front_end": {"after": "0.1 ms"}}), (4, 16, 32))
    found = calibrate(system(batching(given)), measured, effort=QUICK)
    assert found.rules == {"gpu": true}
    assert found.scenario.pools[0].batching.policy == true


def test_calibration_keeps_the_rule_of_the_scenario_where_both_fit() -> None:
    # Alone, no request waits for an instance.
    for policy in ("triton", "triton_frozen"):
        measured = measure(system(batching("triton")), (1,))
        assert calibrate(system(batching(policy)), measured, effort=QUICK).rules == {}


def test_the_rule_of_most_others_is_carried_over() -> None:
    policies = ("triton_frozen", "triton", "triton_frozen")
    others = [
        (f"{i}", system(batching(policy)).model_copy(update={"calibration": TOLD})) for i, policy in enumerate(policies)
    ]
    assert carry_over(system(batching("triton")), others).rules == {"gpu": "triton_frozen"}
    assert carry_over(system(batching("triton")), others[:2]).rules == {}
    other_server = system({"batching": {"policy": "torchserve", "batch_size": 8}})
    assert carry_over(other_server, others).rules == {}
