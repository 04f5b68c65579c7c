"""What a wheel has beside the sources."""

from __future__ import annotations

import runpy
import shutil
from pathlib import Path

import pytest

from capsim.engine.compiled import sources

pytest.importorskip("hatchling", reason="hatchling, which builds wheels, is not installed")
ROOT = Path(__file__).parents[2]


class App:
    def __init__(self) -> None:
        self.warnings: list[str] = []

    def display_warning(self, warning: str) -> None:
        self.warnings.append(warning)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "hatch_build.py", tmp_path)
    for name in ("engine", "serving", "random.py", "units.py"):
        copied = ROOT / "capsim" / name
        (shutil.copytree if copied.is_dir() else shutil.copy)(copied, tmp_path / "capsim" / name)
    return tmp_path


def included(root: Path, version: str = "standard") -> tuple[dict[str, str], list[str]]:
    """What the hook adds to a wheel, and what it warns of."""
    hook = runpy.run_path(str(root / "hatch_build.py"))["MachineCode"]
    app, build = App(), {"force_include": dict[str, str]()}
    hook(str(root), {}, None, None, "", "wheel", app).initialize(version, build)
    return build["force_include"], app.warnings


def test_machine_code_of_these_sources_comes_along(root: Path) -> None:
    code = root / "build" / "machine-code" / sources.digest()
    code.mkdir(parents=True)
    assert included(root)[0] == {}, "not yet whole"
    (code / "manifest.json").touch()
    assert included(root) == ({str(code): f"capsim/shipped/machine-code/{sources.digest()}"}, [])
    assert included(root, "editable") == ({}, [])


def test_without_it_a_wheel_is_built_all_the_same(root: Path) -> None:
    (root / "build" / "machine-code" / "of other sources").mkdir(parents=True)
    files, (warning,) = included(root)
    assert files == {}
    assert "make wheel" in warning
