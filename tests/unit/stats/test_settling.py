"""Whether runs are long enough to forget that they began empty."""

from __future__ import annotations

from systems import pool, scenario

from capsim import simulate


def codes(load: float, horizon: str, warmup: str = "auto") -> set[str]:
    exponential = {"distribution": "exponential", "mean": "10 ms"}
    arrivals = {"process": "poisson", "rate": f"{100 * load} /s"}
    run = {"horizon": horizon, "warmup": warmup, "replications": 100}
    return {
        warning.code for warning in simulate(scenario(pool(service=exponential), arrivals=arrivals, run=run)).warnings
    }


def test_many_short_runs_are_all_coloured_by_their_start() -> None:
    # A queue at load 0.95 remembers for about 16 s.
    assert "unsettled" in codes(0.95, "80 s")


def test_longer_ones_are_not_and_whoever_chooses_the_warm_up_knows() -> None:
    assert not codes(0.9, "120 s")
    assert "unsettled" not in codes(0.95, "80 s", warmup="8 s")
