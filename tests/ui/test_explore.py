"""The first page: every knob moves the answer, the address holds the state, the command gives the same numbers."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import explorer
import pytest
from commanded import capsim
from explorer import QUICK, ROOT, Page, numbers, settings_of, verdict
from streamlit.testing.v1 import AppTest

from capsim import load_scenario, shipped, simulate
from capsim.report.sentences import dollars, range_of, verdict_of
from capsim.report.text import duration

page = explorer.page

KNOBS = [
    ("slider", "workload.arrivals.rate", 60.0, "60 /s"),
    ("slider", "pools.cpu.servers", 14, "14"),
    ("select_slider", "pools.cpu.batching.max_batch_size", 1, "1"),
    ("select_slider", "pools.cpu.batching.max_queue_delay", 50_000_000, "50 ms"),
    ("selectbox", "pools.cpu.batching", "none", "{policy: none}"),
    (
        "selectbox",
        "pools.cpu.profile",
        "shipped:cpu-amd-epyc-zen4-1core/bert-base-fp32-onnxruntime",
        "shipped:cpu-amd-epyc-zen4-1core/bert-base-fp32-onnxruntime",
    ),
    ("number_input", "pools.cpu.price.usd_per_hour", 0.08, "0.08"),
    ("number_input", "objective.p99", 160.0, "0.16 s"),
    ("number_input", "run.seed", 3, "3"),
    ("slider", "run.replications", 5, "5"),
    ("select_slider", "run.horizon", 30_000_000_000, "30 s"),
]


def shown_command(test: AppTest) -> str:
    return next(code.value for code in test.code if code.value.startswith("capsim run"))


def answer_of(command: str) -> dict[str, Any]:
    """What the command prints, run as it is shown."""
    words = shlex.split(command)
    assert words[0] == "capsim"
    answer: dict[str, Any] = json.loads(capsim(ROOT, *words[1:], "--json").stdout)
    return answer


def test_the_page_shows_the_answer_of_the_scenario(page: Page) -> None:
    test = page(*QUICK, whole=True)
    result = simulate(load_scenario("shipped:image-classification", QUICK))
    assert not test.exception
    assert verdict(test) == verdict_of(result).sentence
    shown = {label: (value, below) for label, value, below in numbers(test)}
    for name in ("p50", "p95", "p99"):
        assert shown[name] == (duration(result.latency_s[name].value), range_of(result.latency_s[name]))
    assert shown["Utilisation"] == (f"{result.pools[0].utilisation:.1%}", "of pool cpu")
    assert result.cost is not None
    assert shown["Cost a month"][0] == dollars(result.cost.usd_per_month)
    for warning in result.warnings:
        assert any(f"**{warning.code}**" in box.value for box in test.warning)
    assert len(test.get("vega_lite_chart")) == 4
    [headroom] = [caption.value for caption in test.caption if "The objective is met up to" in caption.value]
    assert "best guesses of the simulation, without what profile and calibration don't know" in headroom


@pytest.mark.parametrize(("kind", "path", "value", "text"), KNOBS, ids=[path for _, path, _, _ in KNOBS])
def test_each_knob_moves_the_answer_and_the_address(page: Page, kind: str, path: str, value: Any, text: str) -> None:
    test = page(*QUICK, "workload.arrivals.rate=115 /s")
    before = numbers(test), verdict(test)
    getattr(test, kind)(key=f"set {path}").set_value(value).run()
    assert not test.exception
    assert f"{path}={text}" in settings_of(test)
    assert shlex.join(["--set", f"{path}={text}"]) in shown_command(test)
    assert (numbers(test), verdict(test)) != before


@pytest.mark.parametrize("name", shipped.names("scenarios"))
def test_every_shipped_scenario_is_shown(page: Page, name: str) -> None:
    quick = ("run.horizon=20 s", "run.warmup=auto", "run.replications=3")
    test = page(*quick, scenario=f"shipped:{name}", whole=True)
    assert not test.exception
    assert test.metric
    assert shown_command(test).startswith(f"capsim run shipped:{name}")


def test_a_link_reproduces_the_page(page: Page) -> None:
    moved = page(*QUICK)
    moved.slider(key="set pools.cpu.servers").set_value(11).run()
    moved.selectbox(key="set pools.cpu.batching").set_value("tf_serving").run()
    moved.select_slider(key="set pools.cpu.batching.batch_timeout_micros").set_value(20_000_000).run()
    again = page(*settings_of(moved), scenario=moved.query_params["scenario"])
    assert settings_of(again) == [
        *QUICK,
        "pools.cpu.servers=11",
        "pools.cpu.batching={policy: tf_serving, max_batch_size: 4, batch_timeout_micros: 20000}",
    ]
    assert numbers(again) == numbers(moved)
    assert verdict(again) == verdict(moved)
    assert again.slider(key="set pools.cpu.servers").value == 11


def test_the_shown_command_gives_the_same_numbers(page: Page) -> None:
    test = page(*QUICK, "pools.cpu.servers=9", "pools.cpu.queue.timeout=1 s")
    test.slider(key="set workload.arrivals.rate").set_value(84.0).run()
    answer = answer_of(shown_command(test))
    assert answer["pools"][0]["servers"] == 9
    shown = {label: (value, below) for label, value, below in numbers(test)}
    for name in ("p50", "p95", "p99"):
        assert shown[name][0] == duration(answer["latency_s"][name]["value"])
    assert shown["Throughput"][0] == f"{answer['throughput_per_s']['value']:.4g} /s"
    assert shown["Cost a month"][0] == dollars(answer["cost"]["usd_per_month"])
    assert verdict(test).startswith(("Met", "Probably met")) == answer["objective"]["met"]


def test_moving_back_leaves_nothing_in_the_address(page: Page) -> None:
    test = page(*QUICK)
    test.slider(key="set pools.cpu.servers").set_value(11).run()
    test.slider(key="set pools.cpu.servers").set_value(10).run()
    assert settings_of(test) == list(QUICK)
    test = page("pools.cpu.servers=11", "network.client.latency=1 ms", *QUICK)
    next(button for button in test.button if "as given" in button.label).click().run()
    assert settings_of(test) == []
    assert test.slider(key="set pools.cpu.servers").value == 10


def test_what_is_too_far_to_slide_to_can_be_typed(page: Page) -> None:
    test = page("run.horizon=1 s", "run.replications=3")
    test.number_input(key="type workload.arrivals.rate").set_value(3000.0).run()
    test.number_input(key="type pools.cpu.servers").set_value(400).run()
    assert not test.exception
    assert settings_of(test)[-2:] == ["workload.arrivals.rate=3000 /s", "pools.cpu.servers=400"]
    assert test.slider(key="set workload.arrivals.rate").value == 3000
    assert test.slider(key="set pools.cpu.servers").value == 400
    assert shown_number(test, "Throughput") > 2000


def shown_number(test: AppTest, label: str) -> float:
    return float(next(value for name, value, _ in numbers(test) if name == label).split()[0])


def test_each_setting_can_be_taken_back_also_a_wrong_one(page: Page) -> None:
    test = page("pools.cpu.servers=-3", "pools.cpu.queue.capacity=8", *QUICK)
    assert not test.metric
    label = next(button.label for button in test.button if "servers" in button.label)
    next(button for button in test.button if button.label == label).click().run()
    assert settings_of(test) == ["pools.cpu.queue.capacity=8", *QUICK]
    assert test.metric
    next(button for button in test.button if "capacity" in button.label).click().run()
    assert settings_of(test) == list(QUICK)


def test_controls_of_several_pools_have_names_of_their_own_and_every_pool_a_price(page: Page) -> None:
    test = page("run.horizon=20 s", "run.replications=3", scenario="shipped:re-ranking")
    assert all(label != "Cost a month" for label, _, _ in numbers(test))
    test.number_input(key="set pools.gpu.price.usd_per_hour").set_value(4.0).run()
    assert any(label == "Cost a month" for label, _, _ in numbers(test))
    test = page("run.horizon=20 s", "run.replications=3", scenario="shipped:cpu-and-gpu")
    widgets = [*test.slider, *test.select_slider, *test.selectbox, *test.number_input]
    labels = [widget.label for widget in widgets]
    assert len(labels) == len(set(labels))
    assert {"Servers, cpu", "Servers, gpu"} <= set(labels)


def test_other_settings_are_taken_as_the_command_line_takes_them(page: Page) -> None:
    test = page(*QUICK)
    area = test.text_area(key="other settings")
    area.set_value("network.client.latency=50 ms\npools.cpu.queue.capacity=8").run()
    assert settings_of(test) == [*QUICK, "network.client.latency=50 ms", "pools.cpu.queue.capacity=8"]
    result = simulate(load_scenario("shipped:image-classification", settings_of(test)))
    assert numbers(test)[0][1] == duration(result.latency_s["p50"].value)
    test.text_area(key="other settings").set_value("pools.cpu.queue.capacity=8").run()
    assert settings_of(test) == [*QUICK, "pools.cpu.queue.capacity=8"]


@pytest.mark.parametrize(
    "settings",
    [
        ("pools[0].severs", "pools[0].severs=3"),
        ("pools[0].servers", "pools.cpu.servers=0", "run.drain=5"),
        ("no path", "no path"),
        ("pools[0].profile", "pools.cpu.profile=/etc/passwd"),
        ("pools[0].profile", "pools.cpu.profile=../profiles/x.yaml"),
        ("workload.arrivals.file", "workload.arrivals={process: trace, file: /etc/passwd}"),
    ],
)
def test_a_fault_is_told_and_nothing_else_is_lost(page: Page, settings: tuple[str, ...]) -> None:
    place, *given = settings
    test = page(*QUICK, *given)
    assert not test.exception
    told = next(code.value for code in test.code if "problem" in code.value)
    assert place in told
    assert "root:" not in told
    assert not test.metric
    assert test.slider(key="set workload.arrivals.rate").value == 100
    test.query_params["set"] = list(QUICK)
    assert test.run().metric


def test_faults_read_as_on_the_command_line(page: Page) -> None:
    wrong = ("pools.cpu.severs=3", "workload.arrivals.rate=fast")
    test = page(*wrong)
    settings = [word for setting in wrong for word in ("--set", setting)]
    printed = capsim(ROOT, "run", "shipped:image-classification", *settings).stderr
    assert next(code.value for code in test.code if "problem" in code.value).strip() == printed.strip()


@pytest.mark.parametrize("name", ["/etc/passwd", "../../app.py", "shipped:../../etc/passwd", "nothing"])
def test_a_link_opens_no_files_of_the_server(page: Page, name: str) -> None:
    test = page(scenario=name)
    assert not test.exception
    assert "is not among the shipped scenarios" in test.code[0].value
    test.selectbox(key="scenario").set_value("shipped:image-classification").run()
    assert test.metric


def test_a_saturated_system_says_so(page: Page) -> None:
    test = page(*QUICK, "workload.arrivals.rate=190 /s")
    assert verdict(test).startswith("Saturated: 190 requests/s are offered and at most 122.2 requests/s can be served.")
    assert any("**overload**" in box.value for box in test.warning)


@pytest.mark.parametrize(
    "settings",
    [
        ("pools.cpu.servers=1", "workload.arrivals.rate=8 /s"),
        ("network.client.latency=100 s", "run.drain=0 s"),
        ("pools.cpu.queue.timeout=1 us", "workload.arrivals.rate=200 /s", "objective={mean: 50 ms, p999: 1 s}"),
        ("workload.items_per_request=4",),
        ("pools.cpu.instances=2", "pools.cpu.front_end.before=1 ms"),
    ],
)
def test_extremes_are_shown_too(page: Page, settings: tuple[str, ...]) -> None:
    test = page(*QUICK, *settings, whole=True)
    assert not test.exception
    assert test.metric


@pytest.mark.parametrize("settings", [("run.replications=1",), ("run.replications=", "run.precision=5 %")])
def test_any_number_of_replications_is_shown(page: Page, settings: tuple[str, ...]) -> None:
    test = page("run.horizon=10 s", *settings, whole=True)
    assert not test.exception
    assert test.metric


def test_a_simulation_too_large_for_a_page_is_refused_with_its_command(page: Page) -> None:
    test = page("run.horizon=30 d")
    assert not test.exception
    assert "this page simulates at most" in next(code.value for code in test.code if "problem" in code.value)
    assert shown_command(test) == "capsim run shipped:image-classification --set 'run.horizon=30 d'"


def test_a_curve_that_takes_long_waits_until_it_is_asked_for(page: Page) -> None:
    test = page(*QUICK)
    assert test.metric
    assert len(test.get("vega_lite_chart")) == 3
    next(button for button in test.button if button.label.startswith("Simulate it")).click().run()
    assert len(test.get("vega_lite_chart")) == 4


@pytest.mark.parametrize(
    "arrivals",
    [
        "{process: closed_loop, clients: 12, think_time: 50 ms}",
        "{process: poisson, rate: {daily: {mean: 50 /s, peak: 80 /s, period: 10 s, peak_at: 5 s}}}",
        "{process: deterministic, rate: 90 /s}",
    ],
)
def test_every_kind_of_load_has_its_control_and_its_curve(page: Page, arrivals: str) -> None:
    test = page(*QUICK, f"workload.arrivals={arrivals}", whole=True)
    assert not test.exception
    assert test.metric
    control = next(slider for slider in test.slider if str(slider.key).startswith("set workload.arrivals."))
    before = numbers(test)
    control.set_value(6 if "clients" in str(control.key) else 30.0).run()
    assert not test.exception
    assert numbers(test) != before


@pytest.mark.parametrize(
    ("setting", "axis"),
    [
        ("clients={timeout: 1 s, cancel: true}", "offered load (requests/s)"),
        ("workload.arrivals={process: closed_loop, clients: 12}", "clients"),
    ],
)
def test_the_curve_says_what_load_is_also_where_no_formula_knows_the_capacity(
    page: Page, setting: str, axis: str
) -> None:
    test = page(*QUICK, setting, whole=True)
    assert any(f'"title": "{axis}"' in chart.proto.spec for chart in test.get("vega_lite_chart"))


def test_the_file_given_at_the_start_is_shown_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "own.yaml"
    text = "name: own\nworkload: {arrivals: {process: poisson, rate: 40 /s}}\nrun: {horizon: 10 s, replications: 3}\n"
    file.write_text(f"{text}pools: [{{name: gpu, servers: 2, service: {{distribution: constant, mean: 5 ms}}}}]\n")
    monkeypatch.setenv("CAPSIM_EXPLORE", str(file))
    test = AppTest.from_file(ROOT / "app.py", default_timeout=120).run()
    assert test.title[0].value == "own"
    assert shown_command(test) == f"capsim run {file}"
    assert answer_of(shown_command(test))["scenario"] == "own"
    assert verdict(test).startswith("No objective is set")


def test_a_scenario_too_large_for_the_page_says_how_much_it_takes(page: Page) -> None:
    test = page("pools.cpu.servers=100000", "pools.cpu.instances=1024")
    assert "of memory would be taken, and at most 1 GB is given here" in " ".join(code.value for code in test.code)


def test_a_window_of_a_nanosecond_is_answered(page: Page) -> None:
    test = page("run.horizon=1 ns", "run.warmup=auto", "run.replications=1")
    assert not test.exception
    assert not any("ZeroDivision" in code.value for code in test.code)


def test_classes_have_a_table_and_controls_of_their_own(page: Page) -> None:
    strict = "workload.classes.interactive.objective.p99=50 ms"
    test = page("run.horizon=10 s", "run.replications=3", strict, scenario="interactive-and-bulk")
    assert not test.exception
    classes, pools = (frame.value for frame in test.dataframe)
    assert classes["class"].tolist() == ["interactive", "bulk"]
    assert classes["cost"].sum() == pytest.approx(1)
    assert classes["verdict"][0].startswith("not met")
    assert "wasted" not in pools
    assert "interactive p99" in verdict(test)
    test.slider(key="set workload.classes.bulk.priority").set_value(0).run()
    assert "workload.classes.bulk.priority=0" in settings_of(test)
    mixed = test.dataframe[0].value
    assert mixed["done/s"][0] == pytest.approx(classes["done/s"][0], rel=0.05)
    assert mixed["p99"][0] != classes["p99"][0]


def test_what_is_sent_again_is_told_with_what_is_wasted(page: Page) -> None:
    test = page("run.replications=1", scenario="retry-storm")
    assert verdict(test).startswith("Metastable: ")
    assert "wasted" in test.dataframe[0].value
    assert any("retried" in caption.value for caption in test.caption)
    test.slider(key="set clients.retry.most").set_value(1)
    test.number_input(key="set clients.retry.budget").set_value(10.0).run()
    assert "clients.retry.budget=10 %" in settings_of(test)
    assert not verdict(test).startswith("Metastable: ")
