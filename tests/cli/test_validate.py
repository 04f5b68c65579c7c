from __future__ import annotations

import importlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from capsim.cli import app
from capsim.errors import InputError, MissingExtraError
from capsim.scenario import load_scenario
from capsim.validation.points import Effort

# In its package, the function hides the module of the same name.
calibration = importlib.import_module("capsim.validation.calibrate")

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


def filled(folder: Path) -> Path:
    rows = [
        f"{size},{ms * factor}\n" for size, ms in ((1, 5), (4, 6)) for factor in (0.98, 1, 1, 1.02) for _ in range(30)
    ]
    (folder / "profile.csv").write_text("batch_size,latency_ms\n" + "".join(rows))
    (folder / "measured.csv").write_text(MEASURED)
    (folder / "in").mkdir()
    (folder / "in" / "s.yaml").write_text(SCENARIO)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return filled(tmp_path)


def capsim(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    """Commands calibrate by a quarter of the requests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calibration, "EFFORT", Effort(requests=300, replications=1))
        yield


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """A folder with new.yaml, which was calibrated there, and what was said of it."""
    folder = filled(tmp_path_factory.mktemp("calibrated"))
    points = ("--measured", folder / "measured.csv")
    return folder, capsim("calibrate", folder / "in/s.yaml", *points, "--output", folder / "new.yaml", "--json")


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
    assert "covered" in answer.stdout


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


def test_pages_and_pictures_need_no_network(folder: Path) -> None:
    files = ["--html", folder / "v.html", "--png", folder / "v.png"]
    answer = capsim("validate", folder / "in/s.yaml", "--measured", folder / "measured.csv", *files)
    assert answer.exit_code == 0, answer.output
    page = (folder / "v.html").read_text()
    assert "16 clients" in page
    assert "profile only; 3 load points of measured.csv" in page
    assert page.count("<svg") == 3
    assert "<script" not in page
    assert not re.search(r"""(src|href)=["']https?:""", page)
    assert (folder / "v.png").read_bytes().startswith(b"\x89PNG")


def test_what_draws_is_asked_for_before_the_work(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    answer = capsim("validate", folder / "in/s.yaml", "--measured", folder / "no.csv", "--html", folder / "v.html")
    assert isinstance(answer.exception, MissingExtraError)
    assert "capsim[pictures]" in str(answer.exception)


@pytest.mark.xdist_group("calibrated once by command")
def test_a_scenario_takes_over_what_its_sister_was_calibrated_to(calibrated: tuple[Path, Result]) -> None:
    folder, _ = calibrated
    sister, new, both = folder / "new.yaml", folder / "like.yaml", folder / "both.yaml"
    points = ("--measured", folder / "measured.csv")
    answer = capsim("calibrate", folder / "in/s.yaml", "--like", sister, "--output", new, "--json")
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.stdout)["like"] == [str(sister)]
    carried, fitted = load_scenario(new), load_scenario(sister)
    assert carried.pools[0].overhead == fitted.pools[0].overhead
    assert carried.network == fitted.network
    assert json.loads(capsim("run", new, "--json").stdout)["provenance"]["evidence"][0]["level"] == (
        "settings of 1 scenario like it"
    )
    assert capsim("calibrate", folder / "in/s.yaml", *points, "--like", sister, "--output", both).exit_code == 0
    told = load_scenario(both).calibration
    assert told is not None
    assert told.level == "calibrated on 3 points and 1 scenario like it"


def test_calibrate_writes_the_rule_that_others_batch_by(folder: Path) -> None:
    sister, new = folder / "in/sister.yaml", folder / "in/new.yaml"
    document = yaml.safe_load(SCENARIO)
    document["pools"][0]["batching"]["policy"] = "triton_frozen"
    told = {"points": 1, "loads": ["1 clients"], "version": "1", "fitted": []}
    sister.write_text(yaml.safe_dump(document | {"calibration": told}))
    answer = capsim("calibrate", folder / "in/s.yaml", "--like", sister, "--output", new, "--json")
    assert json.loads(answer.stdout)["changed"] == {"pools.gpu.batching.policy": "triton_frozen"}
    assert load_scenario(new).pools[0].batching.policy == "triton_frozen"
    shown = capsim("calibrate", folder / "in/s.yaml", "--like", sister, "--output", new, "--force")
    assert "pools.gpu.batching.policy triton_frozen: as most others" in shown.stdout


def test_calibrate_needs_something_to_go_by(folder: Path) -> None:
    assert capsim("calibrate", folder / "in/s.yaml", "--output", folder / "new.yaml").exit_code == 2
    answer = capsim("calibrate", folder / "in/s.yaml", "--like", folder / "in/s.yaml", "--output", folder / "new.yaml")
    assert isinstance(answer.exception, InputError)
    assert "capsim calibrate" in str(answer.exception)


@pytest.mark.xdist_group("calibrated once by command")
def test_calibrate_writes_a_scenario_that_says_where_it_comes_from(calibrated: tuple[Path, Result]) -> None:
    folder, answer = calibrated
    new = folder / "new.yaml"
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
