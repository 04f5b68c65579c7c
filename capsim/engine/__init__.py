"""Engines: each maps a `Blueprint` to a `Ledger`."""

from capsim.engine.blueprint import Blueprint, lower
from capsim.engine.ledger import Ledger, Outcome

__all__ = ["Blueprint", "Ledger", "Outcome", "lower"]
