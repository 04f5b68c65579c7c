"""From ledgers to an answer: warm-up deletion, sections, intervals, verdict."""

from capsim.stats.interval import Interval
from capsim.stats.result import Result
from capsim.stats.summary import summarise

__all__ = ["Interval", "Result", "summarise"]
