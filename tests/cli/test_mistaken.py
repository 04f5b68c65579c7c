"""One thing taken for another: the fault says what it is, and what was meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commanded import capsim

SCENARIO = """# a scenario, with commas
name: small
workload: {arrivals: {process: closed_loop, clients: 2}}
pools: [{name: cpu, servers: 1, service: {distribution: constant, mean: 5 ms}}]
"""
FILES = {
    "s.yaml": SCENARIO,
    "profile.yaml": "model: bert\nhardware: {kind: cpu, name: x}\nruntime: y\n",
    "profile.csv": "batch_size,latency_ms\n1,5\n",
    "trace.csv": "timestamp_s\n1\n2\n",
    "trace_of_items.csv": "timestamp_s,items\n1,3\n",
    "answer.json": '{"schema": "capsim.result/1", "scenario": "small"}',
    "comma.csv": 'clients,throughput_per_s,p99_ms\n1,"5,5",7.2\n',
    "log.csv": 'sent_s,latency_ms\n0,"5,5"\n',
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("s.yaml", "is a scenario, not measurements; capsim run and plan take it"),
        ("profile.yaml", "is a latency profile, not measurements; a scenario names it"),
        ("profile.csv", "is a latency profile, not measurements; a scenario names it"),
        ("trace.csv", "is a trace of arrivals, not measurements; a scenario names it as workload.arrivals.file"),
        ("trace_of_items.csv", "is a trace of arrivals, not measurements"),
        ("answer.json", "is an answer of capsim (capsim.result/1), not measurements"),
        ("comma.csv", "expected a number above 0, got '5,5'; write a point in place of the comma: 5.5"),
        ("log.csv", "expected milliseconds above 0, got '5,5'; write a point in place of the comma: 5.5"),
    ],
)
def test_what_is_given_as_measurements(folder: Path, file: str, said: str) -> None:
    done = capsim(folder, "validate", "s.yaml", "--measured", file)
    assert done.returncode == 2
    assert said in done.stderr


def test_a_table_of_other_columns_with_decimal_commas(folder: Path) -> None:
    columns = ["clients=clients", "throughput_per_s=throughput_per_s", "p99=p99_ms"]
    words = [word for column in columns for word in ("--column", column)]
    done = capsim(folder, "validate", "s.yaml", "--measured", "comma.csv", *words)
    assert "write a point in place of the comma: 5.5" in done.stderr


@pytest.mark.parametrize(
    ("vary", "such"),
    [
        ("pools.cpu.service.mean=10:50", "a range carries its unit, such as 5 ms:25 ms:5 ms"),
        ("network.client.latency=1:3", "a range carries its unit, such as 5 ms:25 ms:5 ms"),
        (
            "workload.arrivals={process: poisson, rate: 10},{process: poisson, rate: 20}",
            "such as 200 /s:1000 /s:200 /s",
        ),
    ],
)
def test_a_range_without_its_unit(folder: Path, vary: str, such: str) -> None:
    assert such in capsim(folder, "sweep", "s.yaml", "--vary", vary).stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("run s.yaml --engine compild", "'compild' is not one of 'auto', 'simpy', 'compiled'; did you mean compiled?"),
        ("plan s.yaml --vary a=1:3 b=2", "--vary takes one setting, give it again: --vary a=1:3 --vary b=2"),
        ("run s.yaml --set a=1 b=2", "--set takes one setting, give it again: --set a=1 --set b=2"),
        ("profile measure --batch-sizes 4 8", "several are parted by commas: --batch-sizes 4,8"),
        ("profile import onnxruntime s.yaml --batch-sizes 4 8", "several are parted by commas: --batch-sizes 4,8"),
        ("schema resul", "got 'resul'; did you mean result?"),
    ],
)
def test_words_that_are_not_understood(folder: Path, words: str, said: str) -> None:
    done = capsim(folder, *words.split())
    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())
    assert "Value error" not in done.stderr


def test_files_that_are_not_there_are_told_as_ever(folder: Path) -> None:
    done = capsim(folder, "profile", "import", "onnxruntime", "none.json")
    assert "none.json has 1 problem\n    no such file" in done.stderr


@pytest.mark.parametrize(("name", "same"), [("result", "run"), ("calibration", "calibrate")])
def test_schemas_go_by_the_names_of_answers_too(tmp_path: Path, name: str, same: str) -> None:
    assert json.loads(capsim(tmp_path, "schema", name).stdout) == json.loads(capsim(tmp_path, "schema", same).stdout)


def test_the_evidence_of_many_pools_is_counted(tmp_path: Path) -> None:
    service = {"distribution": "constant", "mean": "1 ms"}
    pools = [{"name": f"p{number}", "servers": 1, "service": service} for number in range(60)]
    load = {"arrivals": {"process": "poisson", "rate": "10 /s"}}
    scenario = {
        "name": "many",
        "workload": load,
        "pools": pools,
        "route": [{"pools": [pool["name"] for pool in pools]}],
    }
    (tmp_path / "many.yaml").write_text(json.dumps(scenario | {"run": {"horizon": "5 s", "replications": 2}}))
    done = capsim(tmp_path, "run", "many.yaml")
    [line] = [line for line in done.stdout.splitlines() if line.startswith("evidence")]
    assert line.startswith("evidence    60 pools: assumed distribution;")
