"""How much load servers bear, beside M/M/c."""

from __future__ import annotations

import math
from typing import Any

import pytest
from systems import pool, scenario

from capsim.costing.staircase import NEAR, staircase
from capsim.errors import InputError
from capsim.queueing import mmc_latency_quantile_s
from capsim.scenario import Scenario

SERVICE_S, TARGET_S = 0.01, 0.06


def waiting_room(**changes: Any) -> Scenario:
    """Exponential service of 10 ms, one queue for all servers, p99 below 60 ms."""
    service = {"distribution": "exponential", "mean": "10 ms"}
    settings: dict[str, Any] = {"objective": {"p99": "60 ms"}, **changes}
    made: Scenario = scenario(
        pool(service=service, servers=4, queue={"shared": True}),
        arrivals={"process": "poisson", "rate": "50 /s"},
        **settings,
    )
    return made


def known(servers: int) -> float:
    """The utilisation at which p99 is 60 ms."""
    low, high = 0.0, 1.0
    while high - low > 1e-4:
        middle = (low + high) / 2
        p99 = mmc_latency_quantile_s(middle * servers / SERVICE_S, SERVICE_S, servers, 0.99)
        low, high = (middle, high) if p99 is not None and p99 <= TARGET_S else (low, middle)
    return low


def test_knots_are_where_theory_has_them() -> None:
    stairs = staircase(waiting_room(), most=8)
    assert [knot.blocks for knot in stairs.knots] == [1, 2, 3, 4, 6, 8]
    assert (stairs.given, stairs.block, stairs.capacity_per_s) == (4, {"gpu": 1}, 100)
    for knot in stairs.knots:
        assert knot.utilisation == pytest.approx(known(knot.blocks), abs=0.04 + NEAR)
    assert known(1) == pytest.approx(1 - math.log(100) * SERVICE_S / TARGET_S, abs=1e-3)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"objective": None}, "how much load servers bear is a question of latency"),
        ({"objective": {"p99": "20 ms"}}, "is missed even with hardly any load"),
    ],
)
def test_what_has_no_staircase_is_told(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        staircase(waiting_room(**changes), most=2)


def test_a_closed_loop_has_no_staircase() -> None:
    closed = scenario(arrivals={"process": "closed_loop", "clients": 3}, objective={"p99": "1 s"})
    with pytest.raises(InputError, match="closed loop"):
        staircase(closed)
