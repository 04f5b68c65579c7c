"""`capsim check` and what every command says of bad input."""

from __future__ import annotations

import io
import json
import socket
from pathlib import Path

import pytest
from commanded import capsim

from capsim._version import VERSION
from capsim.scenario import load

TEXT = """name: small
workload: {arrivals: {process: poisson, rate: 150 /s}}
pools: [{name: cpu, servers: 2, service: {distribution: exponential, mean: 10 ms}}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good.yaml").write_text(TEXT)
    (tmp_path / "bad.yaml").write_text(TEXT.replace("servers: 2", "servers: 0"))
    return tmp_path


def test_of_several_files_all_are_checked(folder: Path) -> None:
    done = capsim(folder, "check", "bad.yaml", "good.yaml", "absent.yaml")
    assert done.returncode == 2
    assert "good.yaml is a valid scenario." in done.stdout
    assert "must be at least 1, got 0" in done.stderr
    assert "no such file" in done.stderr
    assert "2 of 3 files are no valid scenarios." in done.stderr
    assert capsim(folder, "check", "good.yaml", "good.yaml").returncode == 0


def test_several_files_as_json(folder: Path) -> None:
    done = capsim(folder, "check", "bad.yaml", "good.yaml", "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["schema"], told["valid"]) == (2, "capsim.check/1", False)
    bad, good = told["files"]
    assert (bad["file"], bad["valid"], bad["faults"][0]["line"]) == ("bad.yaml", False, 3)
    assert (good["scenario"], good["warnings"]) == ("small", [])


@pytest.mark.parametrize("command", ["run", "check", "plan", "sweep", "compare"])
def test_faults_are_json_where_the_answer_would_be(folder: Path, command: str) -> None:
    done = capsim(folder, command, "bad.yaml", "--json", *(["good.yaml"] if command == "compare" else []))
    told = json.loads(done.stdout)
    assert (done.returncode, told["schema"], told["source"]) == (2, "capsim.faults/1", "bad.yaml")
    assert told["faults"][0]["path"] == "pools[0].servers"
    assert "must be at least 1, got 0" in done.stderr


def test_a_wrong_command_line_is_json_too(folder: Path) -> None:
    done = capsim(folder, "run", "good.yaml", "--json", "--engine", "quick")
    assert done.returncode == 2
    assert "--engine" in json.loads(done.stdout)["faults"][0]["message"]
    plain = capsim(folder, "run", "good.yaml", "--engine", "quick")
    assert (plain.returncode, plain.stdout) == (2, "")


def test_the_version(folder: Path) -> None:
    assert capsim(folder, "--version") == (0, f"capsim {VERSION}\n", "")


def test_a_scenario_from_standard_input(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load._standard_input.cache_clear()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode())))
    done = capsim(folder, "check", "-", "--set", "pools.cpu.servers=3")
    load._standard_input.cache_clear()
    assert (done.returncode, done.stdout) == (0, "- is a valid scenario.\n")


def test_a_port_in_use_is_bad_input(folder: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        done = capsim(folder, "explore", "--port", str(busy.getsockname()[1]), "--no-browser")
    assert done.returncode == 2
    assert "is in use; choose another" in done.stderr
