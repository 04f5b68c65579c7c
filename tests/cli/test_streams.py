"""Where an answer goes: full, closed, or nobody reads. Always one line, or none, and an exit code that says it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from commanded import capsim

from capsim import cli

FULL = Path("/dev/full")

pytestmark = pytest.mark.skipif(not FULL.exists(), reason="the system has no /dev/full")


def started(words: str, redirected: str) -> subprocess.CompletedProcess[str]:
    command = f'"{sys.executable}" -m capsim {words} {redirected}'
    return subprocess.run(["/bin/bash", "-c", command], capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("words", ["schema", "run --help", "profile list"])
@pytest.mark.parametrize(("where", "why"), [(">/dev/full", "No space left on device"), (">&-", "it is closed")])
def test_standard_output_that_takes_nothing(words: str, where: str, why: str) -> None:
    done = started(words, where)
    assert done.returncode == 2
    assert done.stderr == f"The answer cannot be written to standard output: {why}.\n"


def test_a_reader_who_has_gone() -> None:
    done = started("schema", "| true; exit ${PIPESTATUS[0]}")
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.parametrize("where", ["2>/dev/full", "2>&-"])
def test_messages_that_cannot_be_written_change_nothing(where: str) -> None:
    assert started("schema", where).returncode == 0
    assert started("run no-such-file.yaml", where).returncode == 2


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (lambda: MemoryError(), "There is not enough memory for this; shorten it, or give it more.\n"),
        (lambda: OSError(36, os.strerror(36), "x.yaml"), "x.yaml: File name too long\n"),
    ],
)
def test_what_the_machine_refuses_is_no_fault_of_capsim(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Callable[[], Exception], said: str
) -> None:
    def fail(**_: object) -> None:
        raise error()

    monkeypatch.setattr(cli, "app", fail)
    done = capsim(tmp_path, "schema")
    assert (done.returncode, done.stderr) == (2, said)


def test_a_request_to_end_is_followed_tidily(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from capsim.documents.output import written_whole

    def interrupted(**_: object) -> None:
        with written_whole(tmp_path / "x") as file:
            file.write_text("half")
            signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(cli, "app", interrupted)
    before = signal.getsignal(signal.SIGTERM)
    try:
        assert capsim(tmp_path, "schema").returncode == 143
    finally:
        signal.signal(signal.SIGTERM, before)
    assert list(tmp_path.iterdir()) == []
