"""A sweep as a table: for a terminal, a file or a script."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from capsim.report.certainty import judged_in_a_cell
from capsim.report.text import duration
from capsim.sweeping import Cell, flat
from capsim.sweeping.cells import SCHEMA

if TYPE_CHECKING:
    import pandas as pd


def sweep_frame(cells: Sequence[Cell]) -> pd.DataFrame:
    """A row per combination, in the order of the grid."""
    import pandas as pd

    return pd.DataFrame([flat(cell) for cell in cells])


def sweep_json(name: str, cells: Sequence[Cell]) -> str:
    """The cells as a JSON document, with the same words as `capsim run --json`."""
    listed = [{"settings": dict(cell.settings), **cell.answer} for cell in cells]
    variables = list(cells[0].settings) if cells else []
    document = {"schema": SCHEMA, "scenario": name, "variables": variables, "cells": listed}
    return json.dumps(document, indent=2, allow_nan=False)


def sweep_table(cells: Sequence[Cell]) -> Table:
    """What decides between the combinations: latency, throughput, utilisation, load over capacity, cost, objective."""
    first = cells[0]
    table = Table(box=None, pad_edge=False, header_style="dim")
    for path in first.settings:
        table.add_column(short(path), justify="right")
    for heading in ("p99", "95 % interval", "done/s", "busy", "load"):
        table.add_column(heading, justify="right", no_wrap=True)
    if first.answer["cost"]:
        table.add_column("$/h", justify="right", no_wrap=True)
    table.add_column("objective" if first.answer["objective"] else "verdict", no_wrap=True)
    for cell in cells:
        table.add_row(*_row(cell))
    return table


def short(path: str) -> str:
    """The end of a path, which tells variables apart in a heading: `cpu.servers`, `max_batch_size`."""
    parts = path.split(".")
    return ".".join(parts[-2:]) if parts[0] == "pools" and len(parts) == 3 else parts[-1]


def shown(value: Any) -> str:
    """A setting in a cell of a table."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {shown(part)}" for name, part in value.items())
    return "–" if value is None else str(value)


def _row(cell: Cell) -> list[str | Text]:
    answer = cell.answer
    p99 = answer["latency_s"]["p99"]
    interval = "unknown" if p99["ci95"] is None else f"[{duration(p99['ci95'][0])}, {duration(p99['ci95'][1])}]"
    row: list[str | Text] = [shown(value) for value in cell.settings.values()]
    row += [duration(p99["value"]), interval]
    throughput = answer["throughput_per_s"]["value"]
    row += ["–" if throughput is None else f"{throughput:.4g}"]
    for share in ("utilisation", "load_over_capacity"):
        row.append(", ".join(f"{pool[share]:.0%}" for pool in answer["pools"]))
    if answer["cost"]:
        row.append(f"{answer['cost']['usd_per_hour']:,.2f}")
    row.append(_judged(answer))
    return row


def _judged(answer: Mapping[str, Any]) -> Text:
    if answer["verdict"] != "stable":
        return Text(answer["verdict"], style="red")
    if not answer["objective"]:
        return Text("stable")
    objective = answer["objective"]
    sure = objective["words"] == "met" and not objective["assumes"]
    return Text(judged_in_a_cell(objective), style="green" if sure else "yellow")
