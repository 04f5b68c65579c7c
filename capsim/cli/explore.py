"""`capsim explore`: the explorer in the browser."""

from __future__ import annotations

from typing import Annotated

import typer


def explore(
    scenario: Annotated[
        str | None, typer.Argument(metavar="[SCENARIO]", help="A YAML file to open, or shipped:NAME.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="The port to listen on; the first free one from 8501 on.")
    ] = None,
    host: Annotated[
        str, typer.Option(help="The address to listen on. Anybody who reaches it can use the page.")
    ] = "127.0.0.1",
    allow_host: Annotated[
        list[str],
        typer.Option(metavar="NAME", help="A further name by which browsers may reach the page, as behind a proxy."),
    ] = [],  # noqa: B006 - typer copies it
    browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = True,
) -> None:
    """Explore a scenario in the browser: move its settings, see what follows.

    The page is for this machine alone unless --host says otherwise, and nothing is sent anywhere.
    """
    from capsim.scenario import load_scenario
    from capsim.ui.server import check_free, serve

    if scenario is not None:
        load_scenario(scenario)
    if port is not None:
        check_free(host, port)
    code = serve(scenario, host, port, browser=browser, allowed=allow_host)
    if code:
        raise typer.Exit(code)
