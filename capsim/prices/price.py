"""What one server of a pool costs: an offer by name, dollars by the hour, or a server of one's own."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from capsim.errors import Fault, did_you_mean
from capsim.parameters import Number, choice, parameters
from capsim.prices.annuity import usd_per_year
from capsim.prices.catalogue import Catalogue, shipped_offers
from capsim.prices.grid import grid_of
from capsim.prices.offer import Offer
from capsim.prices.spend import HOURS_PER_MONTH, HOURS_PER_YEAR
from capsim.units import Life, Share

Usd = Annotated[Number, Field(ge=0, le=1e12)]
Watts = Annotated[Number, Field(ge=0, le=1e6)]


def _region(name: str) -> str:
    grid_of(name)
    return name


Region = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_region)]


class _OfferName:
    """Validates the name of an offer into the offer, from the catalogue and the price book beside the scenario."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(
            self.find, serialization=core_schema.plain_serializer_function_ser_schema(lambda offer: offer.name)
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "examples": ["aws/g5.xlarge/us-east-1/on-demand"]}

    @staticmethod
    def find(value: object, info: ValidationInfo) -> Offer:
        if isinstance(value, Offer):
            return value
        if not isinstance(value, str):
            raise ValueError(f"expected the name of an offer, such as aws/g5.xlarge/us-east-1/on-demand, got {value!r}")  # noqa: TRY004 - pydantic reports ValueError
        known: Catalogue = (info.context or {}).get("offers") or shipped_offers()
        return known.offer(value)


@parameters
class PowerPrice:
    """What is known of the power that a server draws."""

    watts_idle: Watts | None = None
    """Watts that a server draws while it waits; from the table of devices unless given."""
    watts_busy: Watts | None = None
    """Watts that it draws while it computes."""
    pue: Annotated[Number, Field(ge=1, le=10)] | None = None
    """Energy of the building over that of its servers (power usage effectiveness)."""
    region: Region | None = None
    """Where the power comes from: a cloud region or a country such as DEU; that of the offer unless given."""

    @property
    def has_watts(self) -> bool:
        """Whether the power of a server is given."""
        return self.watts_idle is not None and self.watts_busy is not None

    def kilowatts(self, utilisation: float) -> float:
        """What a server draws on average with the building's share (kW), between idle and busy by its utilisation."""
        idle, busy = self.watts_idle or 0.0, self.watts_busy or 0.0
        return (idle + (busy - idle) * utilisation) * (self.pue or 1.0) / 1000


@parameters
class HourlyPrice(PowerPrice):
    """A price that somebody typed."""

    usd_per_hour: Usd
    """US dollars per server and hour."""

    def usd_per_hour_at(self, utilisation: float) -> float:  # noqa: ARG002 - what is rented costs the same idle
        """US dollars per server and hour that is busy for this share of it."""
        return self.usd_per_hour


@parameters
class OfferPrice(PowerPrice):
    """A price of the catalogue, or of the price book beside the scenario."""

    offer: Annotated[Offer, _OfferName()]
    """Its name, as `capsim prices list` has it: provider/server/region/term."""
    discount: Share | None = None
    """What was negotiated off the list price; a price book may have it instead."""

    def __post_init__(self) -> None:
        """Refuse two discounts."""
        if self.discount is not None and self.offer.discount is not None:
            said = f"the price book {self.offer.book} has a discount on this offer already"
            raise PydanticCustomError("faults", "two discounts", {"faults": [Fault("discount", said)]})

    @property
    def usd_per_hour(self) -> float:
        """US dollars per server and hour, after the discount."""
        return self.offer.usd_per_hour * (1 - (self.discount or 0.0))

    def usd_per_hour_at(self, utilisation: float) -> float:  # noqa: ARG002 - what is rented costs the same idle
        """US dollars per server and hour that is busy for this share of it."""
        return self.usd_per_hour


