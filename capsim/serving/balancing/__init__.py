"""Balancers, one a file: a parameter class and the function that chooses a queue for a request; see `serving.rule`."""

import sys
from typing import Annotated, Any

from pydantic import BeforeValidator

from capsim.parameters import choice, modules_of
from capsim.serving.rule import BalancingFile

BALANCING: dict[str, BalancingFile] = modules_of(sys.modules[__name__])
"""Policy name to its file, found by name."""


def _which(value: Any) -> str | None:
    return value.get("policy") if isinstance(value, dict) else getattr(value, "policy", None)


def _named(value: Any) -> Any:
    return {"policy": value} if isinstance(value, str) else value


_POLICIES: Any = choice({name: module.Parameters for name, module in BALANCING.items()}, _which)

Balancing: Any = Annotated[_POLICIES, BeforeValidator(_named, json_schema_input_type=str | _POLICIES)]
"""Any balancer: its name, or a mapping with `policy` and its settings."""
