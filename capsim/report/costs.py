"""Several costs side by side, and a cost beside a bill."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from capsim.costing import Cost
from capsim.costing.difference import Because, because, of_a_month
from capsim.costing.paid import Against

SCHEMA = "capsim.costs/1"


def costs_json(names: Sequence[str], costs: Sequence[Cost]) -> dict[str, Any]:
    """What `capsim cost A B --json` prints."""
    first = of_a_month(costs[0])
    differences = [
        {
            "from": names[0],
            "to": name,
            "usd_per_month": cost.usd_per_month - costs[0].usd_per_month,
            "because": asdict(because(first, of_a_month(cost))),
        }
        for name, cost in zip(names[1:], costs[1:], strict=True)
    ]
    listed = [{"name": name, **cost.to_dict()} for name, cost in zip(names, costs, strict=True)]
    return {"schema": SCHEMA, "costs": listed, "differences": differences}


def costs_text(names: Sequence[str], costs: Sequence[Cost]) -> RenderableType:
    """The bills side by side, and why they differ."""
    return Group(_side_by_side(names, costs), "", *_differences(names, costs))


def _side_by_side(names: Sequence[str], costs: Sequence[Cost]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("$/month")
    for name in names:
        table.add_column(name, justify="right")
    bills = [{line.name: line.usd_per_month for line in cost.lines} for cost in costs]
    for line in dict.fromkeys(line for bill in bills for line in bill):
        table.add_row(line, *(f"{bill[line]:,.2f}" if line in bill else "–" for bill in bills))
    table.add_row("together", *(f"{cost.usd_per_month:,.2f}" for cost in costs), style="bold")
    each = [cost.usd_per_million_requests for cost in costs]
    table.add_row("$ per million requests", *("–" if usd is None else f"{usd:,.2f}" for usd in each))
    within = [cost.usd_per_million_within_objective for cost in costs]
    if any(usd is not None for usd in within):
        table.add_row("… within the objective", *("–" if usd is None else f"{usd:,.2f}" for usd in within))
    table.add_row("servers", *(str(cost.servers) for cost in costs))
    return table


def _differences(names: Sequence[str], costs: Sequence[Cost]) -> Iterator[Text]:
    first = of_a_month(costs[0])
    for name, cost in zip(names[1:], costs[1:], strict=True):
        difference = cost.usd_per_month - costs[0].usd_per_month
        reasons = in_words(because(first, of_a_month(cost)))
        yield Text(f"{name}: {signed(difference)}/month against {names[0]}: {reasons}")


def against_text(told: Against) -> RenderableType:
    """A bill beside what was predicted."""
    months = told.months[0] if len(told.months) == 1 else f"{told.months[0]} to {told.months[-1]}"
    share = f" ({told.difference_usd / told.predicted_usd:+.1%})".replace("%", " %") if told.predicted_usd else ""
    return Group(
        Text(f"{told.file}, {months}, {told.hours:,.0f} h"),
        Text(f"paid ${told.usd:,.2f}, predicted ${told.predicted_usd:,.2f}: {signed(told.difference_usd)}{share}"),
        Text(f"because of {in_words(told.because)}"),
    )


def in_words(told: Because) -> str:
    """What makes a difference, in US dollars."""
    parts = {"load": told.load, "use of the servers": told.use, "price by the hour": told.price}
    known = [f"{name} {signed(usd)}" for name, usd in parts.items() if usd is not None]
    if told.other:
        known.append(f"other lines {signed(told.other)}")
    missing = [name for name, usd in parts.items() if usd is None]
    if missing:
        known.append(f"unexplained {signed(told.unexplained)} ({', '.join(missing)} not known)")
    return ", ".join(known)


def signed(usd: float) -> str:
    """An amount with its sign."""
    return f"{'−' if usd < 0 else '+'}${abs(usd):,.2f}"
