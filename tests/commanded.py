"""The command line as a user calls it, in this process: a fresh one for each call would take a second."""

from __future__ import annotations

import io
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple
from unittest import mock

from capsim.cli import main


class Done(NamedTuple):
    """What a command left."""

    returncode: int
    stdout: str
    stderr: str


def capsim(folder: Path, *words: str | Path) -> Done:
    """Run `capsim` with these words in a folder."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    command = mock.patch.object(sys, "argv", ["capsim", *map(str, words)])
    with chdir(folder), redirect_stdout(out), redirect_stderr(err), command:
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
    return Done(code, out.getvalue(), err.getvalue())
