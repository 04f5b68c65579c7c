"""The serving path as SimPy processes: classes, graphs, caches and clients, a file for each.

Written from the pages of semantics, not from the engines' text, by another hand; engines are compared with it row by
row, ties of one instant included.
"""

from capsim.engine import Blueprint, Ledger
from textbook.path import record
from textbook.path.system import System

__all__ = ["first_difference"]


def first_difference(blueprint: Blueprint, ledger: Ledger) -> str | None:
    """Where an engine's rows of a replication are not those of the text book; nothing if they are the same."""
    down_ns = max(plan.down_ns for plan in blueprint.classes)
    return record.first_difference(System(blueprint).run(), ledger, down_ns)
