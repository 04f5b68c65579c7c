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
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

LONGEST_WORD = 100
MOST_WORDS = 1000


class CapsimError(Exception):
    """The root of every error that capsim raises on purpose."""


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

    def __init__(self, source: str, faults: Sequence[Fault]) -> None:
        """Collect the faults found in `source` (a file name, or what was given on the command line)."""
        self.source = source
        self.faults = tuple(faults)
        super().__init__(self._text())

    def _text(self) -> str:
        count = len(self.faults)
        head = f"{self.source} has {count} problem{'' if count == 1 else 's'}"
        width = max((len(fault.path) for fault in self.faults), default=0)
        rows = []
        for fault in self.faults:
            line = f"line {fault.line:>3}  " if fault.line is not None else ""
            place = f"{fault.file}: " if fault.file else ""
            rows.append(f"  {line}{fault.path:<{width}}  {place}{fault.message}".rstrip())
        return "\n".join([head, *rows])


class MissingExtraError(CapsimError):
    """A package of an optional extra is not installed."""

    def __init__(self, package: str, extra: str) -> None:
        """Name the package that is missing and the extra that brings it."""
        super().__init__(f"{package} is not installed; it comes with: pip install 'capsim[{extra}]'")


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


def did_you_mean(found: str, known: Iterable[str]) -> str:
    """The nearest known word as `; did you mean WORD?`, or nothing."""
    near = nearest(found, known)
    return f"; did you mean {near}?" if near else ""


def nearest(found: str, known: Iterable[str]) -> str | None:
    """The known word that is most like the one found, if any is."""
    near = difflib.get_close_matches(found[:LONGEST_WORD], itertools.islice(known, MOST_WORDS), n=1, cutoff=0.6)
    return near[0] if near else None
