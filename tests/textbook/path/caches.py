"""Caches by chance and by key: the least recently used leaves, entries age, misses of one key may share an answer."""

from __future__ import annotations

from collections import OrderedDict
from functools import partial

import numpy as np
import simpy

from capsim.engine.blueprint import CachePlan
from capsim.engine.ledger import NOT_YET
from textbook.path.clock import Process
from textbook.path.nodes import ON, Path
from textbook.path.record import Token


class Cache:
    """Keys from the least to the most recently used, with when they were put in; and who waits for which key."""

    def __init__(self, path: Path, node: int, plan: CachePlan) -> None:
        self.path, self.node, self.plan = path, node, plan
        self.since_ns: OrderedDict[int, int] = OrderedDict()
        self.waiting: dict[int, list[simpy.Event]] = {}

    def knows(self, key: int) -> bool:
        """Whether it can answer; the key was used just now then."""
        if self.path.clock.now - self.since_ns.get(key, -self.plan.ttl_ns - 1) > self.plan.ttl_ns:
            return False
        self.since_ns.move_to_end(key)
        return True

    def put(self, key: int) -> None:
        """An answer is known from now on."""
        self.since_ns[key] = self.path.clock.now
        self.since_ns.move_to_end(key)
        if len(self.since_ns) > self.plan.capacity:
            self.since_ns.popitem(last=False)

    def look_up(self, token: Token) -> Process:
        """To the end of the route on a hit, through the rest of it on a miss."""
        path, plan = self.path, self.plan
        yield from path.spend(token, path.clock.now + plan.look_up_ns)
        if plan.hit_share is not None:
            hit = path.uniform(f"cache/{self.node}", token.request.number) < plan.hit_share
            return ON, plan.hit if hit else plan.next
        key = self.key(token)
        if self.knows(key):
            return ON, plan.hit
        if plan.coalesces:
            return (yield from self.share(token, key))
        outcome = yield from path.walk(token, plan.next, plan.hit)
        if outcome == ON:
            self.put(key)
        return outcome, plan.hit

    def key(self, token: Token) -> int:
        """The key of a request, or drawn for it by the cache's own shares."""
        request, shares, stream = token.request, self.plan.key_shares, self.path.blueprint.stream(f"cache/{self.node}")
        index = request.number
        if shares is None and request.key != NOT_YET:
            return request.key
        if shares is None:
            shares, stream = request.plan.key_shares, self.path.blueprint.class_stream("keys", request.kind)
            index = request.of_class
        assert shares is not None
        return int(np.searchsorted(shares, stream.uniforms(index, index + 1)[0], side="right"))

    def share(self, token: Token, key: int) -> Process:
        """With who fetches the key already; or fetch it, for oneself and those who come to wait."""
        if key in self.waiting and (outcome := (yield from self.wait(token, key))) is not None:
            return outcome, self.plan.hit
        self.waiting.setdefault(key, [])
        token.leaves.append(leave := partial(self.hand_over, key))
        outcome = yield from self.path.walk(token, self.plan.next, self.plan.hit)
        token.leaves.remove(leave)
        if outcome == ON:
            self.put(key)
        for turn in self.waiting.pop(key):
            turn.succeed(outcome)
        return outcome, self.plan.hit

    def hand_over(self, key: int) -> None:
        """The first who waits goes on in the place of who fetched and is no longer wanted."""
        if self.waiting[key]:
            self.waiting[key].pop(0).succeed(None)
        else:
            del self.waiting[key]

    def wait(self, token: Token, key: int) -> Process:
        """How it went for who fetches the key; nothing if that one was cancelled and it is one's own turn."""
        turn, since_ns = self.path.clock.event(), self.path.clock.now
        self.waiting[key].append(turn)
        try:
            outcome = yield turn
        except simpy.Interrupt:
            if turn in self.waiting.get(key, ()):
                self.waiting[key].remove(turn)
            elif turn.value is None:
                self.hand_over(key)
            raise
        token.delayed_ns += self.path.clock.now - since_ns
        return outcome
