"""Every combination of settings that `--vary` names, as scenarios."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from capsim.documents import Document, parse_yaml
from capsim.documents.load import Path_
from capsim.errors import VALUES, Fault, InputError
from capsim.prices import OfferPrice
from capsim.scenario.load import read_scenario, scenario_of
from capsim.scenario.overrides import clash, override
from capsim.scenario.planning import ranges
from capsim.scenario.ranges import values_of
from capsim.scenario.schema import Scenario

MOST_CHECKED = 300
BY_SETTINGS = re.compile(r" \((?:set by|with) -.*\)$")
"""What names the settings behind a fault."""
WITH_UNIT = re.compile(r"with its unit such as '(?P<number>\d+) (?P<unit>[^']+)'")


@dataclass(frozen=True)
class Variable:
    """A path into the scenario and the values that it takes.

    Attributes:
        path: as it was given.
        values: YAML texts.
        at: the path with names of list members turned into positions.
    """

    path: str
    values: tuple[str, ...]
    at: Path_


@dataclass(frozen=True)
class Grid:
    """The combinations of some variables, numbered so that the last variable changes fastest.

    Attributes:
        document: the scenario without them, the files that it names already read.
        base: the same, validated.
        variables: none makes a grid of the scenario alone.
    """

    document: Document
    base: Scenario
    variables: tuple[Variable, ...]

    def __len__(self) -> int:
        """How many combinations there are."""
        return math.prod(len(variable.values) for variable in self.variables)

    def _texts(self, cell: int) -> Iterator[tuple[str, str]]:
        for i, variable in enumerate(self.variables):
            below = math.prod(len(later.values) for later in self.variables[i + 1 :])
            yield variable.path, variable.values[cell // below % len(variable.values)]

    def settings(self, cell: int) -> dict[str, Any]:
        """What a combination sets: path to value."""
        return {path: parse_yaml(text, "value").data for path, text in self._texts(cell)}

    def scenario(self, cell: int) -> Scenario:
        """The scenario of a combination.

        Raises:
            InputError: the combination makes no valid scenario.
        """
        return scenario_of(_set(self.document, [f"{path}={text}" for path, text in self._texts(cell)]))

    def fixed(self, variables: Sequence[Variable]) -> Iterator[tuple[dict[str, Any], Grid]]:
        """A grid of the other variables for each combination of some: what the combination sets, and the grid."""
        outer = replace(self, variables=tuple(variables))
        inner = tuple(variable for variable in self.variables if variable not in variables)
        for cell in range(len(outer)):
            document = _set(self.document, [f"{path}={text}" for path, text in outer._texts(cell)])
            yield outer.settings(cell), Grid(document, outer.scenario(cell), inner)

    def scenarios(self) -> Iterator[Scenario]:
        """All of them, in order, made as they are asked for."""
        return (self.scenario(cell) for cell in range(len(self)))


def load_grid(path: str | Path, vary: Sequence[str], overrides: Sequence[str] = ()) -> Grid:
    """The grid of a scenario in a file or `shipped:NAME`, with `overrides` set, over `vary` (`PATH=VALUES` each).

    Raises:
        InputError: all that is wrong with the scenario, or with the variables and the scenarios that they make.
    """
    return grid_of(override(read_scenario(path), overrides), vary)


def load_plan(path: str | Path, vary: Sequence[str], overrides: Sequence[str] = ()) -> Grid:
    """The grid of a scenario as `load_grid`, with what its section `plan` says where nothing else is varied.

    Raises:
        InputError: as for `load_grid`.
    """
    document = override(read_scenario(path), overrides)
    planning = scenario_of(document).plan
    if planning is None:
        return grid_of(document, vary)
    if planning.objective is not None:
        objective = planning.objective.model_dump(mode="json", exclude_none=True)
        document = replace(document, data={**document.data, "objective": objective})
    if vary:
        return grid_of(document, vary)
    try:
        return grid_of(document, ranges(planning.vary))
    except InputError as error:
        if error.source != "--vary":
            raise
        line = document.line(("plan", "vary"))
        raise InputError(document.source, [replace(fault, line=line) for fault in error.faults]) from None


def grid_of(document: Document, vary: Sequence[str]) -> Grid:
    """The grid of the scenario in a document; see `load_grid`."""
    base = scenario_of(document)
    read = with_files(document, base)
    variables = _variables(read, vary)
    grid = Grid(read, base, variables)
    _check(grid)
    return grid


def _variables(document: Document, vary: Sequence[str]) -> tuple[Variable, ...]:
    variables: list[Variable] = []
    given = dict(document.overridden)
    faults = [] if vary else [Fault("--vary", "is needed: what to vary, such as --vary pools.cpu.servers=1:16")]
    for text in [vary] if isinstance(vary, str) else vary:
        path, equals, listed = (part.strip() for part in text.partition("="))
        try:
            values = tuple(values_of(listed))
            variable = Variable(path, values, _place(document, f"{path}={values[0]}"))
        except InputError as error:
            faults += [Fault(path, fault.message) for fault in error.faults]
        except ValueError as error:
            said = str(error) if equals and path else "expected PATH=VALUES such as pools.cpu.servers=1:16"
            faults.append(Fault(text[:80], said))
        else:
            undone = clash(variable.at, given)
            if undone:
                faults.append(Fault(path, undone))
            given[variable.at] = f"--vary {path}"
            variables.append(variable)
    if faults:
        raise InputError("--vary", faults)
    return tuple(variables)


def _place(document: Document, setting: str) -> Path_:
    """What a setting sets, with names of list members turned into positions."""
    alone = override(replace(document, overridden={}), [setting])
    return next(iter(alone.overridden))


def _set(document: Document, settings: Sequence[str]) -> Document:
    changed = override(document, settings)
    told = {path: text if path in document.overridden else _as_vary(text) for path, text in changed.overridden.items()}
    return replace(changed, overridden=told)


def _as_vary(text: str) -> str:
    return text.replace("--set", "--vary", 1)


def _check(grid: Grid) -> None:
    """Validate every combination; of a large grid as many as `MOST_CHECKED`, evenly spread."""
    size = len(grid)
    picked = (
        range(size) if size <= MOST_CHECKED else [i * (size - 1) // (MOST_CHECKED - 1) for i in range(MOST_CHECKED)]
    )
    faults: dict[tuple[str, str], Fault] = {}
    for cell in picked:
        try:
            grid.scenario(cell)
        except InputError as error:
            settings = ", ".join(f"{path}={text}" for path, text in grid._texts(cell))
            for fault in error.faults:
                said = BY_SETTINGS.sub("", fault.message)
                told = f"{said} (with {settings})" if len(grid.variables) > 1 else fault.message
                # Values differ from cell to cell, and say nothing new.
                faults.setdefault((fault.path, VALUES.sub("", said)), replace(fault, message=told))
    if faults:
        raise InputError("--vary", [_with_unit(fault) for fault in faults.values()])


def _with_unit(fault: Fault) -> Fault:
    """The fault with a hint where a range lacks its unit."""
    example = WITH_UNIT.search(fault.message)
    if example is None:
        return fault
    number, unit = int(example["number"]), example["unit"]
    such = f"{number} {unit}:{5 * number} {unit}:{number} {unit}"
    return replace(fault, message=f"{fault.message}; a range carries its unit, such as {such}")


def with_files(document: Document, scenario: Scenario) -> Document:
    """The document with the files that it names in place of their names: read once, the same for all combinations."""
    data = override(document, ()).data
    for pool, members in zip(scenario.pools, data["pools"], strict=True):
        if pool.profile is not None:
            members["profile"] = pool.profile
        if isinstance(pool.price, OfferPrice):
            members["price"]["offer"] = pool.price.offer
    # The offers of its price book are in their places.
    data.pop("prices", None)
    holders = data["workload"].get("classes") or [data["workload"]]
    for each, holder in zip(scenario.classes, holders, strict=True):
        if each.arrivals.file is not None:
            holder["arrivals"]["file"] = each.arrivals.file
    return replace(document, data=data)
