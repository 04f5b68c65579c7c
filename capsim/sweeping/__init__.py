"""One answer for every combination of settings."""

from capsim.sweeping.cells import Cell, cell_of, flat
from capsim.sweeping.effort import Effort, estimate
from capsim.sweeping.journal import Journal
from capsim.sweeping.sweep import sweep

__all__ = ["Cell", "Effort", "Journal", "cell_of", "estimate", "flat", "sweep"]
