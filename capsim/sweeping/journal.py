"""What a sweep has done so far, so that the same command continues after an interruption."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from capsim.documents.output import alone
from capsim.errors import Fault, InputError
from capsim.scenario import Scenario

TABLE = "table"
"""The key of the line that says which table was made."""


class Journal:
    """A file with a line of JSON per finished cell: key of the scenario and digest of the answer, and the answer.

    A line that an interruption cut short is left out, and lines of other scenarios stay without being used. Several
    sweeps may write it at once.

    Attributes:
        path: the file.
        damaged: numbers of the lines that hold something else than what was written; they are not used.
    """

    def __init__(self, path: Path) -> None:
        """Read what the file has, if it is there.

        Raises:
            InputError: the file can't be read, or is no journal.
        """
        self.path = path
        self.damaged: list[int] = []
        self._done: dict[str, Any] = {}
        try:
            content = path.read_bytes() if path.exists() else b""
        except OSError as error:
            raise InputError(str(path), [Fault("", f"cannot be read: {error.strerror}")]) from None
        lines = content.split(b"\n")[:-1]
        for number, line in enumerate(lines, start=1):
            try:
                key, answer = _read(line)
                self._done[key] = answer
            except (ValueError, TypeError, KeyError, RecursionError):
                self.damaged.append(number)
        if len(self.damaged) == len(lines) > 0 and not any(_looks_like_one(line) for line in lines):
            said = "is not the journal of a sweep; choose another --output, or remove it"
            raise InputError(str(path), [Fault("", said, self.damaged[0])])

    def find(self, key: str) -> Mapping[str, Any] | None:
        """The answer to the scenario with this key, where it is known."""
        return self._done.get(key)

    def append(self, key: str, answer: Mapping[str, Any]) -> None:
        """Keep an answer.

        Raises:
            InputError: the file system refused.
        """
        self._done[key] = answer
        line = json.dumps({"key": f"{key}.{_digest(answer)}", "answer": answer}, allow_nan=False).encode() + b"\n"
        try:
            with self.path.open("a+b") as stream, alone(self.path):
                _drop_half_a_line(stream)
                stream.write(line)
        except OSError as error:
            raise InputError(str(self.path), [Fault("", f"cannot be written: {error.strerror}")]) from None

    def made(self, table: Path, command: Sequence[str]) -> None:
        """Remember that a command has written a table.

        Raises:
            InputError: the file system refused.
        """
        self.append(TABLE, {"command": _digest(command), "content": _content(table)})

    def has_made(self, table: Path, command: Sequence[str]) -> bool:
        """Whether a table is as this command wrote it, so that it loses nothing when the command writes it again."""
        return self._done.get(TABLE) == {"command": _digest(command), "content": _content(table)}


def _read(line: bytes) -> tuple[str, Any]:
    row = json.loads(line)
    key, _, digest = str(row["key"]).rpartition(".")
    if digest != _digest(row["answer"]):
        raise ValueError("not the answer that was written")
    return key, row["answer"]


def _looks_like_one(line: bytes) -> bool:
    return line.startswith(b'{"key": "') and line.endswith(b"}")


def _drop_half_a_line(stream: BinaryIO) -> None:
    """Remove the end of a file that is no whole line: nobody writes it any more."""
    end = stream.seek(0, os.SEEK_END)
    if end == 0:
        return
    stream.seek(end - 1)
    if stream.read(1) != b"\n":
        stream.seek(0)
        stream.truncate(stream.read().rfind(b"\n") + 1)


def _digest(answer: object) -> str:
    return hashlib.blake2b(json.dumps(answer).encode(), digest_size=8).hexdigest()


def _content(file: Path) -> str:
    try:
        return hashlib.blake2b(file.read_bytes(), digest_size=16).hexdigest()
    except OSError:
        return ""


def key_of(scenario: Scenario, engine: str) -> str:
    """A digest of everything that an answer depends on: the scenario, its files' content, capsim itself."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(_code())
    digest.update(f"{engine}\n{scenario.model_dump_json()}".encode())
    for pool in scenario.pools:
        if pool.profile is not None:
            for place, curve in sorted(pool.profile.curves_ns.items()):
                digest.update(f"\n{pool.name} {place} ".encode() + curve.tobytes())
            digest.update(f"\n{sorted(pool.profile.worth.items())}".encode())
    for each in scenario.classes:
        columns = {} if each.arrivals.file is None else each.arrivals.file.columns
        for name, column in columns.items():
            digest.update(f"\n{each.name} {name} ".encode() + column.tobytes())
    return digest.hexdigest()


@cache
def _code() -> bytes:
    """A digest of the package's source: other code may give other answers under the same version."""
    package = Path(__file__).parents[1]
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted(package.rglob("*.py")):
        digest.update(path.relative_to(package).as_posix().encode() + path.read_bytes())
    return digest.digest()
