"""The numbers that a cost is made of, each with its unit and where it comes from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Origin = Literal["given", "simulated", "catalogue", "price book", "table", "fixed", "computed", "absent"]


@dataclass(frozen=True)
class Quantity:
    """A number that a cost is made of.

    Attributes:
        name: a word of letters, digits and _, the same in JSON and as the name of a cell.
        value: in the unit; nothing where it is absent.
        unit: of the value.
        origin: who says so.
        source: where it stands, or why it is absent.
        told: how it is written in a multiplication.
        expression: for what is computed, a spreadsheet's formula of the names of others.
    """

    name: str
    value: float | None
    unit: str
    origin: Origin
    source: str
    told: str = ""
    expression: str | None = None


class Quantities:
    """All numbers of a cost by name, in the order in which they were needed."""

    def __init__(self) -> None:
        """None yet."""
        self._all: dict[str, Quantity] = {}

    def __iter__(self) -> Iterator[Quantity]:
        """In their order."""
        return iter(self._all.values())

    def given(self, name: str, value: float, unit: str, source: str, told: str = "") -> Quantity:
        """What the scenario says."""
        return self._keep(Quantity(name, value, unit, "given", source, told))

    def known(self, name: str, value: float, unit: str, origin: Origin, source: str, told: str = "") -> Quantity:
        """What somebody else says."""
        return self._keep(Quantity(name, value, unit, origin, source, told))

    def computed(self, name: str, value: float, unit: str, expression: str, source: str, told: str = "") -> Quantity:
        """What follows from others."""
        return self._keep(Quantity(name, value, unit, "computed", source, told, expression))

    def absent(self, name: str, unit: str, why: str) -> None:
        """What nobody says, so that it is not counted."""
        self._keep(Quantity(name, None, unit, "absent", why))

    def _keep(self, quantity: Quantity) -> Quantity:
        return self._all.setdefault(quantity.name, quantity)


def word(text: str) -> str:
    """A name as a cell can have it: letters, digits and _, no digit in front."""
    plain = re.sub(r"\W", "_", text, flags=re.ASCII)
    return f"_{plain}" if plain[:1].isdigit() else plain


def usd(value: float) -> str:
    """An amount of US dollars as it stands in a multiplication, exact to six digits."""
    if abs(value) >= 1000:
        return f"${value:,.2f}".removesuffix(".00")
    return f"${value:.6g}" if value == 0 or abs(value) >= 1e-4 else f"${value:.3g}"


def number(value: float) -> str:
    """A number as it stands in a multiplication."""
    return f"{value:,.0f}" if abs(value) >= 1e5 else f"{value:.6g}"


def percent(share: float) -> str:
    """A share in percent with three digits."""
    return f"{share * 100:.3g} %"
