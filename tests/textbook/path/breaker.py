"""A circuit breaker: nothing is sent for a while once too many attempts were no answers."""

from __future__ import annotations

from collections import deque

from capsim.engine.blueprint import SendersPlan
from textbook.path.clock import Clock


class Breaker:
    """Closed, open until an instant, or waiting for how its one trial ends."""

    def __init__(self, clock: Clock, senders: SendersPlan | None) -> None:
        self.clock, self.plan = clock, senders.breaker if senders else None
        self.heard_of: deque[tuple[int, bool]] = deque()
        self.opens_until_ns = 0
        self.on_trial = False

    def lets_through(self) -> bool:
        """Whether an attempt is sent now; the first after the pause is the trial."""
        if self.opens_until_ns == 0:
            return True
        if self.on_trial or self.clock.now < self.opens_until_ns:
            return False
        self.on_trial = True
        return True

    def heard(self, answered: bool) -> None:
        """How an attempt ended."""
        if self.plan is None:
            return
        if self.on_trial:
            self.on_trial = False
            self.opens_until_ns = 0 if answered else self.clock.now + self.plan.open_ns
            self.heard_of.clear()
            return
        self.heard_of.append((self.clock.now, answered))
        while self.heard_of[0][0] <= self.clock.now - self.plan.window_ns:
            self.heard_of.popleft()
        failed = sum(not each for _, each in self.heard_of)
        many = len(self.heard_of) >= self.plan.least and failed >= self.plan.failures * len(self.heard_of)
        if many and self.opens_until_ns == 0:
            self.opens_until_ns = self.clock.now + self.plan.open_ns
