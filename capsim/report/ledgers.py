"""Ledgers as files, written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from capsim.errors import Fault, InputError
from capsim.stats import Result

if TYPE_CHECKING:
    import pandas as pd

ENDINGS = (".parquet", ".csv")


def check_ledger_file(path: Path) -> None:
    """See before a long run whether its ledger can be written.

    Raises:
        InputError: an ending that is not known, or no such folder.
    """
    if path.suffix not in ENDINGS:
        raise InputError(
            str(path), [Fault("--ledger", f"expected a name ending in .parquet or .csv, got '{path.name}'")]
        )
    if not path.parent.is_dir():
        raise InputError(str(path), [Fault("--ledger", f"there is no folder {path.parent}")])


def write_ledger(result: Result, path: Path) -> list[Path]:
    """Write the requests to `path` and the visits beside it; gives both names.

    Raises:
        InputError: see `check_ledger_file`, or the file system refused.
    """
    check_ledger_file(path)
    beside = path.with_name(f"{path.stem}.visits{path.suffix}")
    try:
        _write(result.request_frame(), path)
        _write(result.visit_frame(), beside)
    except OSError as error:
        raise InputError(str(path), [Fault("--ledger", f"cannot be written: {error.strerror or error}")]) from None
    return [path, beside]


def _write(frame: pd.DataFrame, path: Path) -> None:
    partial = path.with_name(f".{path.name}.partial")
    try:
        if path.suffix == ".csv":
            frame.to_csv(partial, index=False)
        else:
            frame.to_parquet(partial, index=False)
        os.replace(partial, path)  # noqa: PTH105 - the atomic rename is the point
    finally:
        partial.unlink(missing_ok=True)
