"""What comes first at one instant: kinds of happenings from top to bottom, within a kind by number."""

from __future__ import annotations

BATCH_ENDS = 0
"""By server."""
FRONT_END_AFTER = 1
"""By server."""
FRONT_END_BEFORE = 2
"""By server."""
TIMER = 3
"""Timeouts and delays, by station."""
DELAY_ENDS = 4
"""A token has spent its time at a node; like all alarms by request, attempt and branch."""
ANSWERED = 5
"""An answer reaches its client."""
GIVES_UP = 6
"""A client has waited for the timeout."""
CANCELLED = 7
"""The system learns that nobody waits for an attempt."""
HEDGES = 8
"""A client has waited for so long that it sends a copy."""
RESENT = 9
"""A client has paused and tries again."""
COMES_AGAIN = 10
"""A further attempt comes to the door."""
NEXT_NODE = 11
"""Tokens that come from another node, by request, attempt and branch."""
ARRIVAL = 12
"""Requests from outside: in closed loops by client, then others by request."""
TICK = 13
"""Progress."""
