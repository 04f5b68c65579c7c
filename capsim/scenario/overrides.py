"""`--set PATH=VALUE`: values set from outside, by name or index."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from capsim.documents import Document, parse_yaml
from capsim.documents.load import Path_
from capsim.errors import Fault, InputError, did_you_mean

PART = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
LONGEST = 4096
LONGEST_SHOWN = 100


def override(document: Document, settings: Sequence[str], option: str = "--set") -> Document:
    """The document with each `PATH=VALUE` set; the value is read as YAML, and faults speak of the option.

    What an earlier call has set may be set again: `--with` changes what `--set` gave to both scenarios.

    Raises:
        InputError: every setting that is no `PATH=VALUE`, whose path leads nowhere, or that would undo another one.
    """
    data = copy.deepcopy(document.data)
    given: dict[Path_, str] = {}
    faults = []
    for setting in [settings] if isinstance(settings, str) else settings:
        try:
            path, value = _parse(setting)
            at = _put(data, path, value)
        except ValueError as error:
            faults.append(Fault(str(setting)[:80], str(error)))
            continue
        undone = clash(at, given)
        if undone:
            faults.append(Fault(setting[:80], undone))
        given[at] = f"{option} {setting}"
    if faults:
        raise InputError(option, faults)
    before = document.before if document.overridden or not given else document.data
    return replace(document, data=data, overridden={**document.overridden, **given}, before=before)


def clash(path: Path_, given: Mapping[Path_, str]) -> str | None:
    """Why a value at a path would undo one that was given, or be undone by it; `given` has what set each path."""
    for other, text in given.items():
        shown = text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"
        if path == other:
            return f"is set twice, here and by {shown}; give it once"
        if path[: len(other)] == other or other[: len(path)] == path:
            return f"overlaps with {shown}, as one holds the other; put both into one value"
    return None


def _parse(setting: str) -> tuple[list[str], Any]:
    if not isinstance(setting, str):
        raise ValueError(f"expected text such as 'pools.cpu.servers=8', got {setting!r:.60}")  # noqa: TRY004 - one kind of fault
    path, equals, text = setting.partition("=")
    if not equals or not path.strip() or len(setting) > LONGEST:
        raise ValueError("expected PATH=VALUE such as pools.cpu.servers=8")
    if PART.sub("", path.strip()).strip(".") or ".." in path:
        raise ValueError("expected a path of names and [numbers] such as pools[0].servers")
    parts = [name or index for name, index in PART.findall(path.strip())]
    if not text.strip():
        return parts, None
    try:
        return parts, parse_yaml(text, "value").data
    except InputError as error:
        raise ValueError(f"the value {error.faults[0].message}") from None


def _put(data: Any, parts: list[str], value: Any) -> Path_:
    """Set the value in place; gives the path with names of list members turned into positions."""
    here: Any = data
    path: list[str | int] = []
    for i, part in enumerate(parts):
        key: Any = _position(here, part) if isinstance(here, list) else part
        if not isinstance(here, (list, dict)):
            raise ValueError(f"'{'.'.join(parts[:i])}' holds a single value, not settings")  # noqa: TRY004 - one kind of fault
        path.append(key)
        if i == len(parts) - 1:
            here[key] = value
        elif isinstance(here, dict) and (key not in here or here[key] is None):
            here[key] = {}
        here = here[key]
    return tuple(path)


def _position(members: list[Any], part: str) -> int:
    if part.isdecimal():
        if int(part) < len(members):
            return int(part)
        raise ValueError(f"there is no [{part}]; the list has {len(members)}")
    names = [str(member.get("name")) if isinstance(member, dict) else "" for member in members]
    if part not in names:
        raise ValueError(f"there is none named '{part}'{did_you_mean(part, names)}")
    return names.index(part)
