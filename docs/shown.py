"""Run what the pages show: `python docs/shown.py` brings every output up to date, with PAGE.md… only those of a page.

The info string of a fenced block says what it is. All blocks of a page share a folder, in their order.

- `console`: each line that begins with `$ ` is run, and what stands below is what it prints.
- `python`: is run.
- `yaml FILE` and `csv FILE`: become that file.
- Whatever is not run says why: `sh (not run: takes half an hour)`. Benchmarks need no reason: they take long.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import NamedTuple
from unittest import mock

from capsim.cli import main

ROOT = Path(__file__).parents[1]
FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<body>.*?)^```$", re.DOTALL | re.MULTILINE)
BENCHMARK = re.compile(r"(\w+=\S+ )*(python benchmarks/|pip install )")
NOT_RUN = re.compile(r"\(not run: [^)]{8,}\)$")
COLUMNS = "100"
# What differs from run to run and from machine to machine: how long something took, and on how many processors.
UNSTEADY = [
    (re.compile(r"[\d.]+\s+CPU\s+s"), "… CPU s"),
    (re.compile(r"about [\d.,]+ (s|min|h|days) with \d+ process(es)?"), "about …"),
]


class Block(NamedTuple):
    """A fenced block of a page: its info string, its text, and its place."""

    info: str
    body: str
    start: int
    end: int

    @property
    def kind(self) -> str:
        """The first word of the info string."""
        return self.info.partition(" ")[0]

    @property
    def runs(self) -> bool:
        """Whether it is run."""
        lines = [line for line in self.body.splitlines() if line.strip()]
        return not NOT_RUN.search(self.info) and not all(BENCHMARK.match(line) for line in lines)


def pages() -> list[Path]:
    """The pages whose blocks are run."""
    return [ROOT / "README.md", ROOT / "docs" / "tutorial.md", *sorted((ROOT / "docs" / "explanation").glob("*.md"))]


def blocks(text: str) -> list[Block]:
    """The fenced blocks of a page, in their order."""
    return [Block(m["info"].strip(), m["body"], m.start("body"), m.end("body")) for m in FENCE.finditer(text)]


def commands(body: str) -> list[tuple[str, str]]:
    """The commands of a console block, each with what it is shown to print."""
    parts = re.split(r"^\$ (.*)\n", body, flags=re.MULTILINE)
    return list(zip(parts[1::2], parts[2::2], strict=True))


def steady(text: str) -> list[str]:
    """The lines of an output without what differs from run to run."""
    for pattern, shown in UNSTEADY:
        text = pattern.sub(shown, text)
    return [line.rstrip() for line in text.strip().splitlines()]


@contextmanager
def workplace() -> Iterator[None]:
    """A folder in which a page runs: what it writes is gone afterwards, and the shipped data is at hand."""
    terminal = {"COLUMNS": COLUMNS, "NO_COLOR": "1"}
    with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, terminal):
        for shipped in ("scenarios", "profiles"):
            (Path(folder) / shipped).symlink_to(ROOT / shipped)
        with chdir(folder):
            yield


def printed(command: str) -> str:
    """What a command line prints in this folder, on standard output and standard error together."""
    words = shlex.split(command)
    if words[0] != "capsim":
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout  # noqa: S603 - the pages are ours
    told = io.StringIO()
    with redirect_stdout(told), redirect_stderr(told), mock.patch.object(sys, "argv", words), suppress(SystemExit):
        main()
    return told.getvalue()


def replayed(block: Block) -> str:
    """The text of a block as it is after running it in this folder."""
    if not block.runs:
        return block.body
    if block.kind == "console":
        return "".join(f"$ {command}\n{_told(command)}" for command, _ in commands(block.body))
    if block.kind == "python":
        with redirect_stdout(io.StringIO()):
            exec(compile(block.body, block.info, "exec"), {"__name__": "__main__"})  # noqa: S102 - the pages are ours
    else:
        Path(block.info.split()[1]).write_text(block.body, encoding="utf-8")
    return block.body


def _told(command: str) -> str:
    return "".join(f"{line.rstrip()}\n" for line in printed(command).strip("\n").splitlines())


def bring_up_to_date(page: Path) -> None:
    """Write the page anew where an output has changed by more than a time."""
    text = page.read_text(encoding="utf-8")
    parts, reached = [], 0
    with workplace():
        for block in blocks(text):
            fresh = replayed(block)
            parts += [text[reached : block.start], block.body if steady(fresh) == steady(block.body) else fresh]
            reached = block.end
    written = "".join([*parts, text[reached:]])
    if written != text:
        page.write_text(written, encoding="utf-8")
        print(f"wrote {page.relative_to(ROOT)}")  # noqa: T201 - a script says what it did


if __name__ == "__main__":
    for each in [Path(name).resolve() for name in sys.argv[1:]] or pages():
        bring_up_to_date(each)
