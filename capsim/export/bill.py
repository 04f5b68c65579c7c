"""A cost as a file: lines as CSV, all of it as JSON, a workbook."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path

from capsim.costing import Cost
from capsim.documents.output import written_whole
from capsim.errors import Fault, InputError
from capsim.export.workbook import check_workbooks

ENDINGS = (".csv", ".json", ".xlsx")
COLUMNS = ("scenario", "line", "pool", "usd_per_month", "usd_per_year", "formula")


def check_ending(path: Path, option: str) -> None:
    """Refuse a file whose kind its name does not say, or that nothing here can write, before the work is done.

    Raises:
        InputError: an ending that is not known.
        MissingExtraError: a workbook without XlsxWriter.
    """
    if path.suffix not in ENDINGS:
        said = f"expected a name ending in .csv, .json or .xlsx, got '{path.name}'"
        raise InputError(str(path), [Fault(option, said)])
    if path.suffix == ".xlsx":
        check_workbooks()


def write_costs(costs: Sequence[Cost], path: Path, option: str = "--output") -> None:
    """Write costs as the ending of the file says; a workbook holds one.

    Raises:
        InputError: the file cannot be written, and what was there stays as it was.
    """
    if path.suffix == ".xlsx":
        from capsim.export.cost_workbook import write_cost_workbook

        write_cost_workbook(costs[0], path, option)
        return
    with written_whole(path, option) as unfinished:
        if path.suffix == ".json":
            held = costs[0].to_dict() if len(costs) == 1 else [cost.to_dict() for cost in costs]
            unfinished.write_text(json.dumps(held, indent=2, allow_nan=False) + "\n", encoding="utf-8")
            return
        with unfinished.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(COLUMNS)
            for cost in costs:
                for line in cost.lines:
                    money = (line.usd_per_month, line.usd_per_month * 12)
                    writer.writerow([cost.scenario, line.name, line.pool or "", *money, line.formula])
