"""What hours need, and how to pay for it, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from capsim.costing.demand import Demand
from capsim.costing.quantities import percent


def demand_text(told: Demand) -> RenderableType:
    """The servers that hours need, the cheapest mix of terms, what it covers, and what it risks."""
    return Group(*_parts(told))


def _parts(told: Demand) -> Iterator[RenderableType]:
    mix = told.mix
    load = f"mean {told.mean_per_s:.4g}, busiest {told.peak_per_s:.4g} requests/s"
    yield Text(f"demand     {told.source}: {mix.hours:,} hours, {load}")
    yield Text(f"servers    {told.mean_servers:.4g} needed on average, {told.most_servers:,} in the busiest hour")
    yield ""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("the cheapest mix")
    for heading in ("servers", "$/year", "cash at the start"):
        table.add_column(heading, justify="right")
    for layer in mix.layers:
        servers = f"{'up to ' if layer.term == 'on-demand' else ''}{layer.blocks * told.servers:,}"
        table.add_row(layer.term, servers, f"{layer.usd_per_year:,.0f}", f"{layer.upfront_usd:,.0f}")
    table.add_row("together", "", f"{mix.usd_per_year:,.0f}", f"{mix.upfront_usd:,.0f}", style="bold")
    table.add_row("all by the hour", "", f"{mix.on_demand_usd_per_year:,.0f}", "0")
    table.add_row("the busiest hour's servers, always", "", f"{mix.peak_usd_per_year:,.0f}", "0")
    yield table
    yield ""
    used = "" if mix.utilisation is None else f", {percent(mix.utilisation)} of what is committed is needed"
    yield Text(f"coverage   {percent(mix.coverage)} of the hours of servers are committed{used}")
    yield Text(f"regret     ${mix.regret_usd_per_year:,.0f}/year, should the load be half of this")
    for assumed in told.assumes:
        yield Text(f"assumed    {assumed}", style="dim")
