"""What the servers draw, and how much carbon dioxide that stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from capsim.costing.quantities import Origin, Quantities, Quantity, percent, word
from capsim.prices import HOURS_PER_MONTH, AnyPrice, OfferPrice, OwnPrice
from capsim.prices.grid import Grid, grid_of
from capsim.prices.power import Watts, watts_of
from capsim.prices.price import PowerPrice
from capsim.scenario import Pool, Scenario
from capsim.scenario.devices import unpriced_pools
from capsim.stats import Result


@dataclass(frozen=True)
class Energy:
    """The energy of the servers.

    Attributes:
        kwh_per_month: of the pools whose power is known; nothing where none is.
        kwh_per_million_requests: the same by million completed requests.
        pools: pool to its kWh per month.
        unknown: pool to why its power is not known.
    """

    kwh_per_month: float | None
    kwh_per_million_requests: float | None
    pools: Mapping[str, float]
    unknown: Mapping[str, str]


@dataclass(frozen=True)
class Carbon:
    """The carbon dioxide equivalent of the energy, by the yearly average of the grid.

    Attributes:
        kg_per_month: of the pools whose power and place are known; nothing where none is.
        g_per_million_requests: the same by million completed requests.
        pools: pool to its kg per month.
        unknown: pool to why it is not known.
    """

    kg_per_month: float | None
    g_per_million_requests: float | None
    pools: Mapping[str, float]
    unknown: Mapping[str, str]


def energy_and_carbon(scenario: Scenario, result: Result, book: Quantities) -> tuple[Energy, Carbon]:
    """The energy of a month, and the carbon that it stands for."""
    utilisations = {pool.name: pool.utilisation for pool in result.pools}
    kwh: dict[str, float] = {}
    kg: dict[str, float] = {}
    unpowered: dict[str, str] = {}
    unplaced: dict[str, str] = {}
    for pool in scenario.pools:
        if pool.price is None and pool not in unpriced_pools(scenario):
            continue
        kilowatts = _kilowatts(pool, utilisations[pool.name], book)
        if isinstance(kilowatts, str):
            unpowered[pool.name] = unplaced[pool.name] = kilowatts
            continue
        kwh[pool.name] = pool.servers * (kilowatts.value or 0.0) * HOURS_PER_MONTH
        grid = _grid(pool)
        if isinstance(grid, str):
            unplaced[pool.name] = grid
            continue
        source = f"average of {grid.year} in {grid.area}, {grid.source}"
        book.known(f"{word(pool.name)}_g_co2_per_kwh", grid.g_co2_per_kwh, "g/kWh", "table", source)
        kg[pool.name] = kwh[pool.name] * grid.g_co2_per_kwh / 1000
    millions = (result.throughput_per_s.value or 0.0) * 3600 * HOURS_PER_MONTH / 1e6
    total_kwh, total_kg = _total(kwh), _total(kg)
    return (
        Energy(total_kwh, _each(total_kwh, millions), kwh, unpowered),
        Carbon(total_kg, _each(total_kg, millions / 1000), kg, unplaced),
    )


def _total(parts: Mapping[str, float]) -> float | None:
    return sum(parts.values()) if parts else None


def _each(total: float | None, count: float) -> float | None:
    return None if total is None or not count else total / count


def power_of(price: AnyPrice) -> PowerPrice:
    """Where a price has its power."""
    return price.own if isinstance(price, OwnPrice) else price


def _kilowatts(pool: Pool, utilisation: float, book: Quantities) -> Quantity | str:
    """What a server draws on average (kW), or why that is not known."""
    if pool.price is None:
        return "no price says what its servers are"
    name, power = word(pool.name), power_of(pool.price)
    at = f"pools.{pool.name}.price{'.own' if isinstance(pool.price, OwnPrice) else ''}"
    if power.has_watts:
        watts: Watts | str = Watts(power.watts_idle or 0.0, power.watts_busy or 0.0, f"{at}.watts_idle, watts_busy")
    elif isinstance(pool.price, OfferPrice):
        watts = watts_of(pool.price.offer)
    else:
        watts = f"{at}.watts_idle and watts_busy are not given"
    if isinstance(watts, str):
        return watts
    origin: Origin = "given" if power.has_watts else "table"
    book.known(f"{name}_watts_idle", watts.idle, "W", origin, watts.source)
    book.known(f"{name}_watts_busy", watts.busy, "W", origin, watts.source)
    book.known(
        f"{name}_utilisation",
        utilisation,
        "share",
        "simulated",
        "share of time that its instances were busy",
        f"{percent(utilisation)} busy",
    )
    if power.pue is None:
        book.absent(f"{name}_pue", "ratio", f"{at}.pue is not given, so the building's own energy is not counted")
    else:
        book.given(f"{name}_pue", power.pue, "ratio", f"{at}.pue")
    value = (watts.idle + (watts.busy - watts.idle) * utilisation) * (power.pue or 1.0) / 1000
    expression = f"({name}_watts_idle+({name}_watts_busy-{name}_watts_idle)*{name}_utilisation)"
    expression += f"*{name}_pue/1000" if power.pue is not None else "/1000"
    return book.computed(
        f"{name}_kilowatts", value, "kW", expression, "between idle and busy by use", f"{value:.4g} kW"
    )


def _grid(pool: Pool) -> Grid | str:
    """The grid that a pool draws from, or why that is not known."""
    assert pool.price is not None, "asked before"  # noqa: S101 - narrows the type
    region = power_of(pool.price).region or (pool.price.offer.region if isinstance(pool.price, OfferPrice) else None)
    if not region:
        return "no region is given, so the carbon of its energy is not known"
    try:
        return grid_of(region)
    except ValueError as error:
        return str(error)
