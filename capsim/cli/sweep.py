"""`capsim sweep`: the answer for every combination of settings."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from capsim.cli.asking import effort_of, processes, span
from capsim.cli.executing import Cluster, Executor, Where, executing
from capsim.cli.options import AsJson, Force, ScenarioFile, Settings, Vary, Workers, Yes
from capsim.cli.run import Engine

if TYPE_CHECKING:
    from capsim.scenario.grid import Grid
    from capsim.sweeping import Cell, Journal

_NO, _INTERRUPTED = 1, 130
PIPED_WIDTH = 160
MOST_LINES_TOLD = 10


def sweep(
    scenario: ScenarioFile,
    vary: Vary = [],  # noqa: B006 - typer copies it
    settings: Settings = [],  # noqa: B006 - typer copies it
    output: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write the table to FILE (.csv or .parquet); FILE.cells.jsonl keeps progress."
        ),
    ] = None,
    workers: Workers = None,
    executor: Where = Executor.processes,
    cluster: Cluster = None,
    check_objective: Annotated[
        bool, typer.Option("--check-objective", help="Exit with 1 if a combination does not meet its objective.")
    ] = False,
    yes: Yes = False,
    engine: Annotated[Engine, typer.Option(help="Which engine simulates.")] = Engine.auto,
    as_json: AsJson = False,
    force: Force = False,
) -> None:
    """Simulate every combination of the varied settings: latency, throughput, utilisation and cost of each.

    With --output, Ctrl-C keeps what is done, and the same command continues.
    """
    from rich.console import Console

    from capsim.documents.files import files_read
    from capsim.report.sweep import sweep_frame, sweep_json, sweep_table
    from capsim.report.tables import write_tables
    from capsim.scenario.grid import load_grid

    with files_read() as read:
        grid = load_grid(scenario, vary, settings)
    if check_objective:
        _check_objectives(grid)
    command = [scenario, *vary, *settings]
    journal = None if output is None else _journal(output, command, force=force, read=read)
    with executing(executor, cluster, workers) as at_once:
        cells = _swept(grid, at_once, engine.value, journal, asked=yes)
    if output is not None and journal is not None:
        write_tables({output: sweep_frame(cells)}, "--output")
        journal.made(output, command)
        Console(stderr=True).print(f"Wrote {output}.", style="dim", highlight=False)
    if as_json:
        typer.echo(sweep_json(grid.base.name, cells))
    elif output is None or Console().is_terminal:
        # A file or a pipe has no width of its own to cut headings for.
        Console(width=None if Console().is_terminal else PIPED_WIDTH).print(sweep_table(cells))
    if check_objective and not all(_met(cell) for cell in cells):
        raise typer.Exit(_NO)


def _met(cell: Cell) -> bool:
    objective = cell.answer["objective"]
    return objective is not None and bool(objective["met"])


def _check_objectives(grid: Grid) -> None:
    """Every combination has an objective where the variables or the scenario give one."""
    if not grid.scenario(0).targets_ns():
        raise typer.BadParameter("the scenario has no objective to check", param_hint="--check-objective")


def _journal(output: Path, command: list[str], *, force: bool, read: Collection[Path]) -> Journal:
    """What the same command has done before; without it, a table that is there is not replaced."""
    from capsim.documents.output import check_outputs
    from capsim.report.tables import check_table_file
    from capsim.sweeping import Journal

    beside = output.with_name(f"{output.name}.cells.jsonl")
    check_table_file(output, "--output", force=True, read=read)
    check_outputs({"--output": beside}, force=True, read=read)
    journal = Journal(beside)
    check_table_file(output, "--output", force=force or journal.has_made(output, command))
    if journal.damaged:
        lines = ", ".join(map(str, journal.damaged[:MOST_LINES_TOLD]))
        more = len(journal.damaged) - MOST_LINES_TOLD
        which = f"lines {lines}" if len(journal.damaged) > 1 else f"line {lines}"
        told = f"{which}{f' and {more} more' if more > 0 else ''}"
        typer.echo(f"{beside}: {told}: damaged, so not used; what was there is simulated anew.", err=True)
    return journal


def _swept(grid: Grid, workers: int | None, engine: str, journal: Journal | None, *, asked: bool) -> list[Cell]:
    from rich.console import Console

    from capsim.cli.bars import counted
    from capsim.sweeping import sweep as run

    effort = effort_of(grid, workers, engine, yes=asked)
    told = Console(stderr=True)
    atleast = "at least" if grid.base.run.precision is not None else "about"
    about = f"{atleast} {span(effort.seconds)} with {processes(effort.workers)}"
    told.print(f"{len(grid):,} combinations, {about}", style="dim")
    done: list[Cell] = []
    try:
        with counted("simulating", len(grid), effort.requests) as tell:

            def finished(cell: Cell, requests: float) -> None:
                done.append(cell)
                tell(requests)

            return run(grid, effort.workers, engine, journal, finished)
    except KeyboardInterrupt:
        kept = "the same command continues" if journal else "with --output FILE the same command would continue"
        told.print(f"Stopped after {len(done)} of {len(grid)} combinations; {kept}.", highlight=False)
        raise typer.Exit(_INTERRUPTED) from None
