"""Copies of a token along the branches of a split, and the one that goes on."""

from __future__ import annotations

from dataclasses import replace

import simpy

from capsim.engine.blueprint import SplitPlan
from textbook.path.clock import Process
from textbook.path.nodes import ON, Path
from textbook.path.record import Token


class Gathering:
    """Branches that are under way, and those that came."""

    def __init__(self, path: Path, token: Token, plan: SplitPlan) -> None:
        self.path, self.plan, self.came, self.over = path, plan, 0, path.clock.event()
        self.under_way = [
            replace(token, branch=plan.first_branch + place, leaves=[]) for place in range(len(plan.starts))
        ]
        for copy, start in zip(self.under_way, plan.starts, strict=True):
            copy.walk = path.clock.process(self.branch(copy, start))

    def branch(self, copy: Token, start: int) -> Process:
        """The walk of a copy; the one that decides the split ends it."""
        try:
            outcome = yield from self.path.walk(copy, start)
        except simpy.Interrupt:
            return
        self.under_way.remove(copy)
        self.came += outcome == ON
        missing = self.plan.wait_for - self.came
        if not self.over.triggered and (missing == 0 or missing > len(self.under_way)):
            self.over.succeed((outcome, copy))
            self.cancel()

    def cancel(self) -> None:
        """Nobody waits for those under way."""
        for copy in self.under_way:
            copy.cancel()


def split(self: Path, token: Token, node: int, plan: SplitPlan) -> Process:
    """Every branch gets a copy; on with what the last needed one spent."""
    gathering = Gathering(self, token, plan)
    try:
        outcome, last = yield gathering.over
    except simpy.Interrupt:
        gathering.cancel()
        raise
    token.takes_over(last)
    return outcome, plan.next
