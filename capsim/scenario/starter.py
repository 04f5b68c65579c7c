"""The scenario that a new user starts from."""

from __future__ import annotations

from pathlib import Path


def starter_text() -> str:
    """A commented scenario that runs as it is."""
    return Path(__file__).with_name("starter.yaml").read_text(encoding="utf-8")
