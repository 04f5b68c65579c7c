from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from capsim.cli import app
from capsim.errors import InputError
from capsim.scenario import load_scenario

SCENARIO = """
# a comment
name: small
workload: {arrivals: {process: closed_loop, clients: 2}}
pools:
  - name: gpu
    servers: 1
    profile: ../profile.csv
    batching: {policy: triton, max_batch_size: 4}
"""
MEASURED = "clients,throughput_per_s,mean_ms,p99_ms\n1,160,6.2,7.0\n4,400,10.0,11.0\n16,560,28.5,31.0\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = [
        f"{size},{ms * factor}\n" for size, ms in ((1, 5), (4, 6)) for factor in (0.98, 1, 1, 1.02) for _ in range(30)
    ]
    (tmp_path / "profile.csv").write_text("batch_size,latency_ms\n" + "".join(rows))
    (tmp_path / "measured.csv").write_text(MEASURED)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "s.yaml").write_text(SCENARIO)
    return tmp_path


def capsim(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_validate_predicts_every_point(folder: Path) -> None:
    answer = capsim("validate", folder / "in/s.yaml", "--measured", folder / "measured.csv", "--json")
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.stdout)
    assert [point["clients"] for point in told["points"]] == [1, 4, 16]
    for point in told["points"]:
        assert set(point["predicted"]) == set(point["measured"]) == {"throughput_per_s", "mean_ms", "p99_ms"}
        for metric, (low, high) in point["predicted_pi90"].items():
            assert low < point["predicted"][metric] < high
            assert point["error"][metric] == pytest.approx(point["predicted"][metric] / point["measured"][metric] - 1)
    assert set(told["error"]["p99_ms"]) >= {"median", "p90"}
    assert told["evidence"] == "profile only"


def test_validate_prints_tables(folder: Path) -> None:
    answer = capsim("validate", folder / "in/s.yaml", "--measured", folder / "measured.csv")
    assert answer.exit_code == 0
    assert "16 clients" in answer.stdout
    assert "interval covers" in answer.stdout


@pytest.mark.parametrize(("limit", "code"), [("p99=90%", 0), ("mean_ms=90 %", 0), ("throughput=0.001%", 1)])
def test_fail_above_is_for_ci(folder: Path, limit: str, code: int) -> None:
    answer = capsim(
        "validate", folder / "in/s.yaml", "--measured", folder / "measured.csv", "--fail-above", limit, "--json"
    )
    assert answer.exit_code == code
    assert json.loads(answer.stdout)["points"]


@pytest.mark.parametrize("limit", ["p98=5%", "p99", "p99=5", "p95=5%"])
def test_limits_that_mean_nothing_are_refused(folder: Path, limit: str) -> None:
    answer = capsim("validate", folder / "in/s.yaml", "--measured", folder / "measured.csv", "--fail-above", limit)
    assert answer.exit_code == 2


def test_calibrate_writes_a_scenario_that_says_where_it_comes_from(folder: Path) -> None:
    new = folder / "new.yaml"
    answer = capsim("calibrate", folder / "in/s.yaml", "--measured", folder / "measured.csv", "--output", new, "--json")
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.stdout)
    assert told["points"] == 3
    written = yaml.safe_load(new.read_text())
    assert written["pools"][0]["profile"] == "profile.csv"
    assert written["calibration"]["measured"] == "measured.csv"
    scenario = load_scenario(new)
    assert scenario.calibration is not None
    for parameter in scenario.calibration.fitted:
        assert parameter.value > 0
    again = capsim("validate", new, "--measured", folder / "measured.csv", "--json", "--output", folder / "valid.yaml")
    assert json.loads(again.stdout)["error"]["mean_ms"]["median"] < 0.1
    validated = load_scenario(folder / "valid.yaml")
    assert validated.validation is not None
    assert (validated.validation.points, validated.validation.unseen) == (3, 0)


def test_a_folder_that_does_not_exist_is_told_before_the_work(folder: Path) -> None:
    answer = capsim(
        "calibrate", folder / "in/s.yaml", "--measured", folder / "measured.csv", "--output", folder / "no/new.yaml"
    )
    assert isinstance(answer.exception, InputError)


def test_wrong_columns_are_bad_input(folder: Path) -> None:
    (folder / "wrong.csv").write_text("clients,p99_s\n1,0.1\n")
    answer = capsim("validate", folder / "in/s.yaml", "--measured", folder / "wrong.csv")
    assert isinstance(answer.exception, InputError)
    assert "latencies are in ms" in str(answer.exception)
