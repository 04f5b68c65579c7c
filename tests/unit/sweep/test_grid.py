from __future__ import annotations

import pytest
from systems import document, dynamic, pool

from capsim.documents import Document
from capsim.errors import InputError
from capsim.scenario.grid import Grid, grid_of
from capsim.scenario.overrides import override


def grid(*vary: str) -> Grid:
    return grid_of(Document("s.yaml", document(pool(batching=dynamic(4)))), vary)


def faults(*vary: str) -> str:
    with pytest.raises(InputError) as caught:
        grid(*vary)
    return str(caught.value)


def test_the_last_variable_changes_fastest() -> None:
    found = grid("pools.gpu.servers=1:3", "pools[0].batching.max_batch_size=2,8")
    assert len(found) == 6
    assert [tuple(found.settings(i).values()) for i in range(6)] == [(1, 2), (1, 8), (2, 2), (2, 8), (3, 2), (3, 8)]
    assert [s.pools[0].servers for s in found.scenarios()] == [1, 1, 2, 2, 3, 3]
    assert found.scenario(5).pools[0].batching.max_batch_size == 8


def test_the_scenario_itself_stays() -> None:
    found = grid("pools.gpu.servers=7,8")
    assert found.base.pools[0].servers == 1
    assert found.scenario(0) == found.scenario(0)


def test_a_path_that_does_not_exist() -> None:
    assert "unknown field; did you mean servers? (set by --vary pools.gpu.servrs=1)" in faults("pools.gpu.servrs=1:3")
    assert "there is none named 'cpu'" in faults("pools.cpu.servers=1:3")
    assert "unknown field; did you mean pools?" in faults("pool.servers=1:3")


def test_everything_wrong_is_said_at_once() -> None:
    said = faults("pools.gpu.servers=3:1", "pools.gpu.instances", "pools.gpu.servers=1:2", "pools.gpu.servers=2")
    assert "--vary has 3 problems" in said
    assert "ends below its start" in said
    assert "expected PATH=VALUES" in said
    assert "is set twice, here and by --vary pools.gpu.servers" in said


@pytest.mark.parametrize("path", ["pools.gpu.servers", "pools[0].servers"])
def test_what_is_set_is_not_varied_too(path: str) -> None:
    read = override(Document("s.yaml", document(pool())), ["pools.gpu.servers=3"])
    with pytest.raises(InputError, match=r"is set twice, here and by --set pools\.gpu\.servers=3"):
        grid_of(read, [f"{path}=1:3"])
    with pytest.raises(InputError, match="one holds the other"):
        grid_of(read, ["pools={name: x},{name: y}"])


def test_nothing_to_vary() -> None:
    assert "is needed" in faults()


def test_a_value_that_is_not_valid_names_its_setting() -> None:
    assert "must be at least 1, got 0 (set by --vary pools.gpu.servers=0)" in faults("pools.gpu.servers=0:2")


def test_combinations_that_contradict_each_other() -> None:
    said = faults("workload.items_per_request=1,8", "pools.gpu.batching.max_batch_size=4,8")
    assert "a request of 8 items does not fit into a batch of 4" in said
    assert "(with workload.items_per_request=8, pools.gpu.batching.max_batch_size=4)" in said


def test_a_huge_grid_is_neither_built_nor_checked_whole() -> None:
    found = grid("pools.gpu.servers=1:100000", "run.seed=0:99999", "pools.gpu.instances=1:1000")
    assert len(found) == 10**13
    assert found.settings(10**13 - 1) == {"pools.gpu.servers": 100_000, "run.seed": 99_999, "pools.gpu.instances": 1000}


def test_the_same_fault_of_many_values_is_told_once() -> None:
    said = faults("workload.arrivals.rate=10:100", "pools.gpu.servers=1:3")
    assert "--vary has 1 problem" in said
    assert "got 10 (with workload.arrivals.rate=10, pools.gpu.servers=1); a range carries its unit" in said
