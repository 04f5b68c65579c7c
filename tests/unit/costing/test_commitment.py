"""The cheapest mix of terms beside brute force, and demand that is read hour by hour."""

from __future__ import annotations

import io
import itertools
from pathlib import Path

import numpy as np
import pytest
from costed import G5, answered, half_used
from rich.console import Console

from capsim.costing.commitment import Rate, mix
from capsim.costing.demand import demand, hourly
from capsim.costing.rates import rates_of
from capsim.costing.series import HOURS, MONTHS, read_series
from capsim.costing.staircase import Knot, Staircase
from capsim.errors import InputError
from capsim.prices import shipped_offers
from capsim.report.demand import demand_text


@pytest.mark.parametrize("seed", range(20))
def test_the_mix_is_the_cheapest_of_all(seed: int) -> None:
    chance = np.random.default_rng(seed)
    needed = chance.integers(1, 8, 50)
    rates = {"on-demand": Rate(1.0), "1 year": Rate(chance.uniform(0.3, 1)), "3 years": Rate(chance.uniform(0.2, 1))}
    told = mix(needed, needed // 2 + 1, rates)
    costs = [
        a * rates["1 year"].usd_per_hour + b * rates["3 years"].usd_per_hour + np.maximum(needed - a - b, 0).mean()
        for a, b in itertools.product(range(9), range(9))
    ]
    assert told.usd_per_year == pytest.approx(min(costs) * 8760)
    assert told.regret_usd_per_year >= -1e-9


def test_a_mix_worked_by_hand() -> None:
    # One server always, a second half of the time, a third in one hour of four.
    needed = np.array([1, 1, 2, 3])
    told = mix(needed, np.array([1, 1, 1, 2]), {"on-demand": Rate(2.0), "3 years": Rate(0.9, upfront_usd=100)})
    assert [(layer.term, layer.blocks) for layer in told.layers] == [("3 years", 2), ("on-demand", 1)]
    assert told.usd_per_year == pytest.approx((2 * 0.9 + 0.25 * 2) * 8760)
    assert (told.coverage, told.utilisation) == (6 / 7, 6 / 8)
    assert told.upfront_usd == 200
    # Half the load: the second server is needed in a quarter of the hours, and costs 0.9 instead of 0.5.
    assert told.regret_usd_per_year == pytest.approx(0.4 * 8760)


STAIRS = Staircase({"gpu": 1}, 2, 10.0, [Knot(1, 0.5, 5.0, 7), Knot(4, 0.75, 30.0, 7)])


def test_the_staircase_is_interpolated_in_the_logarithm_of_the_servers() -> None:
    assert STAIRS.bears_per_s([1, 2, 4, 8]) == pytest.approx([5, 2 * 0.625 * 10, 30, 60])
    assert STAIRS.blocks_for([0, 5, 5.1, 30, 31, 75]).tolist() == [1, 1, 2, 4, 5, 10]
    assert STAIRS.blocks_for([[75.1, 1e30]]).tolist() == [[11, 10**15]]


def test_demand_costs_what_its_hours_need() -> None:
    given = half_used({"offer": G5})
    told = demand(given, answered(given), STAIRS, "hand", np.array([4.0, 12.0, 30.0, 30.0]), shipped_offers())
    assert (told.most_servers, told.mean_servers, told.peak_per_s) == (4, 2.75, 30)
    assert told.mix.on_demand_usd_per_year == pytest.approx(2.75 * 1.006 * 8760)
    assert told.mix.layers[0].term == "3 years"
    console = Console(width=120, file=io.StringIO())
    console.print(demand_text(told))
    said = console.file.getvalue()  # type: ignore[attr-defined]
    assert "2.75 needed on average, 4 in the busiest hour" in said
    assert "cash at the start" in said


def test_a_price_by_the_hour_is_needed_above_the_commitment() -> None:
    given = half_used({"own": {"purchase": 1000, "life": "2 y"}})
    with pytest.raises(InputError, match="needs a price by the hour"):
        rates_of(given, answered(given), {"gpu": 1}, shipped_offers())


def test_a_curve_of_the_scenario_is_a_week_of_hours() -> None:
    given = half_used({"usd_per_hour": 1})
    with pytest.raises(InputError, match="does not vary"):
        hourly(given, None)
    arrivals = {"process": "poisson", "rate": {"daily": {"mean": "10 /s", "peak": "15 /s", "peak_at": "12 h"}}}
    from systems import scenario

    _, per_s = hourly(scenario(arrivals=arrivals), None)
    assert len(per_s) == 168
    assert per_s.mean() == pytest.approx(10)
    assert per_s.max() == pytest.approx(15, rel=0.01)
    assert int(per_s[:24].argmax()) in {11, 12}


HOURLY = "\n".join(["hour,requests_per_s", *(f"2026-11-{1 + i // 24:02}T{i % 24:02}:00,{i}" for i in range(30)), ""])


def test_hours_are_read_as_means_or_as_counts(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HOURLY)
    assert read_series(tmp_path / "a.csv", HOURS, 24).per_s.tolist() == list(range(30))
    (tmp_path / "b.csv").write_text("month,requests\n2026-12,2628000\n2027-01,5256000\n")
    assert read_series(tmp_path / "b.csv", MONTHS, 2).per_s.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hour,requests_per_s\n0,1\n", "is too short: 1 hours, and at least 24 are needed"),
        (HOURLY.replace("01T05:00", "01T04:00"), "line   7  hour  comes twice"),
        (HOURLY.replace("01T05:00", "01T02:00"), "runs backwards: 2026-11-01T02:00 after 2026-11-01T04:00"),
        (HOURLY.replace("2026-11-01T05:00,5\n", ""), "has a gap: 2026-11-01T06:00 after 2026-11-01T04:00, 1 missing"),
        (HOURLY.replace("T05:00,5", "T05:00,many"), "line   7  requests_per_s  expected a number, got 'many'"),
        (HOURLY.replace("T05:00,5", "T05:00,-5"), "must be at least 0"),
        (HOURLY.replace("T05:00", "T05:30"), "expected hours such as"),
        (
            HOURLY.replace("requests_per_s", "request_per_s"),
            "is missing: requests_per_s, or requests of each hour; did",
        ),
        (HOURLY.replace("hour,", "time,"), "hour  is missing"),
    ],
)
def test_a_wrong_table_of_hours_is_told(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "hours.csv").write_text(text)
    with pytest.raises(InputError) as error:
        read_series(tmp_path / "hours.csv", HOURS, 24)
    assert said in str(error.value)
