"""Clients that give up, try again and send copies: what becomes of a request that is late or lost."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import simpy

from capsim.engine import Outcome
from capsim.engine.blueprint import SendersPlan
from capsim.engine.ledger import NOT_YET
from textbook.path.breaker import Breaker
from textbook.path.clock import Kind, Process
from textbook.path.nodes import ON, Path
from textbook.path.record import CANCELLED, Request, Row, Token

MOST_BALANCE = 10
Ends = Callable[[Request, int, "Token | None"], None]
"""Told how a request ended, when its client knows, and whose answer that was."""


class Budget:
    """How many retries the first sendings allow."""

    def __init__(self, plan: SendersPlan) -> None:
        self.share = None if plan.budget is None else Fraction(str(plan.budget))
        self.balance = min(Fraction(MOST_BALANCE), MOST_BALANCE * (self.share or Fraction(0)))

    def first_sent(self) -> None:
        """A request adds its share."""
        self.balance = min(Fraction(MOST_BALANCE), self.balance + (self.share or 0))

    def allows_retry(self) -> bool:
        """A retry takes one."""
        if self.share is None:
            return True
        self.balance -= (allowed := self.balance >= 1)
        return allowed


class Client:
    """Who waits for one request: the attempts under way, and what to do when one ends."""

    def __init__(self, path: Path, request: Request, budget: Budget, breaker: Breaker, ends: Ends) -> None:
        assert request.plan.senders
        self.path, self.clock, self.request, self.plan = path, path.clock, request, request.plan.senders
        self.budget, self.breaker, self.ends = budget, breaker, ends
        self.under_way: dict[Token, Row] = {}
        self.tries = self.copies = 0

    def send(self, sent_ns: int) -> None:
        """An attempt, with its timeout and the copy that may follow."""
        token = Token(self.request, self.request.attempts, sent_ns)
        row = {"request": self.request.number, "attempt": token.attempt, "sent_ns": sent_ns, "finished_ns": NOT_YET}
        self.under_way[token] = row | {"outcome": int(Outcome.in_flight)}
        self.path.record.attempts.append(self.under_way[token])
        self.request.attempts += 1
        token.walk = self.clock.process(self.attempt(token))
        self.clock.process(self.gives_up(token))
        self.clock.process(self.hedges(token))

    def attempt(self, token: Token) -> Process:
        """There, through the system and back."""
        plan = self.request.plan
        try:
            if self.request.up_ns:
                yield self.clock.at(token.sent_ns + self.request.up_ns, Kind.NEXT_NODE, *token.key)
            outcome = yield from self.path.walk(token, plan.first_node)
        except simpy.Interrupt:
            return
        token.held = True
        yield self.clock.at(self.clock.now + plan.down_ns, Kind.ANSWERED, *token.key)
        if token in self.under_way:
            self.ended(token, outcome)

    def gives_up(self, token: Token) -> Process:
        """Nobody waits for the attempt longer than the timeout."""
        yield self.clock.at(token.sent_ns + self.plan.timeout_ns, Kind.GIVES_UP, *token.key)
        if token in self.under_way:
            if self.plan.cancels:
                self.clock.process(self.cancel(token))
            self.ended(token, Outcome.timed_out)

    def cancel(self, token: Token) -> Process:
        """The system learns that nobody waits."""
        yield self.clock.at(self.clock.now + self.request.up_ns, Kind.CANCELLED, *token.key)
        token.cancel()

    def hedges(self, token: Token) -> Process:
        """A copy beside the attempt, if that has been under way for long."""
        yield self.clock.at(token.sent_ns + self.plan.hedge_ns, Kind.HEDGES, *token.key)
        if token in self.under_way and self.copies < self.plan.most_hedges and self.breaker.lets_through():
            self.copies += 1
            self.send(self.clock.now)

    def over(self, row: Row, outcome: int) -> None:
        """What is known when the run stops is what the row says."""
        if self.clock.now <= self.path.blueprint.stop_ns:
            row.update(finished_ns=self.clock.now, outcome=outcome)

    def ended(self, token: Token, outcome: int) -> None:
        """An attempt is over: its answer is taken, or it is tried again once no other is under way."""
        self.over(self.under_way.pop(token), outcome)
        self.breaker.heard(outcome == ON)
        if outcome == ON:
            for other, row in self.under_way.items():
                self.over(row, CANCELLED)
                self.clock.process(self.cancel(other))
            self.under_way.clear()
            self.ends(self.request, outcome, token)
        elif not self.under_way:
            again = self.tries < len(self.plan.backoff_ns) and self.plan.retried[outcome] and self.budget.allows_retry()
            if again:
                self.clock.process(self.resend(self.pause_ns(self.plan.backoff_ns[self.tries])))
            else:
                self.ends(self.request, outcome, None)

    def resend(self, pause_ns: int) -> Process:
        """Another try after a pause."""
        self.tries, self.copies = self.tries + 1, 0
        yield self.clock.at(self.clock.now + pause_ns, Kind.RESENT, self.request.number, self.request.attempts)
        if self.breaker.lets_through():
            self.send(self.clock.now)
        else:
            self.ends(self.request, Outcome.rejected, None)

    def pause_ns(self, most_ns: int) -> int:
        """The back-off, with its jitter: all of it is drawn, or its second half."""
        index = self.request.number * self.path.most_attempts + self.request.attempts
        stream = self.path.blueprint.class_stream("backoff", self.request.kind)
        u = float(stream.uniforms(index, index + 1)[0])
        return (most_ns, round(u * most_ns), round(most_ns / 2 + u * most_ns / 2))[self.plan.jitter]
