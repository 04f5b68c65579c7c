"""Standard output and error as they may be: full, closed, or with nobody who reads."""

from __future__ import annotations

import errno
import io
import os
import sys
from typing import Any, TextIO

from capsim.errors import CapsimError

CLOSED = {errno.EBADF: "it is closed"}


class OutputError(CapsimError):
    """Standard output takes no more; `unread` where whoever read it has gone."""

    def __init__(self, error: OSError) -> None:
        """Say why."""
        self.unread = error.errno == errno.EPIPE
        said = CLOSED.get(error.errno or 0, error.strerror)
        super().__init__(f"The answer cannot be written to standard output: {said}.")


class _Output(io.FileIO):
    """Says once that nothing more can be written."""

    _over = False

    def write(self, text: Any) -> int:
        try:
            return len(text) if self._over else super().write(text)
        except OSError as error:
            self._over = True
            raise OutputError(error) from None


class _Messages(io.FileIO):
    """Loses what cannot be written: without a message the answer is the same."""

    def write(self, text: Any) -> int:
        try:
            return super().write(text)
        except OSError:
            return len(text)


def take_over() -> None:
    """Let standard output tell that it is full, and standard error never mind; a closed one stays so.

    Only where they are this process's own, and the system is one of files.
    """
    if os.name != "posix":
        return
    for number in range(3):
        _occupy(number)
    if sys.stdout in {sys.__stdout__, None}:
        sys.stdout = _text(_Output(1, "wb", closefd=False), sys.stdout)
    if sys.stderr in {sys.__stderr__, None}:
        sys.stderr = _text(_Messages(2, "wb", closefd=False), sys.stderr)


def _occupy(number: int) -> None:
    """Put something in the place of a closed stream, so that no file that is opened gets its number."""
    try:
        os.fstat(number)
    except OSError:
        # It can only be read, so that writing fails as it does on what is closed.
        nothing = os.open(os.devnull, os.O_RDONLY)
        if nothing != number:
            os.dup2(nothing, number)
            os.close(nothing)


def _text(raw: io.FileIO, like: TextIO | None) -> TextIO:
    encoding = like.encoding if like is not None else "utf-8"
    # A name that is no text, or a terminal that lacks a letter, is shown as far as it can be.
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding, "backslashreplace", line_buffering=raw.isatty())
