"""What a configuration costs: the bill line by line, terms side by side, energy and carbon, and what it rests on."""

from capsim.costing.bill import Line
from capsim.costing.cost import Cost, cost
from capsim.costing.quantities import Quantity

__all__ = ["Cost", "Line", "Quantity", "cost"]
