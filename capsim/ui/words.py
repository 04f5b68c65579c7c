"""Words on a page, with nothing in them that a browser would act on."""

from __future__ import annotations

import os
import re

import streamlit as st

from capsim import shipped
from capsim.errors import CapsimError

ACTIVE = re.compile(r"([\\`*_{}\[\]()<>#+!|$~:@&-])")


def escaped(text: str) -> str:
    """The text as Markdown that shows just this text."""
    return ACTIVE.sub(r"\\\1", " ".join(text.split()))


def show_fault(error: CapsimError) -> None:
    """What the command line prints to standard error."""
    st.error("There is no answer to this:", icon=":material/error:")
    st.code(_without_folders(str(error)), language=None, wrap_lines=True)


def _without_folders(text: str) -> str:
    """The text with the names alone of files that come with capsim: where they lie is this machine's business."""
    for kind in ("scenarios", "profiles"):
        for folder in {str(shipped.folder(kind)), str(shipped.folder(kind).resolve())}:
            text = text.replace(f"{folder}{os.sep}", "")
    return text
