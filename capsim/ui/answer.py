"""What follows: the verdict first, then numbers, pictures, and how to have the same answer elsewhere."""

from __future__ import annotations

import re
from typing import Any

import streamlit as st

from capsim.errors import CapsimError
from capsim.export.scenario import scenario_text
from capsim.planner.load_curve import curve_loads, curve_requests, load_of, point_of, saturation_of
from capsim.report.charts.breakdown import batches_chart, breakdown_chart
from capsim.report.charts.latency import latency_chart
from capsim.report.charts.load import load_chart
from capsim.report.charts.theme import on_page
from capsim.report.classes import sending
from capsim.report.sentences import counted, dollars, headroom_sentence, range_of, spread_note, verdict_of
from capsim.report.text import duration, evidence
from capsim.scenario import Scenario
from capsim.scenario.controls import LOAD, controls
from capsim.scenario.controls.control import path_of
from capsim.stats import Interval, Result
from capsim.ui.link import State
from capsim.ui.opening import Opened
from capsim.ui.simulated import answer_to, curve_point, headroom_of
from capsim.ui.tables import classes_table, pools_table
from capsim.ui.words import escaped, show_fault

BOXES = {
    "met": (st.success, ":material/check_circle:"),
    "not met": (st.error, ":material/cancel:"),
    "unknown": (st.warning, ":material/help:"),
    "saturated": (st.error, ":material/trending_up:"),
    "metastable": (st.error, ":material/cyclone:"),
    "answered": (st.info, ":material/info:"),
}
KEY = (
    "The band is the 95 % interval; triangles miss the objective, crosses are saturated. Curve and the load up to "
    "which the objective is met are best guesses of the simulation, without what profile and calibration don't know."
)
NOTHING = "No request completes."
CURVE_REQUESTS = 5_000_000
"""A curve of more is simulated when it is asked for."""
CELL_PX = 150
"""Six stand beside each other on a laptop, two on a phone."""


def show(opened: Opened, now: Scenario, state: State) -> None:
    """The answer to a scenario with settings, as far as it comes."""
    try:
        result = answer_to(now)
    except CapsimError as error:
        st.title(escaped(now.name))
        show_fault(error)
        show_command(state)
        return
    st.title(escaped(now.name))
    _verdict(result)
    _numbers(result)
    for warning in result.warnings:
        st.warning(f"**{warning.code}**  {escaped(warning.message)}", icon=":material/warning:")
    dark = st.context.theme.type == "dark"
    left, right = st.columns(2)
    with left:
        st.header("How latencies spread")
        _picture(latency_chart(result, dark=dark), NOTHING, spread_note(result), dark=dark)
    with right:
        st.header("p99 against load")
        curve = st.empty()
        told = st.empty()
    if len(result.classes) > 1:
        st.header("Classes")
        classes_table(result)
    left, right = st.columns(2)
    with left:
        st.header("Where the time goes")
        _picture(breakdown_chart(result, dark=dark), NOTHING, dark=dark)
    with right:
        st.header("Pools")
        pools_table(result)
        for line in sending(result):
            st.caption(escaped(line.plain))
        _picture(batches_chart(result), dark=dark)
    show_command(state)
    _downloads(opened, result, state)
    _curve(curve, opened, now, state, result, dark=dark)
    told.caption(KEY)
    if result.objective is not None and result.objective.met:
        with told:
            headroom = headroom_of(now)
        told.caption(KEY if headroom is None else f"**{escaped(headroom_sentence(headroom))}** {KEY}")


def ask_for_file(state: State) -> None:
    """What is missing where the address names an uploaded file."""
    name = state.scenario.partition(":")[2]
    if name:
        said = f"This link was made with the uploaded file {name}, which a link cannot hold. Upload it again to go on."
        st.info(escaped(said), icon=":material/upload_file:")
        if state.settings:
            st.caption("The settings in the link are kept:")
            st.code("\n".join(state.settings), language=None)
    else:
        st.info("Upload a scenario on the left. It is kept in the memory of this server for as long as it runs.")


