"""`capsim forecast`: demand, servers and money month by month."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from capsim.cli.cost import Output
from capsim.cli.forecast_options import (
    Futures,
    GrowthSd,
    GrowthShare,
    History,
    Lead,
    Margin,
    Months,
    Peak,
    PriceChange,
    Seed,
    Survive,
    Volatility,
)
from capsim.cli.options import AsJson, Force, ScenarioFile, Settings
from capsim.cli.run import Engine, replications

if TYPE_CHECKING:
    from capsim.forecasting import Forecast, Growth
    from capsim.forecasting.forecast import Asked
    from capsim.prices import Catalogue
    from capsim.scenario import Scenario


def forecast(
    scenario: ScenarioFile,
    months: Months = 36,
    growth: GrowthShare = None,
    growth_sd: GrowthSd = None,
    volatility: Volatility = None,
    history: History = None,
    peak: Peak = None,
    lead: Lead = 0,
    margin: Margin = None,
    survive: Survive = 0,
    price_change: PriceChange = None,
    futures: Futures = 4000,
    seed: Seed = 0,
    settings: Settings = [],  # noqa: B006 - typer copies it
    output: Output = None,
    engine: Annotated[Engine, typer.Option(help="Which engine simulates.")] = Engine.auto,
    as_json: AsJson = False,
    force: Force = False,
) -> None:
    """Say what comes: demand, servers and money by the month, when today's servers run out, and what moves the total.

    Growth is given (--growth) or told by a history (--history), and its uncertainty is in the ranges.
    """
    from capsim.cli.cost import loaded as read_in
    from capsim.documents.files import files_read
    from capsim.documents.output import check_outputs
    from capsim.export.bill import check_ending
    from capsim.forecasting.forecast import Asked

    with files_read() as read:
        loaded, offers = read_in(scenario, settings)
        known = growth_of(loaded, growth, growth_sd, volatility, history)
    if output is not None:
        check_ending(output, "--output")
    check_outputs({"--output": output}, force=force, read=read)
    asked = Asked(
        months=months,
        growth=known,
        peak=peak,
        lead_months=lead,
        margin=_share(margin, "--margin") or 0.0,
        spare=survive,
        price_change=_yearly(price_change),
        futures=futures,
        seed=seed,
    )
    told = _forecast(loaded, offers, asked, engine.value)
    if output is not None:
        from capsim.export.months import write_forecast

        write_forecast(told, output)
        typer.secho(f"Wrote {output}.", dim=True, err=True)
    _tell(told, as_json=as_json)


def _forecast(scenario: Scenario, offers: Catalogue, asked: Asked, engine: str) -> Forecast:
    from capsim.cli.bars import shared
    from capsim.costing import cost
    from capsim.costing.staircase import staircase
    from capsim.forecasting import forecast as run
    from capsim.simulation import simulate

    with replications() as progress:
        answer = simulate(scenario, engine, progress)
    costs = cost(scenario, answer, offers)
    with shared("how much load servers bear") as tell:
        stairs = staircase(scenario, engine, lambda done, wanted: tell(done / wanted))
    return run(scenario, answer, costs, stairs, asked)


def growth_of(
    scenario: Scenario, growth: str | None, growth_sd: str | None, volatility: str | None, history: Path | None
) -> Growth:
    """The growth that options tell."""
    from capsim.costing.series import MONTHS, read_series
    from capsim.forecasting.growth import LEAST_MONTHS, from_history, given_growth
    from capsim.scenario.demand import offered_per_s

    if (growth is None) == (history is None):
        said = "needs --growth SHARE or --history FILE, how demand grows" if growth is None else "take one of both"
        raise typer.BadParameter(said, param_hint="--growth, --history")
    if history is not None:
        if growth_sd is not None or volatility is not None:
            raise typer.BadParameter("a history tells it itself", param_hint="--growth-sd, --volatility")
        return from_history(read_series(history, MONTHS, LEAST_MONTHS))
    level = offered_per_s(scenario)
    if level is None:
        raise typer.BadParameter("a closed loop has no demand to grow; give --history", param_hint="--growth")
    by_month = _share(growth, "--growth")
    return given_growth(level, by_month or 0.0, _share(growth_sd, "--growth-sd"), _share(volatility, "--volatility"))


def _share(text: str | None, option: str) -> float | None:
    """A share by the month."""
    from capsim.forecasting.growth import per_month

    if text is None:
        return None
    try:
        value = per_month(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None
    if option != "--growth" and value < 0:
        raise typer.BadParameter(f"must not be negative, got '{text}'", param_hint=option)
    return value


def _yearly(text: str | None) -> float | None:
    """A change of prices by the year."""
    from capsim.forecasting.growth import per_month

    if text is None:
        return None
    try:
        return float((1 + per_month(text)) ** 12 - 1)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--price-change") from None


def _tell(told: Forecast, *, as_json: bool) -> None:
    from rich.console import Console

    from capsim.report.forecast import forecast_text

    if as_json:
        answer: dict[str, Any] = told.to_dict()
        typer.echo(json.dumps(answer, indent=2, allow_nan=False))
    else:
        Console().print(forecast_text(told))
