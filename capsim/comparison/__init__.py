"""What changes from one scenario to another."""

from capsim.comparison.compare import Comparison, compare

__all__ = ["Comparison", "compare"]
