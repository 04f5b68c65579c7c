"""The model of record, on SimPy's calendar.

Everything that happens at one instant happens in the order that `Order` writes down; when the instant is over,
one decision pass lets every queue that was touched form batches, and then turns away the newest request beyond
its capacity. Nothing depends on the order in which events were put on the calendar, but that batches of one
server that end together end in the order in which they began.
"""

from capsim.engine.reference.system import run

__all__ = ["run"]
