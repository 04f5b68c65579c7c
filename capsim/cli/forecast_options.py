"""Options of `capsim forecast`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Months = Annotated[int, typer.Option(help="How many months.", min=1, max=240)]
GrowthShare = Annotated[
    str | None, typer.Option(metavar="SHARE", help="Growth of demand: '5 %/month' or '60 %/year'; per month if bare.")
]
GrowthSd = Annotated[
    str | None, typer.Option(metavar="SHARE", help="How far that may be off, one standard deviation: '2 %/month'.")
]
Volatility = Annotated[
    str | None, typer.Option(metavar="SHARE", help="How much months differ, one standard deviation: '10 %'.")
]
History = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Growth from a CSV of months instead: month, requests_per_s or requests."),
]
Peak = Annotated[
    float | None, typer.Option(help="The busiest hour over the mean of a month, for example 1.8.", min=1, max=1000)
]
Lead = Annotated[int, typer.Option(help="Months from an order to the servers, where they are bought.", min=0)]
Margin = Annotated[
    str | None, typer.Option(metavar="SHARE", help="More demand than expected that orders provide for: '10 %'.")
]
Survive = Annotated[int, typer.Option(help="Servers of the smallest fleet kept as a spare.", min=0, max=1000)]
PriceChange = Annotated[
    str | None, typer.Option(metavar="SHARE", help="What becomes of servers' prices: '-15 %/year'.")
]
Futures = Annotated[int, typer.Option(help="How many futures.", min=100, max=100_000)]
Seed = Annotated[int, typer.Option(help="Same seed, same answer.", min=0)]
