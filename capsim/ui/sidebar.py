"""What is asked: the scenario, and the settings that are moved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from capsim import shipped
from capsim.scenario import Scenario
from capsim.scenario.controls import LOAD, OBJECTIVE, RUN, Control, controls, put
from capsim.scenario.controls.control import path_of
from capsim.ui.link import UPLOAD, State, given_file, read_link, write_link
from capsim.ui.opening import MOST_MEGABYTES, Opened, Upload, open_named, open_upload
from capsim.ui.words import escaped

LONG_NAME = 24
"""A select box shows so many letters of what is chosen."""
SCENARIO, OTHERS = "scenario", "other settings"


def choose_scenario(state: State) -> Opened | None:
    """The scenario of the state, opened; nothing while its file has not been uploaded.

    Raises:
        InputError: everything that is wrong with it.
    """
    given = given_file()
    listed = [*([given] if given else []), *(f"{shipped.PREFIX}{name}" for name in shipped.names("scenarios")), UPLOAD]
    listed = list(dict.fromkeys(listed))
    chosen = UPLOAD if state.uploaded else state.scenario
    if chosen not in listed:
        listed.append(chosen)
    st.session_state[SCENARIO] = chosen
    st.selectbox("Scenario", listed, key=SCENARIO, format_func=_scenario_name, on_change=_choose)
    return _uploaded(state) if state.uploaded else open_named(state.scenario)


def _scenario_name(name: str) -> str:
    return "Upload a file …" if name == UPLOAD else name.removeprefix(shipped.PREFIX)


def _choose() -> None:
    write_link(State(st.session_state[SCENARIO]))


def _uploaded(state: State) -> Opened | None:
    limit = MOST_MEGABYTES
    file = st.file_uploader("Scenario (YAML)", type=["yaml", "yml"], key="uploaded", max_upload_size=limit)
    beside = st.file_uploader(
        "Profiles and traces that it names",
        type=["yaml", "yml", "csv"],
        key="beside",
        accept_multiple_files=True,
        max_upload_size=limit,
        help="What a scenario names by a path is found here by its file name. "
        "Profiles that come with capsim are named shipped:NAME and need no file.",
    )
    if file is None:
        return None
    name = f"{UPLOAD}{file.name}"
    if state.scenario != name:
        write_link(State(name, state.settings))
    others = [Upload(other.name, other.getvalue()) for other in beside]
    return open_upload(Upload(file.name, file.getvalue()), others)


def move(opened: Opened, now: Scenario, *, applied: bool) -> None:
    """The controls; each writes its setting into the address. Settings that are wrong are not `applied`."""
    shown, given = controls(opened.base, now), {each.path: each for each in controls(opened.base, opened.base)}
    pools = list(dict.fromkeys(control.group for control in shown if control.group not in {LOAD, OBJECTIVE, RUN}))
    _show([control for control in shown if control.group in {LOAD, OBJECTIVE}], given)
    for group in pools:
        with st.expander(escaped(group.capitalize()), expanded=len(pools) <= 3):
            _show([control for control in shown if control.group == group], given)
    with st.expander("Simulation"):
        _show([control for control in shown if control.group == RUN], given)
    with st.expander("Other settings"):
        _others({control.path for control in shown} | set(given))
    if applied:
        take_back()
    st.button("Back to the scenario as given", icon=":material/restart_alt:", on_click=_reset, width="stretch")


def _show(shown: Sequence[Control], given: dict[str, Control]) -> None:
    for control in shown:
        _widget(control, given.get(control.path))


def _widget(control: Control, given: Control | None) -> None:
    key = f"set {control.path}"
    st.session_state[key] = control.value
    shared: dict[str, Any] = {
        "key": key,
        "help": f"{control.about} (`{control.path}`)",
        "on_change": _moved,
        "args": (key, control, None if given is None or given.value is None else given.text(given.value)),
    }
    if control.choices and isinstance(control.value, int):
        st.select_slider(control.label, control.choices, format_func=control.named, **shared)
    elif control.choices:
        st.selectbox(control.label, control.choices, format_func=control.named, **shared)
        name = control.named(control.value)
        if len(name) > LONG_NAME:
            st.caption(escaped(name))
    else:
        _number(control, shared)


def _number(control: Control, shared: dict[str, Any]) -> None:
    """A slider, a number to type, or both where what can be typed goes farther than what can be slid along."""
    # Streamlit wants all numbers of a widget to be of one type.
    kind = int if isinstance(control.value, int) else float
    low, high, step = kind(control.low), kind(control.high), kind(control.step)
    style: dict[str, Any] = {"step": step, "format": "%.6g" if kind is float else None}
    if control.wide:
        st.number_input(control.label, low, high, **style, **shared)
        return
    if control.farthest is None:
        st.slider(control.label, low, high, **style, **shared)
        return
    left, right = st.columns([3, 2], vertical_alignment="bottom", gap="small")
    left.slider(control.label, low, high, **style, **shared)
    key = f"type {control.path}"
    st.session_state[key] = control.value
    typed = shared | {"key": key, "args": (key, *shared["args"][1:]), "label_visibility": "collapsed"}
    right.number_input(f"{control.label}, typed", low, kind(control.farthest), **style, **typed)


def _moved(key: str, control: Control, given: str | None) -> None:
    state, value = read_link(), st.session_state[key]
    text = None if value is None else control.text(value)
    write_link(State(state.scenario, put(state.settings, control.path, text, given)))


def _others(shown: set[str]) -> None:
    """Settings for which there is no control, as the command line takes them."""
    state = read_link()
    others = [setting for setting in state.settings if path_of(setting) not in shown]
    st.session_state[OTHERS] = "\n".join(others)
    st.text_area(
        "One `PATH=VALUE` a line",
        key=OTHERS,
        on_change=_wrote,
        args=(others,),
        placeholder="pools.cpu.queue.timeout=1 s",
        help="As for `capsim run --set`; the reference of scenarios has every field.",
    )


def _wrote(before: Sequence[str]) -> None:
    state = read_link()
    kept = tuple(setting for setting in state.settings if setting not in before)
    written = tuple(line.strip() for line in st.session_state[OTHERS].splitlines() if line.strip())
    write_link(State(state.scenario, (*kept, *written)))


def take_back() -> None:
    """Everything that was moved, each to be taken back by itself, also where it is wrong."""
    state = read_link()
    if not state.settings:
        return
    st.caption("Moved away from the scenario as given; press one to take it back.")
    for i, setting in enumerate(state.settings):
        st.button(escaped(setting), key=f"take back {i}", icon=":material/close:", on_click=_take_back, args=(i,))


def _take_back(place: int) -> None:
    state = read_link()
    write_link(State(state.scenario, (*state.settings[:place], *state.settings[place + 1 :])))


def _reset() -> None:
    write_link(State(read_link().scenario))
