"""Arguments and options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

ScenarioFile = Annotated[str, typer.Argument(metavar="SCENARIO", help="A YAML file, or shipped:NAME.")]
Settings = Annotated[
    list[str],
    typer.Option("--set", metavar="PATH=VALUE", help="Set a value, for example pools.cpu.servers=8. Repeatable."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of tables.")]
