"""What servers cost: dated offers, price books, prices of a scenario, power and carbon."""

from capsim.prices.catalogue import Catalogue, shipped_offers
from capsim.prices.offer import Offer
from capsim.prices.price import AnyPrice, HourlyPrice, OfferPrice, OwnPrice, OwnServer, Price
from capsim.prices.spend import HOURS_PER_MONTH, HOURS_PER_YEAR, Spend, per_million, spend

__all__ = [
    "HOURS_PER_MONTH",
    "HOURS_PER_YEAR",
    "AnyPrice",
    "Catalogue",
    "HourlyPrice",
    "Offer",
    "OfferPrice",
    "OwnPrice",
    "OwnServer",
    "Price",
    "Spend",
    "per_million",
    "shipped_offers",
    "spend",
]
