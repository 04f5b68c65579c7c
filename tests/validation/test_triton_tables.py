"""The command that made the profiles of published tables makes them again."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
for folder in ("accuracy", "profiles"):
    sys.path.insert(0, str(ROOT / "benchmarks" / folder))

import triton_tables  # noqa: E402 - found through the path above
from published import FOLDER, ground_truth  # noqa: E402 - found through the path above

from capsim import shipped  # noqa: E402

TABLES = ground_truth()


def unchanging(file: Path) -> list[str]:
    """Its lines but the date of the import."""
    return [line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("  imported: ")]


def test_the_commands_are_printed_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert triton_tables.main(["tables", "--dry-run"]) == 0
    commands = capsys.readouterr().out.splitlines()
    assert len(commands) == len(triton_tables.picks())
    assert all(command.startswith("capsim profile import table tables/") for command in commands)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_tables_is_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert triton_tables.main([str(tmp_path)]) == 2
    assert "no such file" in capsys.readouterr().err


@pytest.mark.skipif(TABLES is None, reason=f"{FOLDER} names no folder with the published tables")
def test_importing_again_gives_what_is_shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert triton_tables.main([str(TABLES)]) == 0
    made = sorted((tmp_path / "profiles").rglob("*.yaml"))
    assert len(made) == len(triton_tables.picks())
    for file in made:
        assert unchanging(file) == unchanging(shipped.folder("profiles") / file.relative_to(tmp_path / "profiles"))
