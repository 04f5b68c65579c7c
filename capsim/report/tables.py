"""Tables as files, written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

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
    if not path.parent.is_dir():
        raise InputError(str(path), [Fault(option, f"there is no folder {path.parent}")])


def write_table(frame: pd.DataFrame, path: Path, option: str) -> None:
    """Write a table as its ending says.

    Raises:
        InputError: see `check_table_file`, or the file system refused.
    """
    check_table_file(path, option)
    partial = path.with_name(f".{path.name}.partial")
    try:
        if path.suffix == ".csv":
            frame.to_csv(partial, index=False)
        else:
            frame.to_parquet(partial, index=False)
        os.replace(partial, path)  # noqa: PTH105 - the atomic rename is the point
    except OSError as error:
        raise InputError(str(path), [Fault(option, f"cannot be written: {error.strerror or error}")]) from None
    finally:
        partial.unlink(missing_ok=True)
