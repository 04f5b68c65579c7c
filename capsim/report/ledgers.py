"""Ledgers as files, written whole or not at all."""

from __future__ import annotations

from pathlib import Path

from capsim.report.tables import check_table_file, write_table
from capsim.stats import Result

OPTION = "--ledger"


def check_ledger_file(path: Path) -> None:
    """See before a long run whether its ledger can be written.

    Raises:
        InputError: an ending that is not known, or no such folder.
    """
    check_table_file(path, OPTION)


def write_ledger(result: Result, path: Path) -> list[Path]:
    """Write the requests to `path` and the visits beside it; gives both names.

    Raises:
        InputError: see `check_ledger_file`, or the file system refused.
    """
    beside = path.with_name(f"{path.stem}.visits{path.suffix}")
    write_table(result.request_frame(), path, OPTION)
    write_table(result.visit_frame(), beside, OPTION)
    return [path, beside]
