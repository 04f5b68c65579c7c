"""`capsim report`: a page to attach to a request for money."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from capsim.cli.forecast_options import GrowthSd, GrowthShare, History, Months, Peak, Volatility
from capsim.cli.options import Force, ScenarioFile, Settings, Vary
from capsim.cli.run import Engine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from capsim.costing import Cost
    from capsim.forecasting import Forecast, Growth
    from capsim.planner import Plan
    from capsim.scenario import Scenario
    from capsim.stats import Result


def report(
    scenario: ScenarioFile,
    output: Annotated[Path, typer.Option(metavar="FILE", help="The page, .html; it needs no network and prints well.")],
    vary: Vary = [],  # noqa: B006 - typer copies it
    settings: Settings = [],  # noqa: B006 - typer copies it
    months: Months = 36,
    growth: GrowthShare = None,
    growth_sd: GrowthSd = None,
    volatility: Volatility = None,
    history: History = None,
    peak: Peak = None,
    engine: Annotated[Engine, typer.Option(help="Which engine simulates.")] = Engine.auto,
    force: Force = False,
) -> None:
    """Write a page that can be signed: question, answer, bill, terms, evidence, assumptions, prices with their dates.

    With --vary, or a section plan in the scenario, it has the frontier of cost and p99; with --growth or --history what
    comes month by month.
    """
    from capsim.cli.cost import answer_to, cost_of, loaded
    from capsim.cli.forecast import growth_of
    from capsim.documents.files import files_read
    from capsim.documents.output import check_outputs
    from capsim.errors import Fault, InputError
    from capsim.report.request import Request, write_request
    from capsim.report.standalone import check_drawing

    if output.suffix != ".html":
        raise InputError(str(output), [Fault("--output", f"expected a name ending in .html, got '{output.name}'")])
    check_drawing()
    with files_read() as read:
        given, offers = loaded(scenario, settings)
        asked = growth is not None or history is not None
        grown = growth_of(given, growth, growth_sd, volatility, history) if asked else None
    check_outputs({"--output": output}, force=force, read=read)
    plan = None
    if vary or (given.plan and given.plan.vary):
        plan, given = _plan(scenario, vary, settings, engine.value)
    answer = answer_to(given, engine.value)
    cost = cost_of(given, offers, answer)
    comes = None if grown is None else _forecast(given, answer, cost, grown, months, peak, engine.value)
    command = shlex.join(["capsim", *sys.argv[1:]])
    write_request(Request(answer, cost, command, plan, comes), output)
    typer.secho(f"Wrote {output}.", dim=True, err=True)


def _plan(scenario: str, vary: Sequence[str], settings: Sequence[str], engine: str) -> tuple[Plan, Scenario]:
    """The plan, and the scenario as it chooses: the best, else the closest."""
    from capsim.planner import plan
    from capsim.planner.limits import Limits
    from capsim.scenario.grid import load_plan

    grid = load_plan(scenario, vary, settings)
    planning = grid.base.plan
    required = (planning.probability if planning else None) or 0.95
    told = plan(grid, required, None, engine, everything=True, limits=Limits.of(planning))
    chosen = told.best or told.closest
    return told, grid.base if chosen is None else grid.scenario(chosen.number)


def _forecast(
    scenario: Scenario, answer: Result, cost: Cost, growth: Growth, months: int, peak: float | None, engine: str
) -> Forecast:
    from capsim.costing.staircase import staircase
    from capsim.forecasting import forecast
    from capsim.forecasting.forecast import Asked

    return forecast(scenario, answer, cost, staircase(scenario, engine), Asked(months, growth, peak))
