"""A forecast as a file: months as CSV, all of it as JSON, a workbook."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from capsim.documents.output import written_whole
from capsim.forecasting import Forecast

RANGES = ("demand_per_s", "servers", "cash_usd", "amortised_usd")
LEVELS = ("p10", "p50", "p90")


def write_forecast(forecast: Forecast, path: Path, option: str = "--output") -> None:
    """Write a forecast as the ending of the file says.

    Raises:
        InputError: the file cannot be written, and what was there stays as it was.
    """
    if path.suffix == ".xlsx":
        from capsim.export.forecast_workbook import write_forecast_workbook

        write_forecast_workbook(forecast, path, option)
        return
    with written_whole(path, option) as unfinished:
        if path.suffix == ".json":
            unfinished.write_text(json.dumps(forecast.to_dict(), indent=2, allow_nan=False) + "\n", encoding="utf-8")
            return
        with unfinished.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(["month", "calendar", *(f"{name}_{level}" for name in RANGES for level in LEVELS), "short"])
            for month in forecast.months:
                values = [getattr(month, name)[level] for name in RANGES for level in LEVELS]
                writer.writerow([month.month, month.calendar or "", *values, month.short])
