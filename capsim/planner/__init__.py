"""How many servers does this load need? The cheapest setting of a grid that meets the objective."""

from capsim.planner.candidates import Candidate, candidates_of
from capsim.planner.headroom import Headroom
from capsim.planner.plan import Plan, plan

__all__ = ["Candidate", "Headroom", "Plan", "candidates_of", "plan"]
