"""The serving path as SimPy processes: classes, graphs, caches and clients, a file for each.

Written from the pages of semantics, not from the engines' text, by another hand; engines are compared with it row by
row, ties of one instant included.
"""

from capsim.engine import Blueprint
from textbook.path.record import Tables, first_difference
from textbook.path.system import System

__all__ = ["first_difference", "run"]


def run(blueprint: Blueprint) -> Tables:
    """One replication."""
    return System(blueprint).run()
