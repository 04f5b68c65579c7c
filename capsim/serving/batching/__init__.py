"""Batching policies, one a file: a parameter class and the pure function that decides.

`decide(now_ns, waiting, oldest_ns, idle, ahead, settings, state)` is called when an instant is over at which
something happened to its queue, and again until it forms no batch. It gets the instant, how many requests wait,
when the oldest entered (NEVER if none waits), how many instances are idle, how many batches are formed and wait
for an instance, the integers of `Parameters.lower`, and a row of integers that the policy may keep between calls.
It answers (how many of the oldest requests form a batch now, when to look again): (0, NEVER) is "at the next
event". It must not look at anything else, so that the same text runs as Python and compiled.

`EVERY_EVENT` says whether the policy needs to see every event, or only those after which requests wait and an
instance is idle.
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
