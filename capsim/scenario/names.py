"""What pools, classes, links and nodes may be called."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

NAME = r"^[A-Za-z0-9][A-Za-z0-9_-]*$"


def _name(text: str) -> str:
    if not re.fullmatch(NAME, text):
        raise ValueError(f"must be letters, digits, - and _, the first a letter or digit, got {text!r}")
    return text


Name = Annotated[str, Field(max_length=64, json_schema_extra={"pattern": NAME}), AfterValidator(_name)]
