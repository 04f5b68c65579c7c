"""A scenario opened for exploring: shipped, given at the start, or uploaded; settings reach no other files."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from capsim import shipped
from capsim.documents import Document, read_yaml
from capsim.documents.files import last_part
from capsim.errors import Fault, InputError
from capsim.scenario import Scenario
from capsim.scenario.grid import with_files
from capsim.scenario.load import read_scenario, scenario_of
from capsim.scenario.overrides import override
from capsim.ui.link import given_file

MOST_FILES = 20
MOST_MEGABYTES = 32
LONGEST_NAME = 120
NOWHERE = Path(os.devnull)
"""No folder: what is opened has its files, and settings name no others but shipped ones."""


@dataclass(frozen=True)
class Upload:
    """A file from the browser."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Opened:
    """A scenario that settings can be put on.

    Attributes:
        document: as it was read.
        ready: the same with the files that it names read in, and closed to others.
        base: validated, without settings.
    """

    document: Document
    ready: Document
    base: Scenario

    def scenario(self, settings: Sequence[str]) -> Scenario:
        """The scenario with settings.

        Raises:
            InputError: everything that is wrong with them.
        """
        return scenario_of(override(self.ready, settings))


def open_named(name: str) -> Opened:
    """A shipped scenario, or the file that the explorer was started with; no other file of this machine.

    Raises:
        InputError: there is none of this name, or everything that is wrong with it.
    """
    if name == given_file():
        return _opened(read_scenario(name))
    own = name if name.startswith(shipped.PREFIX) else f"{shipped.PREFIX}{name}"
    return _opened(read_scenario(own))


@st.cache_resource(max_entries=16, show_spinner="Reading the files")
def _read(digest: str, _scenario: Upload, _beside: Sequence[Upload]) -> Opened:  # noqa: ARG001 - kept by it
    """The opened files of a digest."""
    with TemporaryDirectory(prefix="capsim-") as made:
        folder = Path(made)
        for upload in (*_beside, _scenario):
            (folder / last_part(upload.name)).write_bytes(upload.content)
        try:
            document = read_yaml(folder / last_part(_scenario.name))
            document = replace(document, source=_scenario.name, closed=True)
            return _opened(document)
        except InputError as error:
            raise _without(folder, error) from None


def open_upload(scenario: Upload, beside: Sequence[Upload]) -> Opened:
    """An uploaded scenario, with profiles and traces that were uploaded with it; it can name no other files.

    Raises:
        InputError: everything that is wrong with them.
    """
    _check([scenario, *beside])
    digest = hashlib.blake2b(digest_size=16)
    for upload in (scenario, *beside):
        digest.update(f"{len(upload.name)} {upload.name} {len(upload.content)} ".encode() + upload.content)
    return _read(digest.hexdigest(), scenario, beside)


def _opened(document: Document) -> Opened:
    base = scenario_of(document)
    return Opened(document, replace(with_files(document, base), folder=NOWHERE, closed=True), base)


def _check(uploads: Sequence[Upload]) -> None:
    faults = []
    names = [last_part(upload.name) for upload in uploads]
    if len(uploads) > MOST_FILES:
        faults.append(Fault("", f"are {len(uploads)} files; at most {MOST_FILES} can be read at once"))
    if sum(len(upload.content) for upload in uploads) > MOST_MEGABYTES * 1024**2:
        faults.append(Fault("", f"are larger than {MOST_MEGABYTES} MiB together"))
    faults += [
        Fault(name[:LONGEST_NAME], "is no name for a file")
        for name in names
        if name in {"", ".", ".."} or "\0" in name or len(name.encode()) > LONGEST_NAME
    ]
    faults += [Fault(name, "is given twice") for name in sorted(set(names)) if names.count(name) > 1]
    if faults:
        raise InputError("the uploaded files", faults)


def _without(folder: Path, error: InputError) -> InputError:
    """The same faults without the folder in which the files lay for a moment."""
    place = f"{folder}/"
    faults = [
        replace(fault, message=fault.message.replace(place, ""), file=fault.file and fault.file.replace(place, ""))
        for fault in error.faults
    ]
    return InputError(error.source.replace(place, ""), faults, error.uncollected)
