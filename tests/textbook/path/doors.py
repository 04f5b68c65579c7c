"""Who is let into a pool: at its door, or in line when a batch would take them."""

from __future__ import annotations

from capsim.engine.blueprint import PoolPlan
from capsim.serving.admission import ADMISSION
from capsim.serving.rule import DOOR, LINE, STATE_CELLS
from textbook.path.clock import Clock
from textbook.path.record import Token


class Door:
    """The rule of a pool, with a memory for the pool and one for each of its lines."""

    def __init__(self, clock: Clock, pool: PoolPlan) -> None:
        self.clock, self.settings, self.inside = clock, pool.admission_settings, 0
        self.rule = ADMISSION[pool.admission].RULE if pool.admission else None
        self.states: dict[int | None, list[int]] = {}

    def lets_in(self, token: Token) -> bool:
        """At the door."""
        return self._admits(DOOR, None, token, self.clock.now, 0)

    def lets_on(self, token: Token, line: int, since_ns: int, behind: int) -> bool:
        """From a line into a batch."""
        return self._admits(LINE, line, token, since_ns, behind)

    def _admits(self, at: int, owner: int | None, token: Token, since_ns: int, behind: int) -> bool:
        if self.rule is None or self.rule.at != at:
            return True
        state = self.states.setdefault(owner, [0] * STATE_CELLS)
        sent_ns, now = token.request.sent_ns, self.clock.now
        return self.rule.admit(now, sent_ns, since_ns, self.inside, behind, self.settings, state) == 1
