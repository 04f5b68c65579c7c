"""`capsim cost`: what a scenario costs, line by line."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from capsim.cli.options import AsJson, Force, Settings
from capsim.cli.run import Engine, replications

if TYPE_CHECKING:
    from capsim.costing import Cost
    from capsim.costing.demand import Demand
    from capsim.costing.paid import Against
    from capsim.prices import Catalogue
    from capsim.scenario import Scenario
    from capsim.stats import Result

CURVE = "curve"
"""Stands for the scenario's own demand over time."""
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
    over_time: Annotated[
        str | None,
        typer.Option(
            "--demand",
            metavar="FILE",
            help="How many servers each hour needs, on which terms: a CSV with hour, requests_per_s; or curve, for the "
            "scenario's own.",
        ),
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
        given = [loaded(name, settings) for name in scenarios]
        _check_files(scenarios, output, focus, against, over_time, force=force, read=read)
        hours = None if over_time is None else _hours(given[0][0], over_time)
        answers = [answer_to(scenario, engine.value) for scenario, _ in given]
        costs = [cost_of(*each, answer) for each, answer in zip(given, answers, strict=True)]
        needed = None if hours is None else _demand(*given[0], answers[0], hours, engine.value)
        compared = None if against is None else _against(costs[0], against)
    if output is not None:
        from capsim.export.bill import write_costs

        write_costs(costs, output)
        typer.secho(f"Wrote {output}.", dim=True, err=True)
    if focus is not None:
        from capsim.export.focus import next_month, write_focus

        write_focus(costs[0], given[0][0], focus, [next_month()])
        typer.secho(f"Wrote {focus}.", dim=True, err=True)
    _tell(scenarios, costs, {"against": compared, "demand": needed}, as_json=as_json)


def _check_files(
    scenarios: Sequence[str],
    output: Path | None,
    focus: Path | None,
    against: Path | None,
    demand: str | None,
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
            "--demand": demand,
            "--focus": focus,
            "--output": output if output and output.suffix == ".xlsx" else None,
        }
        for option, value in given.items():
            if value is not None:
                raise typer.BadParameter("is for one scenario", param_hint=option)
    if output is not None:
        check_ending(output, "--output")
    check_outputs({"--output": output, "--focus": focus}, force=force, read=[*read, *([against] if against else [])])


def loaded(name: str, settings: Sequence[str]) -> tuple[Scenario, Catalogue]:
    """A scenario, and the offers that its terms are compared with."""
    from capsim.scenario.load import read_scenario, scenario_of
    from capsim.scenario.offers import offers_of
    from capsim.scenario.overrides import override

    document = override(read_scenario(name), settings)
    return scenario_of(document), offers_of(document)


def answer_to(scenario: Scenario, engine: str) -> Result:
    """Its answer, with a bar of progress."""
    from capsim.simulation import simulate

    with replications() as progress:
        return simulate(scenario, engine, progress)


def cost_of(scenario: Scenario, offers: Catalogue, answer: Result) -> Cost:
    """What it costs, its terms compared with these offers."""
    from capsim.costing import cost as reckoned

    return reckoned(scenario, answer, offers)


def _hours(scenario: Scenario, file: str) -> tuple[str, Any]:
    from capsim.costing.demand import hourly

    return hourly(scenario, None if file == CURVE else Path(file))


def _demand(scenario: Scenario, offers: Catalogue, answer: Result, hours: tuple[str, Any], engine: str) -> Demand:
    from capsim.cli.bars import shared
    from capsim.costing.demand import demand
    from capsim.costing.staircase import staircase

    with shared("how much load servers bear") as tell:
        stairs = staircase(scenario, engine, lambda done, wanted: tell(done / wanted))
    return demand(scenario, answer, stairs, *hours, offers)


def _against(cost: Cost, bill: Path) -> Against:
    from capsim.costing.paid import against

    return against(cost, bill)


def _tell(scenarios: Sequence[str], costs: Sequence[Cost], beside: Mapping[str, Any], *, as_json: bool) -> None:
    from rich.console import Console

    from capsim.report.cost import cost_text
    from capsim.report.costs import against_text, costs_json, costs_text
    from capsim.report.demand import demand_text

    asked = {name: part for name, part in beside.items() if part is not None}
    if as_json:
        one = {**costs[0].to_dict(), **{name: asdict(part) for name, part in asked.items()}}
        answer = one if len(costs) == 1 else costs_json(scenarios, costs)
        typer.echo(json.dumps(answer, indent=2, allow_nan=False))
        return
    console = Console()
    console.print(cost_text(costs[0]) if len(costs) == 1 else costs_text(scenarios, costs))
    texts: dict[str, Any] = {"against": against_text, "demand": demand_text}
    for name, part in asked.items():
        console.print("", texts[name](part))
