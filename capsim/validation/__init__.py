"""Predictions beside measurements: comparing them, and fitting what a profile lacks."""

from capsim.importer.loads.measured import LoadPoint
from capsim.validation.calibrate import Calibrated, calibrate, carry_over
from capsim.validation.compare import Comparison, compare

__all__ = ["Calibrated", "Comparison", "LoadPoint", "calibrate", "carry_over", "compare"]
