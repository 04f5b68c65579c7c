"""A pool behind a door, as SimPy processes, with each admission rule as its page of semantics has it.

Written from docs/explanation/simulation.md and RFC 8289, not from the engines' text. One line feeds all servers; at one
instant ends of batches come first, then arrivals, then servers look at the line.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Generator, Sequence
from fractions import Fraction
from typing import Any, Protocol

import simpy

End = tuple[str, int]
Waiting = tuple[int, int]
"""A request's number and when it came."""


class Rule(Protocol):
    """At the door and in line."""

    def lets_in(self, now: int, inside: int) -> bool:
        """Whether a request may come in."""

    def next_from(self, line: deque[Waiting], now: int, lost: Callable[[Waiting], None]) -> Waiting | None:
        """The next that is served, after those that are not."""


def ends_of(sent: Sequence[int], servers: int, most: int, service: Callable[[int], int], rule: Rule) -> list[End]:
    """How each request ends, and when."""
    env, line, idle, inside = simpy.Environment(), deque[Waiting](), servers, 0
    ends: list[End] = [("in_flight", -1)] * len(sent)

    def lost(request: Waiting) -> None:
        nonlocal inside
        inside -= 1
        ends[request[0]] = "rejected", int(env.now)

    def serve(batch: list[Waiting]) -> Generator[Any, Any, None]:
        nonlocal idle, inside
        yield env.timeout(service(len(batch)))
        idle, inside = idle + 1, inside - len(batch)
        for number, _ in batch:
            ends[number] = "completed", int(env.now)
        env.process(look())

    def look() -> Generator[Any, Any, None]:
        nonlocal idle
        yield env.timeout(0)
        yield env.timeout(0)
        while idle and line:
            taken = (rule.next_from(line, int(env.now), lost) for _ in range(min(most, len(line))))
            batch = [request for request in taken if request is not None]
            if batch:
                idle -= 1
                env.process(serve(batch))

    def arrivals() -> Generator[Any, Any, None]:
        nonlocal inside
        for number, instant in enumerate(sent):
            if instant > env.now:
                yield env.timeout(instant - env.now)
                yield env.timeout(0)
            if rule.lets_in(instant, inside):
                inside += 1
                line.append((number, instant))
                env.process(look())
            else:
                ends[number] = "rejected", instant

    env.process(arrivals())
    env.run()
    return ends


class Open:
    """No rule."""

    def lets_in(self, now: int, inside: int) -> bool:
        """Everybody."""
        return True

    def next_from(self, line: deque[Waiting], now: int, lost: Callable[[Waiting], None]) -> Waiting | None:
        """The oldest."""
        return line.popleft() if line else None


class TokenBucket(Open):
    """A bucket that fills evenly; who comes in takes a whole token."""

    def __init__(self, every: int, burst: int) -> None:
        self.every, self.burst, self.tokens, self.at = every, burst, Fraction(burst), 0

    def lets_in(self, now: int, inside: int) -> bool:
        """Whether there is a token."""
        self.tokens = min(Fraction(self.burst), self.tokens + Fraction(now - self.at, self.every))
        self.at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


class Concurrency(Open):
    """A room for so many."""

    def __init__(self, most: int) -> None:
        self.most = most

    def lets_in(self, now: int, inside: int) -> bool:
        """Whether there is room."""
        return inside + 1 <= self.most


class Deadline(Open):
    """Who came too long ago is not served."""

    def __init__(self, after: int) -> None:
        self.after = after

    def next_from(self, line: deque[Waiting], now: int, lost: Callable[[Waiting], None]) -> Waiting | None:
        """The first that is in time."""
        while line and now - line[0][1] >= self.after:
            lost(line.popleft())
        return line.popleft() if line else None


class CoDel(Open):
    """The pseudocode of RFC 8289, section 5, name by name; a packet is a request."""

    def __init__(self, target: int, interval: int) -> None:
        self.target, self.interval = target, interval
        self.first_above_time = self.drop_next = self.count = self.lastcount = 0
        self.dropping = False

    def control_law(self, t: int, count: int) -> int:
        """When the next is dropped."""
        return t + int(self.interval / math.sqrt(count))

    def dodequeue(self, line: deque[Waiting], now: int) -> tuple[Waiting | None, bool]:
        """The head, and whether it may be dropped."""
        if not line:
            self.first_above_time = 0
            return None, False
        p = line.popleft()
        if now - p[1] < self.target or len(line) <= 1:
            self.first_above_time = 0
        elif self.first_above_time == 0:
            self.first_above_time = now + self.interval
        elif now >= self.first_above_time:
            return p, True
        return p, False

    def next_from(self, line: deque[Waiting], now: int, lost: Callable[[Waiting], None]) -> Waiting | None:
        """`deque()` of the RFC."""
        p, ok_to_drop = self.dodequeue(line, now)
        if self.dropping:
            if not ok_to_drop:
                self.dropping = False
            while now >= self.drop_next and self.dropping and p is not None:
                lost(p)
                self.count += 1
                p, ok_to_drop = self.dodequeue(line, now)
                if not ok_to_drop:
                    self.dropping = False
                else:
                    self.drop_next = self.control_law(self.drop_next, self.count)
        elif ok_to_drop and p is not None:
            lost(p)
            p, ok_to_drop = self.dodequeue(line, now)
            self.dropping = True
            delta = self.count - self.lastcount
            self.count = 1
            if delta > 1 and now - self.drop_next < 16 * self.interval:
                self.count = delta
            self.drop_next = self.control_law(now, self.count)
            self.lastcount = self.count
        return p
