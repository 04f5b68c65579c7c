"""Tables as files, written whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from capsim.documents.files import check_writable, written_whole
from capsim.errors import Fault, InputError

if TYPE_CHECKING:
    import pandas as pd

ENDINGS = (".parquet", ".csv")


def check_table_file(path: Path, option: str) -> None:
    """See before a long run whether its table can be written.

    Raises:
        InputError: an ending that is not known, or no such folder; `option` is what faults call it.
    """
    if path.suffix not in ENDINGS:
        raise InputError(str(path), [Fault(option, f"expected a name ending in .parquet or .csv, got '{path.name}'")])
    check_writable(path, option)


def write_table(frame: pd.DataFrame, path: Path, option: str) -> None:
    """Write a table as its ending says.

    Raises:
        InputError: see `check_table_file`, or the file system refused.
    """
    check_table_file(path, option)
    with written_whole(path, option) as file:
        if path.suffix == ".csv":
            frame.to_csv(file, index=False)
        else:
            frame.to_parquet(file, index=False)
