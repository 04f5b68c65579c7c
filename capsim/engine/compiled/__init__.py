"""The text of `engine.model` in machine code, and a lane of its own for the commonest systems.

It asks Python only for chunks of random draws, so that all engines use one implementation of every transcendental
function.
"""

from capsim.engine.compiled.limits import refusal
from capsim.engine.compiled.replication import run, run_tally

__all__ = ["refusal", "run", "run_tally"]
