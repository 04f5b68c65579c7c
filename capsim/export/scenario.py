"""A scenario file with some of its settings replaced."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from capsim.documents import Document
from capsim.documents.output import written_whole
from capsim.scenario.overrides import override
from capsim.shipped import PREFIX
from capsim.shipped import folder as shipped_folder

WIDTH = 120


def write_scenario(
    document: Document, settings: Sequence[str], sections: Mapping[str, Any], path: Path, head: Sequence[str] = ()
) -> None:
    """Write the scenario of a document as YAML; comments of the original are not kept.

    Args:
        document: the scenario as it was read.
        settings: `PATH=VALUE` for each setting to replace.
        sections: top-level sections to replace; None removes one.
        path: the file to write. Files that the scenario names are named relative to its folder.
        head: comment lines for the top of the file.

    Raises:
        InputError: the file cannot be written, or a setting leads nowhere.
    """
    data = override(document, settings).data
    for name, section in sections.items():
        data.pop(name, None)
        if section is not None:
            data[name] = section
    _rename_files(data, lambda name: _moved(name, document.folder, path.parent))
    with written_whole(path) as file:
        file.write_text(_text(data, head), encoding="utf-8")


def scenario_text(document: Document, settings: Sequence[str], head: Sequence[str] = ()) -> str:
    """The scenario of a document with settings as YAML, for a folder that is not known.

    Files that are shipped are named `shipped:NAME`, others as they were.

    Raises:
        InputError: a setting leads nowhere.
    """
    data = override(document, settings).data
    _rename_files(data, lambda name: _as_shipped(name, document.folder))
    return _text(data, head)


def _text(data: Any, head: Sequence[str]) -> str:
    comments = "".join(f"# {line}\n" for line in head)
    return comments + yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=WIDTH)


def _rename_files(data: dict[str, Any], named: Callable[[str], str]) -> None:
    """Give the files that a scenario names other names."""
    for pool in data.get("pools", []):
        if isinstance(pool.get("profile"), str):
            pool["profile"] = named(pool["profile"])
    workload = data.get("workload", {})
    for holder in workload.get("classes") or [workload]:
        arrivals = holder.get("arrivals", {})
        if isinstance(arrivals.get("file"), str):
            arrivals["file"] = named(arrivals["file"])


def _as_shipped(name: str, folder: Path) -> str:
    if name.startswith(PREFIX):
        return name
    file, home = (folder / name).resolve(), shipped_folder("profiles").resolve()
    if not file.is_relative_to(home) or not file.is_file():
        return name
    return f"{PREFIX}{file.relative_to(home).with_suffix('').as_posix()}"


def _moved(name: str, old: Path, new: Path) -> str:
    if name.startswith(PREFIX) or Path(name).is_absolute():
        return name
    return Path(os.path.relpath((old / name).resolve(), new.resolve())).as_posix()
