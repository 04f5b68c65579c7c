"""`capsim run`: simulate a scenario and print the answer."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from capsim.cli.options import AsJson, Force, ScenarioFile, Settings

if TYPE_CHECKING:
    from capsim.simulation import Progress


class Engine(StrEnum):
    """The engines to choose from."""

    auto = "auto"
    simpy = "simpy"
    compiled = "compiled"


def run(
    scenario: ScenarioFile,
    settings: Settings = [],  # noqa: B006 - typer copies it
    engine: Annotated[Engine, typer.Option(help="Which engine simulates.")] = Engine.auto,
    as_json: AsJson = False,
    ledger: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write a row per request to FILE (.parquet or .csv), visits and attempts beside it."
        ),
    ] = None,
    check_objective: Annotated[
        bool, typer.Option("--check-objective", help="Exit with 1 if the objective is not met, or nobody can know.")
    ] = False,
    probability: Annotated[
        float,
        typer.Option(
            help="How probable --check-objective wants it, with everything known to be uncertain.", min=0.5, max=0.9999
        ),
    ] = 0.5,
    force: Force = False,
) -> None:
    """Simulate a scenario: latency, throughput, utilisation, cost, and whether the objective is met."""
    from capsim.documents.files import files_read
    from capsim.report.ledgers import check_ledger_file, write_ledger
    from capsim.scenario import load_scenario
    from capsim.simulation import simulate

    with files_read() as read:
        loaded = load_scenario(scenario, settings)
    if ledger is not None:
        check_ledger_file(ledger, loaded, force=force, read=read)
    if check_objective and not loaded.targets_ns():
        raise typer.BadParameter("the scenario has no objective to check", param_hint="--check-objective")
    with replications() as progress:
        result = simulate(loaded, engine.value, progress, rows=ledger is not None)
    if ledger is not None:
        written = write_ledger(result, ledger)
        typer.secho(f"Wrote {', '.join(map(str, written[:-1]))} and {written[-1]}.", dim=True, err=True)
    if as_json:
        typer.echo(result.to_json())
    else:
        from rich.console import Console

        from capsim.report.text import answer

        Console().print(answer(result))
    if check_objective and result.objective is not None and not result.objective.holds(probability):
        raise typer.Exit(1)


@contextmanager
def replications() -> Iterator[Progress | None]:
    """A bar on standard error that goes away when done; nothing where that is not a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("simulating"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("replications")

        def tell(replication: int, wanted: int, share: float) -> None:
            bars.update(task, total=wanted, completed=replication + share)

        yield tell
