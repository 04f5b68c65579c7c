"""Predictions beside measurements: reading them, comparing, and fitting what a profile lacks."""

from capsim.validation.calibrate import Calibrated, calibrate, carry_over
from capsim.validation.compare import Comparison, compare
from capsim.validation.measured import LoadPoint, read_measurements

__all__ = ["Calibrated", "Comparison", "LoadPoint", "calibrate", "carry_over", "compare", "read_measurements"]
