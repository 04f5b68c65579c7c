"""What `validate` and `calibrate` ask about files of measurements."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from capsim.cli import app

SCENARIO = """
name: small
workload: {arrivals: {process: closed_loop, clients: 2}}
pools: [{name: a, hardware: cpu, servers: 4, service: {distribution: gamma, mean: 9 ms, cv: 0.1}}]
"""
SAMPLES = Path(__file__).parents[1] / "unit" / "importer" / "samples"


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    path = tmp_path / "s.yaml"
    path.write_text(SCENARIO)
    return path


def capsim(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_several_files_are_one_campaign_each_with_its_own_clients(scenario: Path) -> None:
    files = ("--measured", SAMPLES / "hey.txt", "--measured", SAMPLES / "hey.txt")
    answer = capsim("validate", scenario, *files, "--clients", "8,9", "--json")
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.stdout)
    assert [point["clients"] for point in told["points"]] == [8, 9]
    assert told["measured"] == "hey.txt, hey.txt"
    assert told["origin"]["format"] == "hey-text"
    assert told["origin"]["loop"] == "closed"
    assert "failed_requests" in {warning["code"] for warning in told["warnings"]}


def test_the_answer_says_what_was_read(scenario: Path) -> None:
    answer = capsim("validate", scenario, "--measured", SAMPLES / "wrk.txt")
    assert answer.exit_code == 0
    assert "measured with wrk (format wrk), closed loop" in " ".join(answer.stdout.split())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--clients", "many"], "a whole number from 1"),
        (["--clients", "1.5"], "a whole number from 1"),
        (["--clients", "1,2"], "one number, or one for each of the 1 files"),
        (["--rate", "-3"], "requests/s above 0"),
        (["--clients", "8", "--rate", "3"], "either of clients or of a rate"),
        (["--format", "hay"], "unknown format 'hay'"),
        (["--only", "x", "--clients", "8"], "means nothing for the format hey-text"),
        ([], "does not say with how many clients"),
    ],
)
def test_what_is_told_wrongly_or_not_at_all_ends_with_two(scenario: Path, options: list[str], said: str) -> None:
    answer = capsim("validate", scenario, "--measured", SAMPLES / "hey.txt", *options)
    words = " ".join(f"{answer.output} {answer.exception}".replace("│", " ").split())
    assert answer.exit_code == 2 or type(answer.exception).__name__ == "InputError", words
    assert said in words


def test_options_about_a_file_need_one(scenario: Path, tmp_path: Path) -> None:
    answer = capsim("calibrate", scenario, "--like", scenario, "--clients", "3", "--output", tmp_path / "n.yaml")
    assert answer.exit_code == 2
    assert "nothing to read without --measured" in " ".join(answer.output.replace("│", " ").split())
