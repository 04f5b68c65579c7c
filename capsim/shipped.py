"""The scenarios and profiles that come with capsim, named `shipped:NAME` wherever a file is expected."""

from __future__ import annotations

from pathlib import Path

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


def locate(name: str, kind: str, base: Path = Path()) -> Path:
    """The file that a name means: one that is shipped, or a path relative to `base`.

    Raises:
        InputError: nothing of this name is shipped.
    """
    if not name.startswith(PREFIX):
        return base / name
    wanted, known = name.removeprefix(PREFIX), names(kind)
    if wanted not in known:
        hint = did_you_mean(wanted, known) or f"; there are {', '.join(known)}"
        raise InputError(name, [Fault("", f"is not among the shipped {kind}{hint}")])
    return folder(kind) / f"{wanted}.yaml"
