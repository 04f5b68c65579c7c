"""What capsim raises.

CapsimError                  everything below; catch this one
├── InputError               what was given is wrong: a list of faults, each with its place
├── MissingExtraError        a package of an optional extra is needed and not installed
├── MeasurementError         a measurement could not be taken on this machine
└── WorkerDiedError          processes died that had work, twice
"""

from __future__ import annotations

import difflib
import itertools
import re
import shlex
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

LONGEST_WORD = 100
MOST_WORDS = 1000
MOST_OF_A_KIND = 10
MOST_SHOWN = 50
LONGEST_MESSAGE = 1500
LONGEST_NAME = 150
VALUES = re.compile(r"'[^']*'|\d+")
"""What differs between faults of one kind."""
DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+(?:\s*[^\d,].*)?")
FAULTS_SCHEMA = "capsim.faults/1"


class CapsimError(Exception):
    """The root of every error that capsim raises on purpose."""

    def to_dict(self) -> dict[str, Any]:
        """What `--json` prints in place of an answer."""
        fault = {"file": None, "line": None, "path": "", "message": _cut(str(self), LONGEST_MESSAGE)}
        return {"schema": FAULTS_SCHEMA, "source": "", "faults": [fault], "more": 0}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with an input.

    Attributes:
        path: where in the document, for example `pools[0].servers`; empty for the whole.
        message: what was expected and what was found.
        line: line in the file, counted from 1, where it is known.
        file: the file, where it differs from the one that the error names.
    """

    path: str
    message: str
    line: int | None = field(default=None)
    file: str | None = field(default=None)


@dataclass(frozen=True, slots=True)
class CodedWarning:
    """Something doubtful about an input or an answer, which is told and never silent.

    Attributes:
        code: a stable word that scripts can test.
        message: what is doubtful, and about what.
    """

    code: str
    message: str


class InputError(CapsimError):
    """An input is wrong; lists everything that is wrong with it at once."""

    def __init__(self, source: str, faults: Sequence[Fault], uncollected: int = 0) -> None:
        """Collect the faults found in `source` (a file name, or what was given on the command line).

        Args:
            source: what is wrong.
            faults: what is wrong with it.
            uncollected: how many faults more there are.
        """
        self.source = source
        self.faults = tuple(faults)
        self.uncollected = uncollected
        super().__init__(self._text())

    def _text(self) -> str:
        count = len(self.faults) + self.uncollected
        head = f"{_cut(self.source, LONGEST_NAME)} has {count:,} problem{'' if count == 1 else 's'}"
        shown, more = self.shown()
        width = max((len(_cut(fault.path, LONGEST_NAME)) for fault in shown), default=0)
        rows = []
        for fault in shown:
            line = f"line {fault.line:>3}  " if fault.line is not None else ""
            place = f"{fault.file}: " if fault.file else ""
            path, said = _cut(fault.path, LONGEST_NAME), _cut(f"{place}{fault.message}", LONGEST_MESSAGE)
            rows.append(f"  {line}{path:<{width}}  {said}".rstrip())
        return "\n".join([head, *rows, *([f"  and {more:,} more"] if more else [])])

    def shown(self) -> tuple[list[Fault], int]:
        """The faults that are told, and how many more there are: of one kind ten, and fifty in all."""
        kinds: Counter[str] = Counter()
        told: list[Fault] = []
        for fault in self.faults:
            kind = VALUES.sub("", fault.message[:LONGEST_MESSAGE])
            kinds[kind] += 1
            if kinds[kind] <= MOST_OF_A_KIND and len(told) < MOST_SHOWN:
                told.append(fault)
        return told, len(self.faults) + self.uncollected - len(told)

    def to_dict(self) -> dict[str, Any]:
        """What `--json` prints in place of an answer."""
        told, more = self.shown()
        faults = [
            {
                "file": _cut(fault.file or self.source, LONGEST_NAME),
                "line": fault.line,
                "path": _cut(fault.path, LONGEST_NAME),
                "message": _cut(fault.message, LONGEST_MESSAGE),
            }
            for fault in told
        ]
        return {"schema": FAULTS_SCHEMA, "source": _cut(self.source, LONGEST_NAME), "faults": faults, "more": more}


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


class MissingExtraError(CapsimError):
    """A package of an optional extra is not installed."""

    def __init__(self, package: str, extra: str) -> None:
        """Name the package that is missing and the command that brings it to this Python, wherever capsim came from."""
        python = shlex.quote(sys.executable or "python")
        super().__init__(f"{package} is not installed; it comes with: {python} -m pip install 'capsim[{extra}]'")


class MeasurementError(CapsimError):
    """A measurement could not be taken on this machine."""


class WorkerDiedError(CapsimError):
    """Processes died twice while they had the same work."""

    def __init__(self) -> None:
        """Say what helps."""
        super().__init__(
            "A process died twice at the same work, perhaps for want of memory; what is done stays where it is kept, "
            "so that the same command continues (--workers 1 takes the least memory)."
        )


def comma_hint(text: object) -> str:
    """A hint where a number is written with a decimal comma, or nothing."""
    if isinstance(text, str) and DECIMAL_COMMA.fullmatch(text[:LONGEST_WORD].strip()):
        return f"; write a point in place of the comma: {text.strip().replace(',', '.')}"
    return ""


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """The nearest known word as `; did you mean WORD?`, or nothing."""
    near = nearest(given, known)
    return f"; did you mean {near}?" if near else ""


def nearest(given: str, known: Iterable[str]) -> str | None:
    """The known word that is most like the one found, if any is."""
    near = difflib.get_close_matches(given[:LONGEST_WORD], itertools.islice(known, MOST_WORDS), n=1, cutoff=0.6)
    return near[0] if near else None
