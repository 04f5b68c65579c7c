"""Arguments and options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

ScenarioFile = Annotated[
    str, typer.Argument(metavar="SCENARIO", help="A YAML file, shipped:NAME, or - for standard input.")
]
Settings = Annotated[
    list[str],
    typer.Option("--set", metavar="PATH=VALUE", help="Set a value, for example pools.cpu.servers=8. Repeatable."),
]
Force = Annotated[bool, typer.Option("--force", help="Replace files that are there; never one that is read.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of tables.")]
Vary = Annotated[
    list[str],
    typer.Option(
        "--vary",
        metavar="PATH=VALUES",
        help="What to vary: pools.cpu.servers=1:16, =1:64:4, =1,2,4, or with units =100 /s:500 /s:50 /s. Repeatable.",
    ),
]
Workers = Annotated[
    int | None,
    typer.Option("--workers", min=1, help="Processes in parallel; by default as many as are quickest."),
]
Yes = Annotated[bool, typer.Option("--yes", help="Simulate more than 10,000 combinations without asking.")]
