"""A cost as tables and sentences for a terminal."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from capsim.costing import Cost
from capsim.costing.quantities import percent
from capsim.costing.terms import Term
from capsim.costing.within import ClassCost
from capsim.report.text import duration


def cost_text(cost: Cost) -> RenderableType:
    """Everything that a cost says, from the total to what it rests on."""
    return Group(*_parts(cost))


def _parts(cost: Cost) -> Iterator[RenderableType]:
    yield Text.assemble((cost.scenario, "bold"), f"  {totals(cost)}")
    yield from (Text(f"  {told}") for told in units(cost))
    yield ""
    yield _bill(cost)
    yield ""
    yield _terms(cost.terms)
    yield ""
    if len(cost.classes) > 1:
        yield _classes(cost)
        yield ""
    yield from _energy(cost)
    for price in cost.prices:
        told = "" if price.usd_per_hour is None else f" ${price.usd_per_hour:,.6g}/h,"
        yield Text(
            f"price      {price.offer}:{told} {price.source}, {price.age}", style="yellow" if price.too_old else ""
        )
    for quantity in cost.absent:
        yield Text(f"absent     {quantity.source}", style="dim")
    for warning in cost.warnings:
        yield Text.assemble(("warning ", "yellow"), (warning.code, "bold"), f"  {warning.message}")


def totals(cost: Cost) -> str:
    """By the hour, the month and the year."""
    return f"${cost.usd_per_hour:,.2f}/h, ${cost.usd_per_month:,.2f}/month, ${cost.usd_per_year:,.0f}/year"


def units(cost: Cost) -> Iterator[str]:
    """By the million requests, those within the objective, and items."""
    if cost.usd_per_million_requests is None:
        yield "no request was completed, so that none has a price"
        return
    ends = cost.usd_per_million_requests_ci95
    sure = "" if ends is None else f" [{ends[0]:,.2f}, {ends[1]:,.2f}]"
    yield f"${cost.usd_per_million_requests:,.2f}{sure} per million requests, at {cost.throughput_per_s:.4g} requests/s"
    if cost.usd_per_million_within_objective is not None and cost.within_objective is not None:
        share = f"{cost.within_objective:.2%}".replace("%", " %")
        told = f"${cost.usd_per_million_within_objective:,.2f} per million within the objective"
        yield f"{told}: {share} are answered within {duration(cost.limit_s)}"
    elif cost.limit_s is not None:
        yield f"none is answered within {duration(cost.limit_s)}"
    if cost.usd_per_million_items != cost.usd_per_million_requests:
        yield f"${cost.usd_per_million_items:,.4g} per million items"


def _bill(cost: Cost) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("the bill")
    table.add_column("$/month", justify="right")
    table.add_column("", overflow="fold")
    for line in cost.lines:
        table.add_row(line.name, f"{line.usd_per_month:,.2f}", line.formula)
    table.add_row("together", f"{cost.usd_per_month:,.2f}", "", style="bold")
    return table


def _terms(terms: Sequence[Term]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("the servers, paid")
    table.add_column("$/year", justify="right")
    table.add_column("worth it from", justify="right")
    table.add_column("", overflow="fold")
    for name, term in _unlike(terms):
        even = term.break_even_utilisation
        table.add_row(
            f"{name}{' (as now)' if term.given and name != 'as given' else ''}",
            "–" if term.usd_per_year is None else f"{term.usd_per_year:,.0f}",
            "" if even is None else _even(term, even),
            "; ".join(dict.fromkeys(term.notes)),
            style="bold" if term.given else None,
        )
    return table


def _classes(cost: Cost) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("the servers, by class of requests")
    for heading in ("share", "$/month", "of it idle", "$ per million", "… within its objective"):
        table.add_column(heading, justify="right")
    for each in cost.classes:
        money = (each.usd_per_month, each.idle_usd_per_month, *_per_million(each))
        shares = "–" if each.share is None else percent(each.share)
        table.add_row(each.name, shares, *("–" if usd is None else f"{usd:,.2f}" for usd in money))
    return table


def _per_million(each: ClassCost) -> tuple[float | None, float | None]:
    return each.usd_per_million_requests, each.usd_per_million_within_objective


def _unlike(terms: Sequence[Term]) -> Iterator[tuple[str, Term]]:
    """Terms with their names; those that nobody offers for the same reason together."""
    for notes, group in itertools.groupby(terms, key=lambda term: (term.usd_per_year is None, term.notes)):
        alike = list(group)
        if notes[0]:
            yield ", ".join(term.term for term in alike), alike[0]
        else:
            yield from ((term.term, term) for term in alike)


def _even(term: Term, even: float) -> str:
    """What a break-even says."""
    if term.term == "price per call":
        return "any use" if even > 1 else f"below {percent(even)} use"
    return "never" if even > 1 else f"{percent(even)} of hours"


def _energy(cost: Cost) -> Iterator[Text]:
    energy, carbon = cost.energy, cost.carbon
    if energy.kwh_per_month is not None:
        each = energy.kwh_per_million_requests
        told = "" if each is None else f", {each:,.4g} kWh per million requests"
        yield Text(f"energy     {energy.kwh_per_month:,.4g} kWh/month{told}")
    if carbon.kg_per_month is not None:
        each = carbon.g_per_million_requests
        told = "" if each is None else f", {each:,.4g} g per million requests"
        yield Text(f"carbon     {carbon.kg_per_month:,.4g} kg CO2/month{told}")
    for pool, why in energy.unknown.items():
        yield Text(f"energy     of pool {pool} unknown: {why}", style="dim")
    for pool, why in carbon.unknown.items():
        if pool not in energy.unknown:
            yield Text(f"carbon     of pool {pool} unknown: {why}", style="dim")
