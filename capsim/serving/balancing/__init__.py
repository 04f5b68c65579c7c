"""Balancers, one a file: a parameter class and the pure function that chooses a queue for a request.

`choose(queues, load, shares, u, v, state)` gets the queues of the step, the load of every queue (requests
assigned and not yet answered, per server), the cumulative shares of the step's queues, two uniforms of the
request, and a row of integers that the policy may keep between calls. It answers one of `queues`. It must not
look at anything else, so that the same text runs as Python and compiled.
"""

import sys
from typing import Annotated, Any

from pydantic import BeforeValidator

from capsim.parameters import choice, modules_of

BALANCING: dict[str, Any] = modules_of(sys.modules[__name__])
"""Policy name to its module, found by file name."""


def _which(value: Any) -> str | None:
    return value.get("policy") if isinstance(value, dict) else getattr(value, "policy", None)


def _named(value: Any) -> Any:
    return {"policy": value} if isinstance(value, str) else value


_POLICIES: Any = choice({name: module.Parameters for name, module in BALANCING.items()}, _which)

Balancing: Any = Annotated[_POLICIES, BeforeValidator(_named, json_schema_input_type=str | _POLICIES)]
"""Any balancer: its name, or a mapping with `policy` and its settings."""
