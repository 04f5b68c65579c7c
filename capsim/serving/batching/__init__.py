"""Batching rules, one a file: a parameter class and the functions that decide; see `serving.rule`."""

import sys
from typing import Any

from capsim.parameters import choice, modules_of
from capsim.serving.rule import BatchingFile

BATCHING: dict[str, BatchingFile] = modules_of(sys.modules[__name__])
"""Policy name to its file, found by name."""

RELEASES = (("triton", "triton_frozen"),)
"""Rules that releases of one server have followed, with the same settings."""


def _which(value: Any) -> str | None:
    return value.get("policy") if isinstance(value, dict) else getattr(value, "policy", None)


Batching: Any = choice({name: module.Parameters for name, module in BATCHING.items()}, _which)
"""Any batching policy, told apart by `policy`."""
