"""Admission rules, one a file: a parameter class and the function that lets a request in; see `serving.rule`."""

import sys
from typing import Any

from capsim.parameters import choice, modules_of
from capsim.serving.rule import AdmissionFile

ADMISSION: dict[str, AdmissionFile] = modules_of(sys.modules[__name__])
"""Policy name to its file, found by name."""


def _which(value: Any) -> str | None:
    return value.get("policy") if isinstance(value, dict) else getattr(value, "policy", None)


Admission: Any = choice({name: module.Parameters for name, module in ADMISSION.items()}, _which)
"""Any admission rule, told apart by `policy`."""
