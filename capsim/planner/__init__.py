"""How many servers does this load need? The cheapest setting of a grid that meets the objective."""

from capsim.planner.candidates import Candidate, candidates_of
from capsim.planner.circumstances import circumstances
from capsim.planner.headroom import Headroom
from capsim.planner.plan import Plan, plan
from capsim.planner.plans import Answer, Plans, plans

__all__ = ["Answer", "Candidate", "Headroom", "Plan", "Plans", "candidates_of", "circumstances", "plan", "plans"]
