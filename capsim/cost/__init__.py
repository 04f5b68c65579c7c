"""What a configuration costs: the bill line by line, terms side by side, energy and carbon, and what it rests on."""

from capsim.cost.bill import Line
from capsim.cost.cost import Cost, cost
from capsim.cost.quantities import Quantity

__all__ = ["Cost", "Line", "Quantity", "cost"]
