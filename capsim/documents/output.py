"""Files written whole or not at all, and never over what is there unless that is asked for."""

from __future__ import annotations

import os
import secrets
import shutil
import stat
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from capsim.documents.files import leads_back
from capsim.errors import Fault, InputError

LONGEST_STEM = 40
"""Characters of a file's name in those of its unfinished versions, which must not be longer than names may be."""


def check_outputs(
    paths: Mapping[str, Path | None], *, force: bool, read: Collection[Path] = (), source: str = ""
) -> None:
    """See before a long run whether its files can be written and lose nothing.

    Args:
        paths: what asks for a file, such as `--output`, to the file; None where nothing does.
        force: files that are there may be replaced.
        read: the inputs, which are never replaced.
        source: what faults name; the file where not given.

    Raises:
        InputError: all that stands against it.
    """
    wanted = {option: path for option, path in paths.items() if path is not None}
    faults = []
    for number, (option, path) in enumerate(wanted.items()):
        said = _against(path, force=force, read=read)
        if said is None and any(_same(path, other) for other in [*wanted.values()][:number]):
            said = "is given twice"
        if said is not None:
            faults.append((str(path), Fault(option, said, file=str(path) if source or len(wanted) > 1 else None)))
    if faults:
        raise InputError(source or ", ".join(dict.fromkeys(path for path, _ in faults)), [fault for _, fault in faults])


def _against(path: Path, *, force: bool, read: Collection[Path]) -> str | None:
    """What stands against writing a file."""
    try:
        if path.is_dir():
            return "is a folder"
        if path.exists() and not path.is_file():
            return "is not a file"
        if not path.parent.is_dir():
            return f"there is no folder {path.parent}"
        if any(_same(path, other) for other in read):
            return "is an input of this command, and would be lost; choose another name"
        if path.exists() and not force:
            return "exists already; choose another name, or --force"
        if not os.access(_target(path).parent, os.W_OK):
            return "cannot be written: its folder is read-only"
    except OSError as error:
        return f"cannot be written: {error.strerror or error}"
    return None


def _same(path: Path, other: Path) -> bool:
    """Whether two names are those of one file, through links and other ways to spell it."""
    with suppress(OSError):
        return path.samefile(other)
    return path.absolute() == other.absolute()


@contextmanager
def written_whole(path: Path, option: str = "") -> Iterator[Path]:
    """A file to write to, which takes the place of `path` once all is written, so that nobody meets half of it.

    Raises:
        InputError: it cannot be written; `option` says what asked for it.
    """
    with written_together([path], option) as unfinished:
        yield unfinished[0]


@contextmanager
def written_together(paths: Sequence[Path], option: str = "") -> Iterator[list[Path]]:
    """Files to write to, which take the places of `paths` once all are written: all of them or none.

    Two that write the same file at once each have their own, and the last to be done has written it.

    Raises:
        InputError: they cannot be written; `option` says what asked for them.
    """
    unfinished: list[Path] = []
    try:
        targets = [_target(path) for path in paths]
        for target in targets:
            unfinished.append(_beside(target))
            _make(unfinished[-1], target)
        yield unfinished
        _put(unfinished, targets)
    except OSError as error:
        raise InputError(str(paths[0]), [Fault(option, f"cannot be written: {error.strerror or error}")]) from None
    finally:
        _remove(unfinished)


def _target(path: Path) -> Path:
    """Where a file is, behind links; what is no file, such as a device, is none to replace."""
    if path.exists() and not path.is_file():
        raise OSError(f"is {'a folder' if path.is_dir() else 'not a file'}")
    if leads_back(path):
        raise OSError("it is a link that leads back to itself")
    return path.resolve() if path.is_symlink() else path


def _beside(target: Path) -> Path:
    """A name in the folder of a file that nobody else uses."""
    return target.with_name(f".{target.name[:LONGEST_STEM]}.{secrets.token_hex(6)}.part")


def _make(unfinished: Path, target: Path) -> None:
    """An empty file that may be read and written by those who may the one that it replaces."""
    unfinished.open("xb").close()
    if target.exists():
        with suppress(OSError):
            unfinished.chmod(stat.S_IMODE(target.stat().st_mode))


def _put(unfinished: Sequence[Path], targets: Sequence[Path]) -> None:
    """Put files in their places; those that were there come back where that fails or is interrupted."""
    if len(targets) == 1:
        unfinished[0].replace(targets[0])
        return
    before: list[tuple[Path, Path | None]] = []
    with alone(targets[0].parent):
        try:
            for made, target in zip(unfinished, targets, strict=True):
                before.append((target, _kept(target)))
                made.replace(target)
        except BaseException:
            _put_back(before)
            raise
        finally:
            _remove([kept for _, kept in before if kept is not None])


def _put_back(before: Sequence[tuple[Path, Path | None]]) -> None:
    """Give files what they held; remove those that were not there."""
    for target, kept in reversed(before):
        with suppress(OSError):
            if kept is None:
                target.unlink()
            else:
                kept.replace(target)


def _kept(target: Path) -> Path | None:
    """The file that is there under another name too; nothing where there is none."""
    if not target.exists():
        return None
    kept = _beside(target)
    try:
        kept.hardlink_to(target)
    except OSError:
        # Not every file system has links.
        shutil.copy2(target, kept)
    return kept


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """While no other process does so with this file or folder; where the system cannot tell, at once."""
    with ExitStack() as held:
        with suppress(ImportError, OSError):
            import fcntl

            descriptor = os.open(path, os.O_RDONLY)
            held.callback(os.close, descriptor)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield


def _remove(files: Sequence[Path]) -> None:
    """Clean up; what fails then must not hide why."""
    for file in files:
        with suppress(OSError):
            file.unlink()
