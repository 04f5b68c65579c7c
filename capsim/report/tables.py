"""Tables as files, written whole or not at all."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from capsim.documents.output import check_outputs, written_together
from capsim.errors import Fault, InputError

if TYPE_CHECKING:
    import pandas as pd

ENDINGS = (".parquet", ".csv")


def check_table_file(path: Path, option: str, *, force: bool = False, read: Collection[Path] = ()) -> None:
    """See before a long run whether its table can be written; `option` is what faults call it.

    Raises:
        InputError: an ending that is not known, or what `check_outputs` has against it.
    """
    check_ending(path, option)
    check_outputs({option: path}, force=force, read=read)


def check_ending(path: Path, option: str) -> None:
    """Refuse a file whose kind its name does not say.

    Raises:
        InputError: an ending that is not known.
    """
    if path.suffix not in ENDINGS:
        raise InputError(str(path), [Fault(option, f"expected a name ending in .parquet or .csv, got '{path.name}'")])


def write_tables(frames: Mapping[Path, pd.DataFrame], option: str) -> None:
    """Write tables as the endings of their files say, all or none.

    Raises:
        InputError: the file system refused.
    """
    with written_together([*frames], option) as files:
        for file, (path, frame) in zip(files, frames.items(), strict=True):
            if path.suffix == ".csv":
                frame.to_csv(file, index=False)
            else:
                frame.to_parquet(file, index=False)
