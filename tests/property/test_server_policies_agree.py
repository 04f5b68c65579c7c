"""Law: all engines form the same batches by the rule of every server."""

from __future__ import annotations

from typing import Any

import pytest
import textbook
from server_policies import LOADS, POLICIES, served

from capsim.engine import compiled, simpy


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("arrivals", LOADS, ids=["open", "closed"])
@pytest.mark.parametrize("instances", [1, 2])
@pytest.mark.parametrize("sharing", [{"overlap": 0.4}, {"turns": True}], ids=["overlap", "turns"])
def test_engines_agree(policy: str, arrivals: dict[str, Any], instances: int, sharing: dict[str, Any]) -> None:
    agree(policy, arrivals, {"instances": instances, "sharing": sharing})


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("arrivals", LOADS, ids=["open", "closed"])
def test_engines_agree_where_a_shared_queue_turns_requests_away(policy: str, arrivals: dict[str, Any]) -> None:
    queue = {"shared": True, "capacity": 14, "timeout": "12 ms"}
    agree(policy, arrivals, {"instances": 2, "sharing": {"overlap": 0.4}, "queue": queue})


def agree(policy: str, arrivals: dict[str, Any], pool: dict[str, Any]) -> None:
    blueprint = served(policy, arrivals, pool)
    by_textbook = textbook.run(blueprint)
    assert simpy.run(blueprint) == by_textbook
    assert compiled.run(blueprint) == by_textbook
