"""`capsim profile`: its commands, each in a file of its own."""

from __future__ import annotations

import typer

from capsim.cli import profile_measure

app = typer.Typer(no_args_is_help=True)


@app.callback()
def profile() -> None:
    """Latency profiles: how long a batch takes on a piece of hardware."""


app.command()(profile_measure.measure)
