"""The files that a document names and how far a name may reach; files written whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from capsim.errors import Fault, InputError, did_you_mean


def named_file(name: str, folder: Path, *, closed: bool = False) -> Path:
    """The file that a document in `folder` means by a name.

    Args:
        name: as the document has it.
        folder: what relative names are relative to.
        closed: the document comes from outside and may reach nothing but what came with it: of the name only the
            last part counts, and it must be that of a file directly in `folder`. Where that is no folder, nothing is.

    Raises:
        InputError: the folder is closed and has no such file.
    """
    if not closed:
        return folder / name
    inside = folder.iterdir() if folder.is_dir() else ()
    here = sorted(path.name for path in inside if path.is_file() and not path.is_symlink())
    wanted = last_part(name)
    if wanted not in here:
        said = f"is not among the files given{did_you_mean(wanted, here)}"
        raise InputError(name[:200], [Fault("", said)])
    return folder / wanted


def last_part(name: str) -> str:
    """A file's own name, with whatever separators its folders are written."""
    return name.replace("\\", "/").rpartition("/")[2]


def check_writable(path: Path, option: str = "") -> None:
    """See before a long run whether there is a place for the file that it ends in.

    Raises:
        InputError: its folder does not exist, or it is a folder itself; `option` says what asked for it.
    """
    if path.is_dir():
        raise InputError(str(path), [Fault(option, "is a folder")])
    if not path.parent.is_dir():
        raise InputError(str(path), [Fault(option, f"there is no folder {path.parent}")])


@contextmanager
def written_whole(path: Path, option: str = "") -> Iterator[Path]:
    """A file to write to, which takes the place of `path` once all is written, so that nobody meets half of it.

    Raises:
        InputError: it cannot be written; `option` says what asked for it.
    """
    unfinished = path.with_name(f".{path.name}.part")
    try:
        yield unfinished
        unfinished.replace(path)
    except OSError as error:
        raise InputError(str(path), [Fault(option, f"cannot be written: {error.strerror or error}")]) from None
    finally:
        unfinished.unlink(missing_ok=True)
