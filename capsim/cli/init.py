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
    from capsim.documents.output import check_outputs, written_whole
    from capsim.scenario.starter import starter_text

    check_outputs({"": file}, force=force)
    with written_whole(file) as unfinished:
        unfinished.write_text(starter_text(), encoding="utf-8")
    typer.echo(f"Wrote {file}. Next: capsim run {file}")
