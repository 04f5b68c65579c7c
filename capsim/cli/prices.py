"""`capsim prices`: its commands, each in a file of its own."""

from __future__ import annotations

import typer

from capsim.cli import prices_add, prices_check, prices_list, prices_show

app = typer.Typer(no_args_is_help=True)


@app.callback()
def prices() -> None:
    """Dated prices of servers: those that come with capsim, and your own, which win."""


app.command(name="list")(prices_list.list_prices)
app.command()(prices_show.show)
app.command()(prices_add.add)
app.command()(prices_check.check)
