"""The tables of an answer: what each class and each pool had."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from capsim.report.certainty import likely
from capsim.report.words import duration
from capsim.stats import Result
from capsim.stats.classes import ClassResult

PERCENT: dict[str, Any] = {"format": "percent"}


def classes_table(result: Result) -> None:
    """A row for each class of requests."""
    rows: dict[str, list[Any]] = {
        "class": [each.name for each in result.classes],
        "p50": [duration(each.latency_s["p50"].value) for each in result.classes],
        "p99": [duration(each.latency_s["p99"].value) for each in result.classes],
        "done/s": [each.throughput_per_s.value for each in result.classes],
        "in time/s": [None if each.goodput_per_s is None else each.goodput_per_s.value for each in result.classes],
        "lost": [_lost(each) for each in result.classes],
        "cost": [each.cost_share for each in result.classes],
        "verdict": [_verdict(each) for each in result.classes],
    }
    columns = {
        "done/s": st.column_config.NumberColumn(format="%.4g", help="Requests that complete, per second."),
        "in time/s": st.column_config.NumberColumn(
            format="%.4g", help="Those that complete within the deadline, or the target of the highest percentile."
        ),
        "lost": st.column_config.NumberColumn(**PERCENT, help="Requests that do not complete."),
        "cost": st.column_config.NumberColumn(**PERCENT, help="Its part of the cost, by the time of instances it had."),
    }
    st.dataframe(pd.DataFrame(rows), hide_index=True, column_config=columns)


def _lost(each: ClassResult) -> float | None:
    offered = each.requests["offered"]
    return 1 - each.requests["completed"] / offered if offered else None


def _verdict(each: ClassResult) -> str:
    if each.verdict != "stable" or each.objective is None:
        return each.verdict
    told = "" if each.objective.probability is None else f", {likely(each.objective.probability)}"
    return f"{each.objective.words}{told}"


def pools_table(result: Result) -> None:
    """A row for each pool."""
    rows: dict[str, list[Any]] = {
        "pool": [pool.name for pool in result.pools],
        "servers": [pool.servers for pool in result.pools],
        "utilisation": [pool.utilisation for pool in result.pools],
        "load over capacity": [pool.load_over_capacity for pool in result.pools],
        "mean batch": [pool.mean_batch_size for pool in result.pools],
        "mean wait": [duration(pool.mean_waiting_s) for pool in result.pools],
    }
    if any(pool.wasted for pool in result.pools):
        rows["wasted"] = [pool.wasted for pool in result.pools]
    columns = {
        "utilisation": st.column_config.ProgressColumn(min_value=0, max_value=1, format="percent"),
        "load over capacity": st.column_config.NumberColumn(
            **PERCENT, help="Requests that come over what the pool serves at most, with full batches."
        ),
        "mean batch": st.column_config.NumberColumn(format="%.3g", help="Items a batch."),
        "wasted": st.column_config.NumberColumn(
            **PERCENT, help="The part of the utilisation that went to attempts nobody had an answer of."
        ),
    }
    st.dataframe(pd.DataFrame(rows), hide_index=True, column_config=columns)
