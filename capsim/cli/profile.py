"""`capsim profile`: its commands, each in a file of its own."""

from __future__ import annotations

import typer

from capsim.cli import profile_compare, profile_import, profile_list, profile_measure, profile_show

app = typer.Typer(no_args_is_help=True)


@app.callback()
def profile() -> None:
    """Latency profiles: how long a batch takes on a piece of hardware."""


app.command()(profile_measure.measure)
app.command()(profile_show.show)
app.command()(profile_compare.compare)
app.command(name="list")(profile_list.list_profiles)
app.add_typer(profile_import.app, name="import")
