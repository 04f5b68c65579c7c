"""From a file to a `Scenario`."""

from __future__ import annotations

import copy
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from capsim.documents import Document, parse_yaml, read_yaml, validate
from capsim.documents.kinds import SCENARIO, expect
from capsim.documents.load import MOST_BYTES, Path_, text_from
from capsim.errors import Fault, InputError
from capsim.scenario.offers import book_faults, offers_of
from capsim.scenario.overrides import override
from capsim.scenario.references import reference_faults
from capsim.scenario.rules import scenario_faults
from capsim.scenario.schema import Scenario
from capsim.shipped import PREFIX, locate

STANDARD_INPUT = "-"


def load_scenario(path: str | Path, overrides: Sequence[str] = (), changes: Sequence[str] = ()) -> Scenario:
    """The scenario in a YAML file or `shipped:NAME`, with each `PATH=VALUE` of `overrides` set, then of `changes`.

    Faults call the former `--set` and the latter `--with`. Mappings are for `scenario_from`.

    Raises:
        InputError: everything that is wrong with the file, the files it names, or the overrides.
    """
    if isinstance(path, Mapping):
        said = "expected the name of a file, got a mapping; scenario_from makes a scenario of a mapping"
        raise InputError("load_scenario", [Fault("path", said)])
    document = override(read_scenario(path), overrides)
    return scenario_of(override(document, changes, "--with"))


def read_scenario(path: str | Path) -> Document:
    """The document of a scenario: a YAML file, `shipped:NAME`, or `-` for standard input.

    Raises:
        InputError: it cannot be read, or is plainly something else.
    """
    document = _standard_input() if str(path) == STANDARD_INPUT else read_yaml(locate(str(path), "scenarios"))
    if str(path).startswith(PREFIX):
        # Faults name it as it was named: where it lies is of no use.
        document = replace(document, source=str(path))
    expect(document, SCENARIO)
    return document


@cache
def _standard_input() -> Document:
    """Read once, as there is nothing left for whoever asks again."""
    raw = sys.stdin.buffer.read(MOST_BYTES + 1)
    return parse_yaml(text_from(raw, "standard input", MOST_BYTES), "standard input")


def scenario_from(data: Mapping[str, Any], folder: str | Path = ".", source: str = "scenario") -> Scenario:
    """The scenario in plain dicts and lists, as a YAML file would hold them.

    Files that it names are relative to `folder`; `source` is what faults call it.

    Raises:
        InputError: everything that is wrong with it.
    """
    return scenario_of(Document(source, dict(data), folder=Path(folder)))


def scenario_of(document: Document) -> Scenario:
    """The scenario in a document.

    Raises:
        InputError: every fault, in the order of the document; one that is at home in the file and comes of a setting
            names the setting.
    """
    try:
        return _scenario(document)
    except InputError as error:
        if document.before is None:
            raise
        raise InputError(error.source, _blamed(error.faults, document), error.uncollected) from None


def _blamed(faults: Sequence[Fault], document: Document) -> list[Fault]:
    """Faults, those at home in the file with the settings without any of which they would not be there."""
    if all(fault.line is None for fault in faults):
        return list(faults)
    settings = document.overridden
    left = {text: _places(_without(path, document)) for path, text in settings.items()}
    before = _places(replace(document, data=document.before, overridden={}))
    blamed = []
    for fault in faults:
        place = (fault.path, fault.line)
        causes = [text for text, places in left.items() if place not in places]
        if not causes and place not in before:
            causes = list(settings.values())
        said = f"{fault.message} (with {', '.join(causes)})" if causes and fault.line is not None else fault.message
        blamed.append(replace(fault, message=said))
    return blamed


def _without(left_out: Path_, document: Document) -> Document:
    """The document with all settings but one."""
    data = copy.deepcopy(document.before)
    for path in document.overridden:
        if path != left_out:
            _put(data, path, _at(document.data, path))
    kept = {path: text for path, text in document.overridden.items() if path != left_out}
    return replace(document, data=data, overridden=kept)


def _at(data: Any, path: Path_) -> Any:
    for part in path:
        data = data[part]
    return data


def _put(data: Any, path: Path_, value: Any) -> None:
    for part in path[:-1]:
        if isinstance(data, dict) and data.get(part) is None:
            data[part] = {}
        data = data[part]
    data[path[-1]] = value


def _places(document: Document) -> set[tuple[str, int | None]]:
    """Where a document has faults."""
    try:
        _scenario(document)
    except InputError as error:
        return {(fault.path, fault.line) for fault in error.faults}
    return set()


def _scenario(document: Document) -> Scenario:
    faults, uncollected = reference_faults(document), 0
    scenario, offers = None, None
    try:
        offers = offers_of(document)
    except InputError as error:
        faults += book_faults(error, document)
    try:
        context = {"folder": document.folder, "closed": document.closed, "offers": offers, "files": document.files}
        scenario = validate(Scenario, document, context)
        faults += scenario_faults(scenario, document)
    except InputError as error:
        faults += error.faults
        uncollected = error.uncollected
    if scenario is None or faults:
        raise InputError(document.source, sorted(faults, key=lambda fault: fault.line or 0), uncollected)
    return scenario
