"""The scenarios and profiles that come with capsim, named `shipped:NAME` wherever a file is expected."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

from capsim.documents.files import last_part, named_file
from capsim.errors import Fault, InputError, nearest

PREFIX = "shipped:"
MOST_BESIDE = 1000
FEWEST_LETTERS = 3
MOST_HINTS = 3
MOST_LISTED = 12
WORD = re.compile(r"[a-z0-9.]+")


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
            file = named_file(name, base, closed=closed)
        except InputError as error:
            raise InputError(name, [Fault("", f"{error.faults[0].message}{_same_name(name, kind)}")]) from None
        if _absent(file):
            hint = _same_name(name, kind) or _near(file)
            raise InputError(name, [Fault("", f"no such file{hint}")])
        return file
    wanted, known = name.removeprefix(PREFIX), names(kind)
    if wanted not in known:
        hint = _alike(wanted, known) or _other(wanted, kind) or _listed(kind, known)
        raise InputError(name, [Fault("", f"is not among the shipped {kind}{hint}")])
    return folder(kind) / f"{wanted}.yaml"


def _absent(file: Path) -> bool:
    """Whether nothing stands there, as far as one may look."""
    try:
        return not file.exists() and not file.is_symlink()
    except OSError:
        return False


def _near(file: Path) -> str:
    """A hint at a file of the same kind and a like name that stands where one was looked for, or nothing."""
    try:
        beside = sorted(path.name for path in itertools.islice(file.parent.iterdir(), MOST_BESIDE))
    except OSError:
        return ""
    near = nearest(file.stem, [Path(name).stem for name in beside if Path(name).suffix == file.suffix])
    return f"; did you mean {near}{file.suffix}?" if near else ""


def _alike(wanted: str, known: list[str]) -> str:
    """Those that hold every word of the wanted one, else the nearest, or those of the nearest own name, as a hint."""
    own, words = last_part(wanted).lower(), WORD.findall(wanted.lower())
    fitting = [name for name in known if all(word in name.lower() for word in words)]
    if len("".join(words)) < FEWEST_LETTERS or not fitting:
        near, own_near = nearest(wanted, known), nearest(own, sorted({last_part(name) for name in known}))
        fitting = [near] if near else [name for name in known if last_part(name) == own_near]
    more = f" or {len(fitting) - MOST_HINTS} more" if len(fitting) > MOST_HINTS else ""
    return f"; did you mean {', '.join(fitting[:MOST_HINTS])}{more}?" if fitting else ""


def _other(wanted: str, kind: str) -> str:
    """A hint where a profile was named in place of a scenario that uses it, or nothing."""
    hint = _alike(wanted, names("profiles")) if kind == "scenarios" else ""
    return f"; a profile is named by a pool of a scenario{hint}" if hint else ""


def _listed(kind: str, known: list[str]) -> str:
    if len(known) <= MOST_LISTED:
        return f"; there are {', '.join(known)}"
    return f"; capsim {kind.removesuffix('s')} list shows all {len(known)}"


def _same_name(name: str, kind: str) -> str:
    """A hint at what is shipped under the same last part of the name, or nothing."""
    stem = Path(last_part(name)).stem
    namesakes = [known for known in names(kind) if last_part(known) == stem]
    return f"; {PREFIX}{namesakes[0]} is shipped" if namesakes else ""
