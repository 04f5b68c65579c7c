"""The model as a text book has it: objects on SimPy's calendar, written apart from the engines' text and kept as it is.

Engines are compared with it, row by row, on all that it knows.

Everything that happens at one instant happens in the order that `Order` writes down; when the instant is over,
one decision pass lets every queue that was touched form batches, and then turns away the newest request beyond
its capacity. Nothing depends on the order in which events were put on the calendar, but that batches of one
server that end together end in the order in which they began.
"""

from textbook.system import run

__all__ = ["run"]
