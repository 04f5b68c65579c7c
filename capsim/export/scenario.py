"""A scenario file with some of its settings replaced."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from capsim.documents import Document
from capsim.errors import Fault, InputError
from capsim.scenario.overrides import override
from capsim.shipped import PREFIX

WIDTH = 120


def check_writable(path: Path) -> None:
    """Refuse a file that cannot be written, before the work is done that it is for.

    Raises:
        InputError: its folder does not exist, or it is a folder itself.
    """
    if path.is_dir() or not path.parent.is_dir():
        raise InputError(
            str(path), [Fault("", "is a folder" if path.is_dir() else "is in a folder that does not exist")]
        )


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
    _move_files(data, document.folder, path.parent)
    comments = "".join(f"# {line}\n" for line in head)
    text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=WIDTH)
    try:
        path.write_text(comments + text, encoding="utf-8")
    except OSError as error:
        raise InputError(str(path), [Fault("", f"cannot be written: {error.strerror}")]) from None


def _move_files(data: dict[str, Any], old: Path, new: Path) -> None:
    """Name files relative to the new folder."""
    for pool in data.get("pools", []):
        if isinstance(pool.get("profile"), str):
            pool["profile"] = _moved(pool["profile"], old, new)
    arrivals = data.get("workload", {}).get("arrivals", {})
    if isinstance(arrivals.get("file"), str):
        arrivals["file"] = _moved(arrivals["file"], old, new)


def _moved(name: str, old: Path, new: Path) -> str:
    if name.startswith(PREFIX) or Path(name).is_absolute():
        return name
    return Path(os.path.relpath((old / name).resolve(), new.resolve())).as_posix()