def show_command(state: State) -> None:
    """The command that gives the same answer."""
    st.header("The same on the command line")
    st.code(state.command, language="bash", wrap_lines=True)
    if state.uploaded:
        st.caption("Run it in the folder of the uploaded file; this page's address holds the settings, not the file.")
    else:
        st.caption("This page's address holds everything too: kept or sent, it shows the same again.")


def _verdict(result: Result) -> None:
    verdict = verdict_of(result)
    box, icon = BOXES[verdict.kind]
    if not verdict.sure:
        box, icon = st.warning, ":material/help:"
    box(f"**{escaped(verdict.sentence)}**", icon=icon)
    st.caption(f"Evidence: {escaped(evidence(result))}.")


def _numbers(result: Result) -> None:
    cells: list[tuple[str, str, str]] = [
        (name, duration(result.latency_s[name].value), range_of(result.latency_s[name]))
        for name in ("p50", "p95", "p99")
    ]
    cells.append(("Throughput", *_throughput(result.throughput_per_s)))
    busiest = max(result.pools, key=lambda pool: pool.utilisation)
    cells.append(("Utilisation", f"{busiest.utilisation:.1%}", f"of pool {busiest.name}"))
    fullest = max(result.pools, key=lambda pool: pool.load_over_capacity)
    cells.append(("Load", f"{fullest.load_over_capacity:.1%}", f"of what {fullest.name} bears"))
    if result.cost is not None:
        million = result.cost.usd_per_million_requests
        each = "" if million is None else f"{dollars(million)} per million"
        cells.append(("Cost a month", dollars(result.cost.usd_per_month), each))
    with st.container(horizontal=True):
        for label, value, below in cells:
            st.metric(label, value, below or None, delta_color="off", delta_arrow="off", border=True, width=CELL_PX)


def _throughput(interval: Interval) -> tuple[str, str]:
    if interval.value is None:
        return "–", ""
    between = "" if interval.ci95 is None else f"{interval.ci95[0]:.4g} to {interval.ci95[1]:.4g}"
    return f"{interval.value:.4g} /s", between


def _picture(chart: Any, instead: str = "", below: str = "", *, dark: bool) -> None:
    if chart is None:
        st.caption(instead)
        return
    st.altair_chart(on_page(chart, dark=dark), theme="streamlit")
    st.caption(escaped(below))


def _curve(place: Any, opened: Opened, now: Scenario, state: State, result: Result, *, dark: bool) -> None:
    """The curve, drawn when its points are there; they do not depend on the load of today."""
    paths = [control.path for control in controls(opened.base, now) if control.group == LOAD]
    kept = [setting for setting in state.settings if paths != [path_of(setting)]]
    unloaded = opened.scenario(kept)
    saturation, closed = saturation_of(now), now.workload.combined.clients is not None
    base = now if closed else unloaded
    requests = curve_requests(base)
    if requests > CURVE_REQUESTS and not place.button(f"Simulate it, about {counted(requests)} requests"):
        return
    loads, points = curve_loads(base), []
    for i, each in enumerate(loads):
        place.progress(i / len(loads), f"Simulating load {i + 1} of {len(loads)}")
        points.append(curve_point(base, each))
    targets = result.objective.targets_s if result.objective else {}
    title = "offered load (requests/s)"
    if closed:
        title = "clients" if len(now.classes) == 1 else "clients, and other classes as many times more"
    chart = load_chart(points, point_of(result, load_of(now)), title, saturation, targets.get("p99"), dark=dark)
    if chart is None:
        place.caption("No request completes at any load.")
    else:
        place.altair_chart(on_page(chart, dark=dark), theme="streamlit")


def _downloads(opened: Opened, result: Result, state: State) -> None:
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", result.scenario).strip("-.")[:60] or "scenario"
    head = [f"As explored: {state.command}"] if state.settings else []
    left, right = st.columns(2)
    left.download_button(
        "Answer (JSON)",
        result.to_json(),
        f"{stem}.json",
        "application/json",
        icon=":material/download:",
        on_click="ignore",
        width="stretch",
    )
    right.download_button(
        "Scenario with these settings (YAML)",
        scenario_text(opened.document, state.settings, head),
        f"{stem}.yaml",
        "application/yaml",
        icon=":material/download:",
        on_click="ignore",
        width="stretch",
    )
