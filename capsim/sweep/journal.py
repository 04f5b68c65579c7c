"""What a sweep has done so far, so that the same command continues after an interruption."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from capsim.errors import Fault, InputError
from capsim.scenario import Scenario


class Journal:
    """A file with a line of JSON per finished cell: the key of its scenario and its answer.

    A line that an interruption cut short is left out, and lines of other scenarios stay without being used.
    """

    def __init__(self, path: Path) -> None:
        """Read what the file has, if it is there.

        Raises:
            InputError: the file can't be read, or is no journal.
        """
        self.path = path
        self._done: dict[str, Mapping[str, Any]] = {}
        try:
            content = path.read_bytes() if path.exists() else b""
        except OSError as error:
            raise InputError(str(path), [Fault("", f"cannot be read: {error.strerror}")]) from None
        self._whole = content.rfind(b"\n") + 1
        for number, line in enumerate(content[: self._whole].splitlines(), start=1):
            try:
                row = json.loads(line)
                self._done[row["key"]] = row["answer"]
            except (ValueError, TypeError, KeyError):
                said = "is not the journal of a sweep; choose another --output, or remove it"
                raise InputError(str(path), [Fault("", said, number)]) from None

    def find(self, key: str) -> Mapping[str, Any] | None:
        """The answer to the scenario with this key, where it is known."""
        return self._done.get(key)

    def append(self, key: str, answer: Mapping[str, Any]) -> None:
        """Keep an answer.

        Raises:
            InputError: the file system refused.
        """
        self._done[key] = answer
        line = json.dumps({"key": key, "answer": answer}, allow_nan=False).encode() + b"\n"
        try:
            with self.path.open("r+b" if self.path.exists() else "xb") as stream:
                stream.truncate(self._whole)
                stream.seek(self._whole)
                stream.write(line)
        except OSError as error:
            raise InputError(str(self.path), [Fault("", f"cannot be written: {error.strerror}")]) from None
        self._whole += len(line)


def key_of(scenario: Scenario, engine: str) -> str:
    """A digest of everything that an answer depends on: the scenario, its files' content, capsim itself."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(_code())
    digest.update(f"{engine}\n{scenario.model_dump_json()}".encode())
    for pool in scenario.pools:
        if pool.profile is not None:
            for place, curve in sorted(pool.profile.curves_ns.items()):
                digest.update(f"\n{pool.name} {place} ".encode() + curve.tobytes())
    if scenario.workload.arrivals.process == "trace":
        digest.update(scenario.workload.arrivals.file.times_s.tobytes())
    return digest.hexdigest()


@cache
def _code() -> bytes:
    """A digest of the package's source: other code may give other answers under the same version."""
    package = Path(__file__).parents[1]
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted(package.rglob("*.py")):
        digest.update(path.relative_to(package).as_posix().encode() + path.read_bytes())
    return digest.digest()
