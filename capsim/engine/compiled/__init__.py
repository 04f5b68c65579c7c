"""The model of `capsim.engine.reference` in compiled code: the same ledgers, much faster.

It asks Python only for chunks of random draws, so that both engines use one implementation of every
transcendental function.
"""

from capsim.engine.compiled.limits import refusal
from capsim.engine.compiled.run import run, run_tally

__all__ = ["refusal", "run", "run_tally"]
