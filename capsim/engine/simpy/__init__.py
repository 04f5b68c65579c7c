"""The model of record: the text of `engine.model`, bound as Python to SimPy's calendar."""

from capsim.engine.simpy.replication import run

__all__ = ["run"]
