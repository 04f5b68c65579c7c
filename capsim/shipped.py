"""The scenarios and profiles that come with capsim, named `shipped:NAME` wherever a file is expected."""

from __future__ import annotations

from pathlib import Path

from capsim.documents.files import last_part, named_file
from capsim.errors import Fault, InputError, did_you_mean

PREFIX = "shipped:"


def folder(kind: str) -> Path:
    """The folder `profiles` or `scenarios`: inside an installed package, beside it in a checkout."""
    package = Path(__file__).parent
    installed = package / "shipped" / kind
    return installed if installed.is_dir() else package.parent / kind


def names(kind: str) -> list[str]:
    """What is shipped of a kind, without `shipped:` and the ending."""
    root = folder(kind)
    return sorted(path.relative_to(root).with_suffix("").as_posix() for path in root.rglob("*.yaml"))


def locate(name: str, kind: str, base: Path = Path(), *, closed: bool = False) -> Path:
    """The file that a name means: one that is shipped, or a path relative to `base`; `closed` as for `named_file`.

    Raises:
        InputError: nothing of this name is shipped, or in a closed folder.
    """
    if not name.startswith(PREFIX):
        try:
            return named_file(name, base, closed=closed)
        except InputError as error:
            raise InputError(name, [Fault("", f"{error.faults[0].message}{_same_name(name, kind)}")]) from None
    wanted, known = name.removeprefix(PREFIX), names(kind)
    if wanted not in known:
        hint = did_you_mean(wanted, known) or f"; there are {', '.join(known)}"
        raise InputError(name, [Fault("", f"is not among the shipped {kind}{hint}")])
    return folder(kind) / f"{wanted}.yaml"


def _same_name(name: str, kind: str) -> str:
    """A hint at what is shipped under the same last part of the name, or nothing."""
    stem = Path(last_part(name)).stem
    found = [known for known in names(kind) if last_part(known) == stem]
    return f"; {PREFIX}{found[0]} is shipped" if found else ""
