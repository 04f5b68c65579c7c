"""How much carbon dioxide a kWh stands for, by country and by cloud region."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache

from capsim.errors import did_you_mean
from capsim.prices.catalogue import FOLDER


@dataclass(frozen=True)
class Grid:
    """The yearly average of an area.

    Attributes:
        area: a country by its three letters, or a region of Google Cloud.
        g_co2_per_kwh: grams of carbon dioxide equivalent per kWh.
        year: of the average.
        source: where it stands.
    """

    area: str
    g_co2_per_kwh: float
    year: int
    source: str


@cache
def grids() -> dict[str, Grid]:
    """The areas by name."""
    with (FOLDER / "grid.csv").open(encoding="utf-8", newline="") as stream:
        return {
            row["area"]: Grid(row["area"], float(row["gco2_per_kwh"]), int(row["year"]), row["source"])
            for row in csv.DictReader(stream)
        }


@cache
def _countries() -> dict[str, str]:
    with (FOLDER / "regions.csv").open(encoding="utf-8", newline="") as stream:
        return {row["region"]: row["country"] for row in csv.DictReader(stream)}


def grid_of(region: str) -> Grid:
    """The area of a cloud region, or of a country by its three letters.

    Raises:
        ValueError: it is neither.
    """
    area = _countries().get(region, region)
    if area not in grids():
        said = f"'{region[:64]}' is no country by its three letters and no known cloud region"
        raise ValueError(f"{said}{did_you_mean(region, [*_countries(), *grids()])}")
    return grids()[area]
