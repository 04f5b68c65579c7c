"""Faults and zones that contradict themselves, and doubtful ones."""

from __future__ import annotations

from typing import Any

import pytest
from systems import pool, scenario

from capsim.errors import InputError
from capsim.scenario.checks import check

ZONE = {"zone": "eest", "from": "1 s", "to": "2 s"}


@pytest.mark.parametrize(
    ("settings", "sections", "path", "said"),
    [
        ({"faults": {"mtbf": "1 h"}}, {}, "pools[0].faults", "needs both mtbf and mttr"),
        ({"faults": {}}, {}, "pools[0].faults", "needs mtbf and mttr, or outages"),
        ({"faults": {"at": [{"from": "2 s", "to": "2 s"}]}}, {}, "pools[0].faults.at[0]", "to must be after from"),
        (
            {"faults": {"at": [{"from": "1 s", "to": "2 s", "server": 1}]}},
            {},
            "pools[0].faults.at[0].server",
            "is 1, but pool gpu has servers 0 to 0",
        ),
        ({"zone": "east"}, {"zones": {"at": [ZONE]}}, "zones.at[0].zone", "did you mean east?"),
        ({"zone": "a", "zones": ["b"]}, {}, "pools[0].zones", "is given beside zone"),
        ({}, {"zones": {"faults": {"mtbf": "1 h", "mttr": "1 s"}}}, "zones.faults", "need pools with a zone"),
    ],
)
def test_contradictions_are_told(settings: dict[str, Any], sections: dict[str, Any], path: str, said: str) -> None:
    with pytest.raises(InputError) as told:
        scenario(pool(**settings), **sections)
    assert [(fault.path, said in fault.message) for fault in told.value.faults] == [(path, True)]


@pytest.mark.parametrize(
    ("faults", "code"),
    [
        ({"mtbf": "30 d", "mttr": "1 h"}, "few_faults"),
        ({"at": [{"from": "1 h", "to": "2 h"}]}, "outage_unseen"),
    ],
)
def test_faults_that_are_hardly_seen_are_doubtful(faults: dict[str, Any], code: str) -> None:
    assert code in {warning.code for warning in check(scenario(pool(faults=faults)))}


def test_enough_faults_are_not() -> None:
    faults = {"mtbf": "1 s", "mttr": "100 ms"}
    assert not [w for w in check(scenario(pool(faults=faults), run={"horizon": "60 s"})) if "fault" in w.code]
