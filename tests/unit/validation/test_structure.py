from typing import Any

import pytest
from synthetic import measure, system

from capsim.scenario import Pool
from capsim.scenario.evidence import Calibration
from capsim.validation import calibrate, carry_over, structure
from capsim.validation.points import Effort

QUICK = Effort(requests=300, replications=1)
TOLD = Calibration(points=3, loads=[], measured="m.csv", version="0", fitted=[])
TWO: dict[str, Any] = {"instances": 2, "sharing": {"overlap": 0.3}}


def batching(policy: str) -> dict[str, Any]:
    return TWO | {"batching": {"policy": policy, "max_batch_size": 8, "preferred_batch_sizes": [4]}}


def test_a_scenario_is_tried_by_each_rule_of_its_server() -> None:
    scenario = system(batching("triton"))
    (other,) = structure.other_rules(scenario)
    assert other.pools[0].batching == system(batching("triton_frozen")).pools[0].batching
    assert structure.changed(scenario, other) == {"pools.gpu.batching.policy": "triton_frozen"}
    assert structure.changed(scenario, scenario) == {}


def test_a_server_of_one_rule_has_no_other() -> None:
    assert structure.other_rules(system({"batching": {"policy": "torchserve", "batch_size": 8}})) == []


def test_instances_are_tried_side_by_side_and_in_turns() -> None:
    scenario = system(batching("triton"))
    (turns,) = structure.other_turns(scenario)
    assert turns.pools[0].abreast == 1
    assert structure.changed(scenario, turns) == {"pools.gpu.sharing.turns": "true"}
    (back,) = structure.other_turns(turns)
    assert structure.changed(scenario, back) == {}
    assert back.pools[0].sharing == scenario.pools[0].sharing
    assert structure.other_turns(system()) == []


def test_a_pool_off_the_route_keeps_its_structure() -> None:
    spare = {"name": "spare", "servers": 1, "service": {"distribution": "constant", "mean": "1 ms"}}
    visited = system(batching("triton"))
    unvisited = Pool.model_validate(spare | TWO | {"batching": {"policy": "triton", "max_batch_size": 2}})
    scenario = visited.model_copy(update={"pools": [*visited.pools, unvisited]})
    assert list(structure.changed(scenario, structure.other_rules(scenario)[0])) == ["pools.gpu.batching.policy"]
    assert list(structure.changed(scenario, structure.other_turns(scenario)[0])) == ["pools.gpu.sharing.turns"]


@pytest.mark.parametrize(
    ("policy", "turns"),
    [
        pytest.param("triton", False, marks=pytest.mark.slow),
        ("triton_frozen", False),
        pytest.param("triton_frozen", True, marks=pytest.mark.slow),
    ],
)
def test_calibration_takes_the_structure_that_the_points_fit(policy: str, turns: bool) -> None:
    sharing = {"turns": True} if turns else TWO["sharing"]
    truth = system(batching(policy) | {"sharing": sharing, "front_end": {"after": "0.1 ms"}})
    other = "triton" if policy == "triton_frozen" else "triton_frozen"
    found = calibrate(system(batching(other)), measure(truth, (4, 16, 32)), effort=QUICK).scenario.pools[0]
    assert (found.batching.policy, found.abreast == 1) == (policy, turns)


def test_calibration_keeps_the_structure_of_the_scenario_where_others_fit_as_well() -> None:
    # Alone, no request waits for an instance.
    measured = measure(system(batching("triton")), (1,))
    assert calibrate(system(batching("triton_frozen")), measured, effort=QUICK).changed == {}


def test_the_structure_of_most_others_is_carried_over() -> None:
    kinds: tuple[dict[str, Any], ...] = (
        {"sharing": {"turns": True}},
        {"batching": {"policy": "triton", "max_batch_size": 8}},
        {},
    )
    others = [
        (f"{i}", system(batching("triton_frozen") | kind).model_copy(update={"calibration": TOLD}))
        for i, kind in enumerate(kinds)
    ]
    mine = system(batching("triton"))
    assert carry_over(mine, others).changed == {"pools.gpu.batching.policy": "triton_frozen"}
    assert carry_over(mine, others[:1]).changed == {
        "pools.gpu.batching.policy": "triton_frozen",
        "pools.gpu.sharing.turns": "true",
    }
    assert carry_over(mine, others[1:]).changed == {}
    other_server = system({"batching": {"policy": "torchserve", "batch_size": 8}})
    assert carry_over(other_server, others).changed == {}
