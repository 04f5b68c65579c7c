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
NEXT_NODE = 4
"""Tokens that come from another node, by request."""
ARRIVAL = 5
"""Requests from outside, by request; in a closed loop by client."""
TICK = 6
"""Progress."""
