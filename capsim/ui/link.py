"""The state of a page is its address: a scenario and the settings moved away from it."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass

import streamlit as st

from capsim import shipped
from capsim.ui.server import GIVEN

UPLOAD = "upload:"
FIRST = "image-classification"
MOST_SETTINGS = 100


@dataclass(frozen=True)
class State:
    """What a page answers.

    Attributes:
        scenario: `shipped:NAME`, `upload:FILE`, or the file that the explorer was started with.
        settings: `PATH=VALUE` each, as for `--set`.
    """

    scenario: str
    settings: tuple[str, ...] = ()

    @property
    def uploaded(self) -> bool:
        """Whether the scenario is a file from the browser."""
        return self.scenario.startswith(UPLOAD)

    @property
    def command(self) -> str:
        """The command that gives the same answer."""
        words = ["capsim", "run", self.scenario.removeprefix(UPLOAD) or "SCENARIO.yaml"]
        for setting in self.settings:
            words += ["--set", setting]
        return shlex.join(words)


def given_file() -> str | None:
    """The file that the explorer was started with."""
    return os.environ.get(GIVEN) or None


def first_scenario() -> str:
    """What is shown where the address names nothing."""
    return given_file() or f"{shipped.PREFIX}{FIRST}"


def read_link() -> State:
    """The state that the address holds."""
    named = st.query_params.get("scenario", first_scenario())
    return State(named, tuple(st.query_params.get_all("set")[:MOST_SETTINGS]))


def write_link(state: State) -> None:
    """Put a state into the address."""
    st.query_params.from_dict({"scenario": state.scenario, "set": list(state.settings)})
