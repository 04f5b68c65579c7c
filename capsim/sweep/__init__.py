"""One answer for every combination of settings."""

from capsim.sweep.cells import Cell, cell_of, flat
from capsim.sweep.journal import Journal
from capsim.sweep.sweep import Effort, estimate, sweep

__all__ = ["Cell", "Effort", "Journal", "cell_of", "estimate", "flat", "sweep"]
