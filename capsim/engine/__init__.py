"""Engines: each maps a `Blueprint` to a `Ledger`."""

from capsim.engine.blueprint import Blueprint
from capsim.engine.ledger import Ledger, Outcome
from capsim.engine.lowering import lower

__all__ = ["Blueprint", "Ledger", "Outcome", "lower"]
