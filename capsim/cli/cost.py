"""`capsim cost`: what a scenario costs, line by line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from capsim.cli.options import AsJson, Force, Settings
from capsim.cli.run import Engine, replications

if TYPE_CHECKING:
    from capsim.cost import Cost
    from capsim.cost.paid import Against
    from capsim.scenario import Scenario

Scenarios = Annotated[
    list[str], typer.Argument(metavar="SCENARIO...", help="YAML files, shipped:NAME; several are compared.")
]
Output = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write it to FILE: .csv, .json, or .xlsx with live formulas.")
]


def cost(
    scenarios: Scenarios,
    settings: Settings = [],  # noqa: B006 - typer copies it
    against: Annotated[
        Path | None,
        typer.Option(metavar="BILL", help="Compare with what was paid: a CSV with month, usd, server_hours, requests."),
    ] = None,
    output: Output = None,
    focus: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the next month's bill as FOCUS has it, .csv.")
    ] = None,
    engine: Annotated[Engine, typer.Option(help="Which engine simulates.")] = Engine.auto,
    as_json: AsJson = False,
    force: Force = False,
) -> None:
    """Say what a scenario costs: per hour, month, year and million requests, every line of the bill, terms compared.

    Several scenarios are put side by side, the difference of each to the first with its reasons.
    """
    from capsim.documents.files import files_read

    with files_read() as read:
        loaded = [_loaded(name, settings) for name in scenarios]
        _check_files(scenarios, output, focus, against, force=force, read=read)
        costs = [_cost(*each, engine.value) for each in loaded]
        compared = None if against is None else _against(costs[0], against)
    if output is not None:
        from capsim.export.bill import write_costs

        write_costs(costs, output)
        typer.secho(f"Wrote {output}.", dim=True, err=True)
    if focus is not None:
        from capsim.export.focus import next_month, write_focus

        write_focus(costs[0], loaded[0][0], focus, [next_month()])
        typer.secho(f"Wrote {focus}.", dim=True, err=True)
    _tell(scenarios, costs, compared, as_json=as_json)


def _check_files(
    scenarios: Sequence[str],
    output: Path | None,
    focus: Path | None,
    against: Path | None,
    *,
    force: bool,
    read: set[Path],
) -> None:
    """See before the work is done that its files can be written."""
    from capsim.documents.output import check_outputs
    from capsim.export.bill import check_ending

    if len(scenarios) > 1:
        given = {
            "--against": against,
            "--focus": focus,
            "--output": output if output and output.suffix == ".xlsx" else None,
        }
        for option, value in given.items():
            if value is not None:
                raise typer.BadParameter("is for one scenario", param_hint=option)
    if output is not None:
        check_ending(output, "--output")
    check_outputs({"--output": output, "--focus": focus}, force=force, read=[*read, *([against] if against else [])])


def _loaded(name: str, settings: Sequence[str]) -> tuple[Scenario, Any]:
    from capsim.scenario.load import read_scenario, scenario_of
    from capsim.scenario.offers import offers_of
    from capsim.scenario.overrides import override

    document = override(read_scenario(name), settings)
    return scenario_of(document), offers_of(document)


def _cost(scenario: Scenario, offers: Any, engine: str) -> Cost:
    from capsim.cost import cost as cost_of
    from capsim.simulation import simulate

    with replications() as progress:
        return cost_of(scenario, simulate(scenario, engine, progress), offers)


def _against(cost: Cost, bill: Path) -> Against:
    from capsim.cost.paid import against

    return against(cost, bill)


def _tell(scenarios: Sequence[str], costs: Sequence[Cost], against: Against | None, *, as_json: bool) -> None:
    from rich.console import Console

    from capsim.report.cost import cost_text
    from capsim.report.costs import against_text, costs_json, costs_text

    if as_json:
        one = {**costs[0].to_dict(), **({} if against is None else {"against": asdict(against)})}
        answer = one if len(costs) == 1 else costs_json(scenarios, costs)
        typer.echo(json.dumps(answer, indent=2, allow_nan=False))
        return
    console = Console()
    console.print(cost_text(costs[0]) if len(costs) == 1 else costs_text(scenarios, costs))
    if against is not None:
        console.print("", against_text(against))
