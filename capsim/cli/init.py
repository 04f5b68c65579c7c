"""`capsim init`: a commented scenario to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def init(
    file: Annotated[Path, typer.Argument(help="Where to write it.")] = Path("scenario.yaml"),
    force: Annotated[bool, typer.Option("--force", help="Overwrite what is there.")] = False,
) -> None:
    """Write a commented scenario to start from."""
    from capsim.errors import Fault, InputError
    from capsim.scenario.starter import starter_text

    if file.is_dir():
        raise InputError(str(file), [Fault("", "is a folder")])
    if not file.parent.is_dir():
        raise InputError(str(file), [Fault("", f"there is no folder {file.parent}")])
    try:
        with file.open("w" if force else "x", encoding="utf-8") as stream:
            stream.write(starter_text())
    except FileExistsError:
        raise InputError(str(file), [Fault("", "exists already; choose another name, or --force")]) from None
    except OSError as error:
        raise InputError(str(file), [Fault("", f"cannot be written: {error.strerror}")]) from None
    typer.echo(f"Wrote {file}. Next: capsim run {file}")
