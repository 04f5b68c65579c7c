"""Controlled delay: a queue in which requests have waited too long for too long sheds its oldest.

Source: K. Nichols, V. Jacobson, A. McGregor and J. Iyengar, "Controlled Delay Active Queue Management", RFC 8289,
2018, section 5. The RFC removes packet after packet until it keeps one; here a batch takes request after request, and
the rule is asked for each. Its "at most one packet in the queue" is at most one request behind.
"""

from __future__ import annotations

import math
from typing import Literal

from capsim.parameters import parameters
from capsim.serving.rule import LINE, AdmissionRule, Settings, State
from capsim.units import NS_PER_S, PositiveDuration

NS_PER_MS = NS_PER_S // 1000
RECENT = 16
"""So many intervals after the last, dropping goes on at the rate that it had."""

FIRST_ABOVE, DROP_NEXT, COUNT, LAST_COUNT, DROPPING, FOLLOWING = range(6)
"""Cells of the state: when waits will have been above the target for an interval (0 while they are not), when the next
is dropped, how many were since dropping began, and when it began before; whether it goes on, and one was just dropped
by its turn."""


@parameters
class Parameters:
    """A queue whose oldest have waited longer than `target` for `interval` turns them away, faster and faster."""

    policy: Literal["codel"]
    """Which rule."""
    target: PositiveDuration = 5 * NS_PER_MS
    """A wait that is good enough; RFC 8289 has 5 ms for packets."""
    interval: PositiveDuration = 100 * NS_PER_MS
    """How long waits may be above it; RFC 8289 has 100 ms."""

    def lower(self) -> tuple[int, ...]:
        """Both (ns)."""
        return self.target, self.interval


def admit(now_ns: int, sent_ns: int, since_ns: int, inside: int, behind: int, settings: Settings, state: State) -> int:
    """Whether the oldest goes into the batch."""
    target_ns, interval_ns = settings[0], settings[1]
    late = False
    if now_ns - since_ns < target_ns or behind <= 1:
        state[FIRST_ABOVE] = 0
    elif state[FIRST_ABOVE] == 0:
        state[FIRST_ABOVE] = now_ns + interval_ns
    else:
        late = now_ns >= state[FIRST_ABOVE]
    following, state[FOLLOWING] = state[FOLLOWING], 0
    if not late:
        state[DROPPING] = 0
        return 1
    if state[DROPPING]:
        if following:
            state[DROP_NEXT] += int(interval_ns / math.sqrt(state[COUNT]))
        if now_ns < state[DROP_NEXT]:
            return 1
        state[COUNT] += 1
        state[FOLLOWING] = 1
        return 0
    since = state[COUNT] - state[LAST_COUNT]
    state[COUNT] = since if since > 1 and now_ns - state[DROP_NEXT] < RECENT * interval_ns else 1
    state[DROP_NEXT] = now_ns + int(interval_ns / math.sqrt(state[COUNT]))
    state[DROPPING], state[LAST_COUNT] = 1, state[COUNT]
    return 0


RULE = AdmissionRule(admit, at=LINE)
