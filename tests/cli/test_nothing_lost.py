"""No command writes over what it reads, over what is there without --force, or half of anything."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from commanded import capsim

SCENARIO = """\
# a comment that must stay
name: small
workload: {arrivals: {process: trace, file: trace.csv}}
pools: [{name: cpu, servers: 2, profile: cpu.csv}]
run: {horizon: 2 s, replications: 3}
"""
INPUTS = {
    "s.yaml": SCENARIO,
    "trace.csv": "timestamp_s\n" + "".join(f"{i / 100}\n" for i in range(200)),
    "cpu.csv": "batch_size,latency_ms\n" + "".join(f"1,{5 + i / 10}\n" for i in range(30)),
    "open.yaml": SCENARIO.replace("{process: trace, file: trace.csv}", "{process: poisson, rate: 100 /s}"),
    "m.csv": "rate_per_s,mean_ms,p99_ms\n50,7,9\n100,7.5,9.5\n",
}
VARY = ("--vary", "pools.cpu.servers=1,2")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in INPUTS.items():
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    ("words", "output"),
    [
        (("run", "s.yaml", "--ledger", "trace.csv"), "trace.csv"),
        (("run", "s.yaml", "--ledger", "cpu.csv"), "cpu.csv"),
        (("sweep", "s.yaml", *VARY, "--output", "trace.csv"), "trace.csv"),
        (("sweep", "open.yaml", "--vary", "pools.cpu.profile=cpu.csv", "--output", "cpu.csv"), "cpu.csv"),
        (("calibrate", "open.yaml", "--measured", "m.csv", "--output", "open.yaml"), "open.yaml"),
        (("calibrate", "open.yaml", "--measured", "m.csv", "--output", "m.csv"), "m.csv"),
        (("validate", "open.yaml", "--measured", "m.csv", "--output", "open.yaml"), "open.yaml"),
        (("validate", "open.yaml", "--measured", "m.csv", "--html", "cpu.csv"), "cpu.csv"),
        (("validate", "open.yaml", "--measured", "m.csv", "--png", "m.csv"), "m.csv"),
        (("profile", "show", "cpu.csv", "--html", "cpu.csv"), "cpu.csv"),
    ],
)
def test_an_input_is_not_even_replaced_by_force(folder: Path, words: tuple[str, ...], output: str) -> None:
    done = capsim(folder, *words, "--force")
    assert done.returncode == 2
    assert "is an input of this command" in done.stderr
    assert (folder / output).read_text() == INPUTS[output]
    assert sorted(path.name for path in folder.iterdir()) == sorted(INPUTS)


@pytest.mark.parametrize(
    ("words", "file"),
    [
        (("run", "s.yaml", "--ledger", "l.csv"), "l.csv"),
        (("run", "s.yaml", "--ledger", "l.csv"), "l.visits.csv"),
        (("sweep", "s.yaml", *VARY, "--output", "t.csv"), "t.csv"),
        (("calibrate", "open.yaml", "--measured", "m.csv", "--output", "new.yaml"), "new.yaml"),
        (("validate", "open.yaml", "--measured", "m.csv", "--output", "new.yaml"), "new.yaml"),
        (("validate", "open.yaml", "--measured", "m.csv", "--html", "v.html"), "v.html"),
        (("profile", "show", "cpu.csv", "--html", "p.html"), "p.html"),
        (("init", "new.yaml"), "new.yaml"),
    ],
)
def test_what_is_there_stays_without_force(folder: Path, words: tuple[str, ...], file: str) -> None:
    (folder / file).write_text("mine")
    done = capsim(folder, *words)
    assert done.returncode == 2
    assert "exists already; choose another name, or --force" in done.stderr
    assert (folder / file).read_text() == "mine"
    assert sorted(path.name for path in folder.iterdir()) == sorted([*INPUTS, file])


@pytest.mark.parametrize(
    ("words", "file"),
    [
        (("run", "s.yaml", "--ledger", "l.csv"), "l.csv"),
        (("sweep", "s.yaml", *VARY, "--output", "t.csv"), "t.csv"),
        (("validate", "open.yaml", "--measured", "m.csv", "--output", "new.yaml"), "new.yaml"),
    ],
)
def test_force_replaces_it(folder: Path, words: tuple[str, ...], file: str) -> None:
    (folder / file).write_text("mine")
    assert capsim(folder, *words, "--force").returncode == 0
    assert "mine" not in (folder / file).read_text()


def test_the_same_sweep_again_is_no_overwriting(folder: Path) -> None:
    command = ("sweep", "s.yaml", *VARY, "--output", "t.csv", "--workers", "1")
    assert capsim(folder, *command).returncode == 0
    table = (folder / "t.csv").read_bytes()
    assert capsim(folder, *command).returncode == 0
    assert (folder / "t.csv").read_bytes() == table
    # The same command after an edit of its scenario answers anew.
    (folder / "s.yaml").write_text(SCENARIO.replace("horizon: 2 s", "horizon: 1 s"))
    assert capsim(folder, *command).returncode == 0
    assert (folder / "t.csv").read_bytes() != table
    other = capsim(folder, "sweep", "s.yaml", "--vary", "pools.cpu.servers=3", "--output", "t.csv")
    assert "exists already" in other.stderr
    (folder / "t.csv").write_text("edited")
    assert "exists already" in capsim(folder, *command).stderr
    assert (folder / "t.csv").read_text() == "edited"


@pytest.mark.parametrize(
    "damage",
    [
        "[" * 100_000,
        lambda row: json.dumps({**row, "answer": {}}),
        lambda row: json.dumps({**row, "answer": {**row["answer"], "pools": "two"}}),
        lambda row: json.dumps(row).replace('"value": 0.', '"value": 1.', 1),
        lambda row: json.dumps({**row, "answer": {**row["answer"], "latency_s": {"p99": {"value": None}}}}),
        lambda row: json.dumps(row).replace('"value": 0', '"value": Infinity, "was": 0', 1),
        "\0" * 50,
        "",
        "null",
    ],
)
def test_a_damaged_line_of_a_journal_is_named_and_simulated_anew(
    folder: Path, damage: str | Callable[[Any], str]
) -> None:
    command = ("sweep", "s.yaml", *VARY, "--output", "t.csv", "--workers", "1")
    capsim(folder, *command)
    table, journal = (folder / "t.csv").read_bytes(), folder / "t.csv.cells.jsonl"
    lines = journal.read_text().splitlines()
    lines[1] = damage if isinstance(damage, str) else damage(json.loads(lines[1]))
    journal.write_text("\n".join(lines) + "\n")
    done = capsim(folder, *command)
    assert done.returncode == 0
    assert "line 2: damaged" in done.stderr
    assert (folder / "t.csv").read_bytes() == table


def test_a_journal_of_one_nested_line_is_none(folder: Path) -> None:
    (folder / "t.csv.cells.jsonl").write_text("[" * 100_000 + "\n")
    done = capsim(folder, "sweep", "s.yaml", *VARY, "--output", "t.csv")
    assert done.returncode == 2
    assert "line   1" in done.stderr
    assert "is not the journal of a sweep" in done.stderr
