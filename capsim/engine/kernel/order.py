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
SERVER_TURNS = 4
"""A server fails or is back, by server."""
FIRST_ALARM = SERVER_TURNS
LEARNS = 5
"""A balancer learns of it, by node and station."""
DELAY_ENDS = 6
"""A token has spent its time at a node; like all alarms by request, attempt and branch."""
ANSWERED = 7
"""An answer reaches its client."""
GIVES_UP = 8
"""A client has waited for the timeout."""
CANCELLED = 9
"""The system learns that nobody waits for an attempt."""
HEDGES = 10
"""A client has waited for so long that it sends a copy."""
RESENT = 11
"""A client has paused and tries again."""
COMES = 12
"""An attempt comes to the door."""
NEXT_NODE = 13
"""Tokens that come from another node, by request, attempt and branch."""
ARRIVAL = 14
"""Requests from outside: in closed loops by client, then others by request."""
TICK = 15
"""Progress."""
