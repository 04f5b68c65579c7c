"""Explore: one scenario, its settings moved, and what follows at once."""

from __future__ import annotations

import streamlit as st

from capsim.errors import CapsimError
from capsim.ui import answer, sidebar
from capsim.ui.link import read_link
from capsim.ui.opening import Opened
from capsim.ui.words import show_fault


def main() -> None:
    """The page."""
    opened, fault = _opened()
    if opened is None:
        st.title("Explore")
        if fault is not None:
            show_fault(fault)
        elif read_link().uploaded:
            answer.ask_for_file(read_link())
        return
    state = read_link()
    try:
        now = opened.scenario(state.settings)
    except CapsimError as error:
        now, fault = opened.base, error
    with st.sidebar:
        sidebar.move(opened, now, applied=fault is None)
    if fault is None:
        answer.show(opened, now, state)
        return
    st.title("Explore")
    show_fault(fault)
    sidebar.take_back()
    st.caption("The controls show the scenario as given.")
    answer.show_command(state)


def _opened() -> tuple[Opened | None, CapsimError | None]:
    with st.sidebar:
        try:
            return sidebar.choose_scenario(read_link()), None
        except CapsimError as error:
            return None, error


main()
