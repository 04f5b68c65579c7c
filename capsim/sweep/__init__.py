"""One answer for every combination of settings."""

from capsim.sweep.cells import Cell, cell_of, flat
from capsim.sweep.effort import Effort, estimate
from capsim.sweep.journal import Journal
from capsim.sweep.sweep import sweep

__all__ = ["Cell", "Effort", "Journal", "cell_of", "estimate", "flat", "sweep"]
