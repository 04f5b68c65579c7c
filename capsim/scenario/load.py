"""From a file to a `Scenario`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from capsim.documents import Document, read_yaml, validate
from capsim.errors import Fault, InputError
from capsim.scenario.overrides import override
from capsim.scenario.rules import reference_faults, scenario_faults
from capsim.scenario.schema import Scenario
from capsim.shipped import locate


def load_scenario(path: str | Path, overrides: Sequence[str] = (), changes: Sequence[str] = ()) -> Scenario:
    """The scenario in a YAML file or `shipped:NAME`, with each `PATH=VALUE` of `overrides` set, then of `changes`.

    Faults call the former `--set` and the latter `--with`. Mappings are for `scenario_from`.

    Raises:
        InputError: everything that is wrong with the file, the files it names, or the overrides.
    """
    if isinstance(path, Mapping):
        said = "expected the name of a file, got a mapping; scenario_from makes a scenario of a mapping"
        raise InputError("load_scenario", [Fault("path", said)])
    document = override(read_yaml(locate(str(path), "scenarios")), overrides)
    return scenario_of(override(document, changes, "--with"))


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
        InputError: every fault, in the order of the document.
    """
    faults = reference_faults(document)
    scenario = None
    try:
        scenario = validate(Scenario, document, {"folder": document.folder, "closed": document.closed})
        faults += scenario_faults(scenario, document)
    except InputError as error:
        faults += error.faults
    if scenario is None or faults:
        raise InputError(document.source, sorted(faults, key=lambda fault: fault.line or 0))
    return scenario
