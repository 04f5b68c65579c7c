"""What `make` installs from."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
LOCK = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]


@pytest.mark.parametrize("line", LOCK)
def test_a_line_pins_a_release_and_names_no_place(line: str) -> None:
    assert re.fullmatch(r"[\w.-]+==[\w.]+( ; [\w. '!=]+)?", line)


@pytest.mark.parametrize(
    "requirement", [*PROJECT["dependencies"], *EXTRAS["dev"], *EXTRAS["ui"], *EXTRAS["pictures"], *EXTRAS["bench"]]
)
def test_what_the_metadata_asks_for_is_pinned_within_its_bounds(requirement: str) -> None:
    wanted = Requirement(requirement)
    if wanted.name == "capsim":
        return
    pins = {pin.name.lower(): pin for pin in map(Requirement, LOCK)}
    [release] = pins[wanted.name.lower()].specifier
    assert release.version in wanted.specifier
    assert all(bound.operator == ">=" for bound in wanted.specifier), "the metadata keeps lower bounds"
