"""What is uploaded is read as data, together with the files given with it, and reaches nothing else."""

from __future__ import annotations

from pathlib import Path

import explorer
import pytest
from commanded import capsim
from explorer import ROOT, Page, numbers, settings_of
from streamlit.testing.v1 import AppTest

from capsim import InputError
from capsim.ui.opening import MOST_FILES, Upload, open_upload

page = explorer.page

SCENARIO = """\
name: uploaded $x^2$ ![here](http://example.org/pixel.png)
workload: {arrivals: {process: poisson, rate: 60 /s}}
pools:
  - {name: gpu, servers: 2, profile: ../profiles/mine.yaml, batching: {policy: dynamic, max_batch_size: 2}}
objective: {p99: 80 ms}
run: {horizon: 10 s, replications: 3}
"""
PROFILE = """\
model: m
hardware: {kind: gpu, name: g}
runtime: r 1
precision: fp16
measured: {on: 2026-01-01}
samples: /elsewhere/mine.csv
"""
SAMPLES = "batch_size,latency_ms\n" + "".join(f"{1 + i % 2},{9 + i % 7 + 4 * (i % 2)}\n" for i in range(40))
YAML, CSV = "application/yaml", "text/csv"
BESIDE = [("mine.yaml", PROFILE.encode(), YAML), ("mine.csv", SAMPLES.encode(), CSV)]


def with_upload(page: Page, text: str, beside: list[tuple[str, bytes, str]] | None = None) -> AppTest:
    test = page(scenario="upload:")
    test.file_uploader(key="uploaded").set_value(("own.yaml", text.encode(), YAML))
    if beside:
        test.file_uploader(key="beside").set_value(beside)
    return test.run()


def fault(test: AppTest) -> str:
    assert not test.exception
    assert not test.metric
    return str(next(code.value for code in test.code if "problem" in code.value))


def test_a_scenario_with_its_profile_is_answered(page: Page, tmp_path: Path) -> None:
    test = with_upload(page, SCENARIO, BESIDE)
    assert not test.exception
    (tmp_path / "mine.yaml").write_text(PROFILE.replace("/elsewhere/", ""))
    (tmp_path / "mine.csv").write_text(SAMPLES)
    (tmp_path / "own.yaml").write_text(SCENARIO.replace("../profiles/", ""))
    printed = capsim(tmp_path, "run", "own.yaml").stdout
    for label, value, _ in numbers(test)[:3]:
        assert any(line.startswith(label) and value in line for line in printed.splitlines())
    assert test.query_params["scenario"] == "upload:own.yaml"
    assert any(code.value == "capsim run own.yaml" for code in test.code)
    test.slider(key="set pools.gpu.servers").set_value(3).run()
    assert settings_of(test) == ["pools.gpu.servers=3"]
    assert not test.exception


def test_its_words_are_shown_and_not_acted_on(page: Page) -> None:
    title = with_upload(page, SCENARIO, BESIDE).title[0].value
    assert title == r"uploaded \$x^2\$ \!\[here\]\(http\://example.org/pixel.png\)"


def test_a_missing_profile_is_named(page: Page) -> None:
    told = fault(with_upload(page, SCENARIO))
    assert told.startswith("own.yaml has 1 problem")
    assert "pools[0].profile" in told
    assert "is not among the files given" in told
    half = fault(with_upload(page, SCENARIO, BESIDE[:1]))
    assert "/elsewhere/mine.csv: is not among the files given" in half


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("pools: [", "is not valid YAML"),
        ("just words", "expected a mapping"),
        ("name: x\npools: 3\nwrkload: {}\n", "unknown field"),
        ("!!python/object/apply:os.system ['true']", "a tag such as"),
        ("a: &a [x]\nb: [*a" + ", *a" * 100 + "]\n", "aliases"),
        ("\x00\x01\x02", "is not valid YAML"),
        ("- " * 5000 + "x", "nested more than"),
        ("x" * 300_000, "is larger than 256 KiB"),
    ],
)
def test_what_is_no_scenario_is_the_fault_of_the_command_line(page: Page, tmp_path: Path, text: str, said: str) -> None:
    told = fault(with_upload(page, text))
    assert said in told
    (tmp_path / "own.yaml").write_text(text)
    printed = capsim(tmp_path, "run", "own.yaml")
    assert printed.returncode == 2
    assert told.strip() == printed.stderr.strip()


@pytest.mark.parametrize("outside", [str(ROOT / "profiles"), "..", "../../../../../../../etc"])
def test_an_upload_reads_no_files_of_the_server(page: Page, outside: str) -> None:
    told = fault(with_upload(page, SCENARIO.replace("../profiles", outside)))
    assert "is not among the files given" in told
    trace = SCENARIO.replace("{process: poisson, rate: 60 /s}", f"{{process: trace, file: {outside}/passwd}}")
    assert "is not among the files given" in fault(with_upload(page, trace, BESIDE))


def test_settings_reach_no_files_either(page: Page) -> None:
    test = with_upload(page, SCENARIO, BESIDE)
    test.text_area(key="other settings").set_value(f"pools.gpu.profile={ROOT / 'app.py'}").run()
    assert "is not among the files given" in fault(test)


def test_a_link_to_an_upload_asks_for_it_and_keeps_its_settings(page: Page) -> None:
    test = page("pools.gpu.servers=3", scenario="upload:own.yaml")
    assert "which a link cannot hold" in test.info[0].value
    assert any("pools.gpu.servers=3" in code.value for code in test.code)
    test.file_uploader(key="uploaded").set_value(("own.yaml", SCENARIO.encode(), YAML))
    test.file_uploader(key="beside").set_value(BESIDE).run()
    assert settings_of(test) == ["pools.gpu.servers=3"]
    assert test.slider(key="set pools.gpu.servers").value == 3


def test_a_trace_can_be_given_too() -> None:
    text = SCENARIO.replace("{process: poisson, rate: 60 /s}", "{process: trace, file: logs/t.csv}")
    times = "timestamp_s\n" + "".join(f"{i / 50}\n" for i in range(500))
    files = [Upload(name, content) for name, content, _ in BESIDE]
    opened = open_upload(Upload("own.yaml", text.encode()), [*files, Upload("t.csv", times.encode())])
    assert len(opened.base.workload.arrivals.file.times_s) == 500
    assert opened.scenario(["workload.arrivals.scale=2"]).workload.arrivals.scale == 2


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([".."], "is no name for a file"),
        (["a/.."], "is no name for a file"),
        (["x" * 300], "is no name for a file"),
        (["own.yaml"], "is given twice"),
        ([f"{i}.csv" for i in range(MOST_FILES)], "at most"),
    ],
)
def test_names_that_are_none_are_refused(names: list[str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        open_upload(Upload("own.yaml", SCENARIO.encode()), [Upload(name, b"") for name in names])


def test_too_much_at_once_is_refused() -> None:
    with pytest.raises(InputError, match="larger than 32 MiB"):
        open_upload(Upload("own.yaml", SCENARIO.encode()), [Upload("a.csv", bytes(33 * 1024**2))])


def test_faults_do_not_tell_where_the_server_kept_the_files() -> None:
    with pytest.raises(InputError) as caught:
        open_upload(Upload("own.yaml", SCENARIO.encode()), [Upload("mine.yaml", b"model: 3")])
    assert "capsim-" not in str(caught.value)
    assert "mine.yaml: " in str(caught.value)
