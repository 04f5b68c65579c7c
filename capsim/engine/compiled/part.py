"""A function as a part of machine code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, eq=False)
class Part:
    """A function that is compiled into those that call it; `inline` puts it into them."""

    function: Any
    signature: Any
    inline: bool = False
