"""Batching policies, one a file: a parameter class and the pure function that decides.

`decide(now_ns, waiting, oldest_ns, idle, ahead, settings, state)` is called when an instant is over at which
something happened to its queue, and again until it forms no batch. It gets the instant, how many requests wait,
when the oldest entered (NEVER if none waits), how many instances are idle, how many batches are formed and wait
for an instance, the integers of `Parameters.lower`, and a row of integers that the policy may keep between calls.
It answers (how many of the oldest requests form a batch now, when to look again): (0, NEVER) is "at the next
event". It must not look at anything else, so that the same text runs as Python and compiled.

`EVERY_EVENT` says whether the policy needs to see every event, or only those after which requests wait and an
instance is idle. A policy that does may also answer a negative number, by which so many of the oldest time out, and its
file may have

- `NEWEST = True`: the first integer of the row is set before a call to when the newest of those who wait entered;
- `STATE_CELLS`: how long the row is, where 8 are too few;
- `learn(now_ns, size, waited_ns, served_ns, settings, state)`: called when a batch ends, with its requests, how long
  the oldest of them had waited when it began, and how long it took.
"""

import sys
from typing import Any

from capsim.parameters import choice, modules_of

BATCHING: dict[str, Any] = modules_of(sys.modules[__name__])
"""Policy name to its module, found by file name."""

RELEASES = (("triton", "triton_frozen"),)
"""Rules that releases of one server have followed, with the same settings."""


def _which(value: Any) -> str | None:
    return value.get("policy") if isinstance(value, dict) else getattr(value, "policy", None)


Batching: Any = choice({name: module.Parameters for name, module in BATCHING.items()}, _which)
"""Any batching policy, told apart by `policy`."""
