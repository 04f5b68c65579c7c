"""Samples of what load generators and servers write, and the load points that they are read as."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from imports import SAMPLES

from capsim.errors import InputError
from capsim.importer.loads.load_test import read_load_test
from capsim.importer.loads.measured import Given, Measurements

Point = tuple[str, float, dict[str, float]]


def read(file: str | Path, form: str | None = None, **given: Any) -> Measurements:
    """What a sample, or another file, says."""
    return read_load_test(SAMPLES / file, form, Given(**given))


def points(found: Measurements) -> list[Point]:
    """Load, value and metrics of each point."""
    return [(point.load, point.value, point.measured) for point in found.points]


def told(found: Measurements) -> set[str]:
    """The codes of what is doubtful."""
    return {warning.code for warning in found.warnings}


def load_faults(file: str | Path, form: str | None = None, **given: Any) -> list[tuple[int | None, str, str]]:
    """What is wrong: line, path and message."""
    with pytest.raises(InputError) as caught:
        read(file, form, **given)
    return [(fault.line, fault.path, fault.message) for fault in caught.value.faults]
