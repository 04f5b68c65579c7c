"""The pages say what the code does: the reference is up to date, and what a page shows is what is printed."""

from __future__ import annotations

import importlib.util
import re
import shlex
from pathlib import Path
from types import ModuleType

import pytest
import typer

from capsim.cli import app

ROOT = Path(__file__).parents[2]


def script(name: str) -> ModuleType:
    """A script of the folder docs."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


generate, shown = script("generate"), script("shown")
PAGES = shown.pages()
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]


@pytest.mark.parametrize("page", generate.PAGES)
def test_the_reference_is_what_the_code_says(page: str) -> None:
    written = (ROOT / "docs" / "reference" / page).read_text(encoding="utf-8")
    assert written == generate.PAGES[page](), "run make docs"


@pytest.mark.parametrize("page", generate.PAGES)
def test_every_field_and_every_option_is_described(page: str) -> None:
    rows = [line for line in generate.PAGES[page]().splitlines() if line.startswith("| `")]
    assert rows
    assert [row for row in rows if row.endswith("|  |")] == []


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_block_is_run_or_says_why_not(page: Path) -> None:
    for block in shown.blocks(page.read_text(encoding="utf-8")):
        if block.runs:
            assert block.kind in {"console", "python", "yaml", "csv"}, (
                f"{page}: docs/shown.py says how to mark\n{block.body}"
            )
        else:
            assert block.kind in {"", "sh", "yaml", "python", "console"}


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_what_a_page_shows_is_what_is_printed(page: Path) -> None:
    with shown.workplace():
        for block in shown.blocks(page.read_text(encoding="utf-8")):
            assert shown.steady(shown.replayed(block)) == shown.steady(block.body), "run make docs"


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_commands_that_are_not_run_exist(page: Path) -> None:
    for block in shown.blocks(page.read_text(encoding="utf-8")):
        lines = [] if block.runs else block.body.splitlines()
        for words in (shlex.split(line, comments=True) for line in lines if line.startswith("capsim ")):
            command, rest = typer.main.get_command(app), words[1:]
            while hasattr(command, "commands"):
                assert rest[0] in command.commands, words
                command, rest = command.commands[rest[0]], rest[1:]
            command.make_context(words[1], rest, resilient_parsing=True)


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_a_changed_output_is_noticed_and_brought_up_to_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "```yaml s.yaml\nname: x\n```\n\n```console\n$ capsim check s.yaml\n{}```\n"
    page = tmp_path / "page.md"
    page.write_text(text.format("s.yaml is a valid scenario.\n"))
    monkeypatch.setattr(shown, "ROOT", tmp_path)
    shown.bring_up_to_date(page)
    missing = "s.yaml has 2 problems\n  line   1  workload  is missing\n  line   1  pools     is missing\n"
    assert page.read_text() == text.format(missing)


def test_times_do_not_count_as_a_difference() -> None:
    assert shown.steady("a 0.13 CPU s b\n") == shown.steady("a 12 CPU s b")
    assert shown.steady("about 1 s with 1 process") == shown.steady("about 2.5 h with 16 processes")
    assert shown.steady("p99 1 s") != shown.steady("p99 2 s")
