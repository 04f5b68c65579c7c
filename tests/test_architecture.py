"""What the design page says about who may import whom, and how long things are."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "capsim"
MODULES = sorted(PACKAGE.rglob("*.py"))

FLOORS = [
    {
        "_version",
        "errors",
        "units",
        "parameters",
        "random",
        "distributions",
        "documents",
        "shipped",
        "queueing",
        "workers",
        "cluster",
    },
    {"profile", "workload", "serving", "prices"},
    {"scenario", "importer", "profiler"},
    {"engine"},
    {"stats", "certainty", "simulation", "processes"},
    {"costing", "forecasting", "comparison", "planner", "sweeping", "validation"},
    {"report", "export"},
    {"cli", "ui"},
]

STAIRS = {
    ("distributions", "parameters"),
    ("distributions", "units"),
    ("documents", "errors"),
    ("shipped", "documents"),
    ("shipped", "errors"),
    ("workers", "errors"),
    ("workers", "cluster"),
    ("cluster", "errors"),
    ("units", "errors"),
    ("profile", "serving"),
    ("certainty", "stats"),
    ("simulation", "certainty"),
    ("simulation", "stats"),
    ("processes", "simulation"),
    ("processes", "stats"),
    ("costing", "planner"),
    ("forecasting", "costing"),
    ("cli", "ui"),
}
"""Imports between rooms of one floor, each on purpose."""

DOORS = {"__init__", "__main__"}
"""Stand outside: they import on use what users ask for."""

MOST_LINES = 400
MOST_LINES_OF_A_FUNCTION = 60
EVENT_LOOP = PACKAGE / "engine" / "compiled" / "loop.py"
"""May be longer, as compiled code that calls many functions is slow to compile."""


def room(module: Path) -> str:
    """The file or folder at the root of the package that a module belongs to."""
    return module.relative_to(PACKAGE).parts[0].removesuffix(".py")


def floor(of: str) -> int:
    """The floor of a room."""
    return next(number for number, rooms in enumerate(FLOORS) if of in rooms)


def imported_rooms(module: Path) -> Iterator[tuple[int, str]]:
    """The rooms that a module imports, with the line; under TYPE_CHECKING and inside functions too."""
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}:{node.lineno} imports relatively"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        yield from ((node.lineno, name.split(".")[1]) for name in names if name.startswith("capsim."))


def test_every_room_is_on_a_floor() -> None:
    rooms = {room(module) for module in MODULES} - DOORS
    assert rooms <= set().union(*FLOORS)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_from_the_floors_below_and_from_its_own_room(module: Path) -> None:
    here = room(module)
    if here in DOORS:
        return
    for line, there in imported_rooms(module):
        allowed = there == here or floor(there) < floor(here) or (here, there) in STAIRS
        assert allowed, f"{module.relative_to(PACKAGE)}:{line} imports {there}"


def test_every_stair_is_used() -> None:
    used = {(room(module), there) for module in MODULES for _, there in imported_rooms(module)}
    assert used >= STAIRS


def test_the_rules_of_a_serving_system_know_no_engine() -> None:
    """Neither SimPy nor Numba below the engines."""
    for module in MODULES:
        if room(module) not in DOORS and floor(room(module)) < floor("engine"):
            assert "import simpy" not in module.read_text()
            assert "import numba" not in module.read_text()


def test_simpy_stands_in_one_file() -> None:
    assert [module.name for module in MODULES if "import simpy" in module.read_text()] == ["calendar.py"]


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_files_and_functions_are_short(module: Path) -> None:
    if module == EVENT_LOOP:
        return
    text = module.read_text()
    assert len(text.splitlines()) <= MOST_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= MOST_LINES_OF_A_FUNCTION, f"{node.name} has {lines} lines"
