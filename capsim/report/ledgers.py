"""Ledgers as files: both of them written whole, or neither."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from capsim.documents.output import check_outputs
from capsim.report.tables import check_ending, write_tables
from capsim.stats import Result

OPTION = "--ledger"


def check_ledger_file(path: Path, *, force: bool = False, read: Collection[Path] = ()) -> None:
    """See before a long run whether its ledger can be written.

    Raises:
        InputError: an ending that is not known, or what `check_outputs` has against one of both files.
    """
    check_ending(path, OPTION)
    check_outputs({OPTION: path, f"{OPTION} (visits)": _beside(path)}, force=force, read=read)


def write_ledger(result: Result, path: Path) -> list[Path]:
    """Write the requests to `path` and the visits beside it; gives both names.

    Raises:
        InputError: the file system refused; then neither is written.
    """
    beside = _beside(path)
    write_tables({path: result.request_frame(), beside: result.visit_frame()}, OPTION)
    return [path, beside]


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.stem}.visits{path.suffix}")