@parameters
class OwnServer(PowerPrice):
    """A server that is bought."""

    purchase: Annotated[Number, Field(gt=0, le=1e9)]
    """US dollars for one server."""
    life: Life
    """How long it is used."""
    salvage: Usd | None = None
    """US dollars that it is sold for at the end of its life."""
    cost_of_capital: Share | None = None
    """What the money in it would have earned per year."""
    usd_per_kwh: Annotated[Number, Field(ge=0, le=100)] | None = None
    """US dollars per kWh."""
    rack: Usd | None = None
    """US dollars per server and month for its place: space, cooling, network port."""
    staff: Usd | None = None
    """US dollars per server and month for those who look after it."""
    support: Usd | None = None
    """US dollars per server and month for the maker's support."""

    def __post_init__(self) -> None:
        """Refuse what contradicts itself."""
        faults = []
        if (self.salvage or 0) > self.purchase:
            faults.append(Fault("salvage", f"must be at most the purchase of {self.purchase:g}, got {self.salvage:g}"))
        if None not in (self.watts_idle, self.watts_busy) and (self.watts_busy or 0) < (self.watts_idle or 0):
            faults.append(Fault("watts_busy", f"must be at least watts_idle, got {self.watts_busy:g}"))
        if (self.watts_idle is None) != (self.watts_busy is None):
            missing = "watts_idle" if self.watts_idle is None else "watts_busy"
            faults.append(Fault(missing, "is missing: energy goes by both"))
        if faults:
            raise PydanticCustomError("faults", "contradictory settings", {"faults": faults})

    @property
    def capital_usd_per_month(self) -> float:
        """What the purchase costs by the month of its life, with the cost of capital where it is given."""
        years = self.life / HOURS_PER_YEAR
        return usd_per_year(self.purchase, self.salvage or 0.0, years, self.cost_of_capital or 0.0) / 12

    def energy_usd_per_month(self, utilisation: float) -> float | None:
        """What its energy costs by the month; nothing where watts or the price of energy are not given."""
        if not self.has_watts or self.usd_per_kwh is None:
            return None
        return self.kilowatts(utilisation) * HOURS_PER_MONTH * self.usd_per_kwh

    def usd_per_month_at(self, utilisation: float) -> float:
        """US dollars per month for a server that is busy for this share of it."""
        care = (self.rack or 0.0) + (self.staff or 0.0) + (self.support or 0.0)
        return self.capital_usd_per_month + care + (self.energy_usd_per_month(utilisation) or 0.0)


@parameters
class OwnPrice:
    """What a server of one's own costs."""

    own: OwnServer
    """The purchase and what it takes to run it."""

    @property
    def usd_per_hour(self) -> float:
        """US dollars per server and hour that is busy throughout: at most so much."""
        return self.usd_per_hour_at(1.0)

    def usd_per_hour_at(self, utilisation: float) -> float:
        """US dollars per server and hour that is busy for this share of it."""
        return self.own.usd_per_month_at(utilisation) / HOURS_PER_MONTH


KINDS: dict[str, Any] = {"offer": OfferPrice, "usd_per_hour": HourlyPrice, "own": OwnPrice}
"""The field that tells a price's kind to its class."""


def _kind(value: Any) -> str | None:
    if isinstance(value, dict):
        return next((kind.__name__ for name, kind in KINDS.items() if name in value), None)
    return type(value).__name__


def _one(value: Any) -> Any:
    """Refuse what is no price or more than one."""
    if isinstance(value, tuple(KINDS.values())):
        return value
    if not isinstance(value, dict):
        shown = "nothing" if value is None else f"{value!r:.60}"
        raise ValueError(f"expected a mapping with one of offer, usd_per_hour, own, got {shown}")  # noqa: TRY004 - pydantic reports ValueError
    given = [name for name in KINDS if name in value]
    if len(given) > 1:
        raise ValueError(f"two prices for one pool: {' and '.join(given)}; give one of them")
    if not given:
        hint = next(filter(None, (did_you_mean(str(name), KINDS) for name in value)), "")
        raise ValueError(f"needs one of offer, usd_per_hour, own{hint}")
    return value


Price: Any = Annotated[choice({kind.__name__: kind for kind in KINDS.values()}, _kind), BeforeValidator(_one)]
"""Any of the three, told apart by the field that each of them needs."""
AnyPrice = OfferPrice | HourlyPrice | OwnPrice
