"""The files that a document names and how far a name may reach."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from capsim.errors import Fault, InputError, did_you_mean

_noted: ContextVar[set[Path] | None] = ContextVar("noted", default=None)


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


@contextmanager
def files_read() -> Iterator[set[Path]]:
    """The files that are read inside, as they are read: what a command must not write over."""
    noted: set[Path] = set()
    token = _noted.set(noted)
    try:
        yield noted
    finally:
        _noted.reset(token)


def note_read(path: Path) -> None:
    """Remember for `files_read` that a file is an input."""
    noted = _noted.get()
    if noted is not None:
        noted.add(path)


def what_stands_there(path: Path) -> str:
    """What stands in place of a file."""
    if path.is_dir():
        return "is a folder"
    if path.exists():
        return "is not a file"
    if leads_back(path):
        return "is a link that leads back to itself"
    return "is a link to a file that does not exist" if path.is_symlink() else "no such file"


def leads_back(path: Path) -> bool:
    """Whether links on the way to a file lead in a circle."""
    try:
        path.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        return isinstance(error, RuntimeError) or error.errno == errno.ELOOP
    except ValueError:
        # A zero byte is in the name of no file.
        return False
    return False
