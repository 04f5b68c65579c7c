"""Ledgers and sections written out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike
from systems import scenario

from capsim.engine import Ledger, Outcome, lower
from capsim.stats.runs import LedgerRun
from capsim.stats.sample import Sample
from capsim.stats.sections import Section, Sections

S = 1_000_000_000
LATE = float("inf")
"""The latency of a request that did not complete."""


def ledger(sent_s: ArrayLike, latency_s: ArrayLike, waited_s: ArrayLike | None = None) -> Ledger:
    """Requests that visit one server once, each in a batch of its own; an infinite latency is in flight."""
    sent = np.rint(np.asarray(sent_s, dtype=np.float64) * S).astype(np.int64)
    latency = np.asarray(latency_s, dtype=np.float64)
    completed = np.isfinite(latency)
    finished = np.where(completed, sent + np.rint(np.where(completed, latency, 0) * S).astype(np.int64), -1)
    waited = np.zeros(len(sent)) if waited_s is None else np.asarray(waited_s, dtype=np.float64)
    started = sent + np.rint(waited * S).astype(np.int64)
    started[~completed] = -1
    number, one = np.arange(len(sent)), np.ones(len(sent), dtype=np.int64)
    served = np.flatnonzero(completed)
    return Ledger(
        {
            "arrived_ns": sent,
            "finished_ns": finished,
            "outcome": np.where(completed, int(Outcome.completed), int(Outcome.in_flight)),
            "waited_ns": np.where(completed, started - sent, -1),
            "served_ns": np.where(completed, finished - started, -1),
        },
        {
            "request": number,
            "step": 0 * one,
            "server": 0 * one,
            "enqueued_ns": sent,
            "started_ns": started,
            "finished_ns": finished,
            "batch": np.where(completed, np.cumsum(completed) - 1, -1),
            "batch_size": np.where(completed, 1, -1),
        },
        {
            "server": 0 * one[served],
            "number": np.arange(len(served)),
            "started_ns": started[served],
            "finished_ns": finished[served],
            "requests": one[served],
        },
    )


def run(rows: Ledger, horizon_s: float) -> LedgerRun:
    """What statistics read of it."""
    blueprint = replace(lower(scenario()), horizon_ns=round(horizon_s * S))
    return LedgerRun(rows, blueprint)


def section(latency_s: ArrayLike, completions: int = 0, span_s: float = 1.0) -> Section:
    """A section of these latencies, in which nobody waited."""
    values = np.asarray(latency_s, dtype=np.float64)
    waited = np.zeros(int(np.isfinite(values).sum()))
    return Section(span_s, Sample.of(values), Sample.of(waited), completions)


def replications(*latencies_s: ArrayLike) -> Sections:
    """A section for each, as of that many replications."""
    return Sections([section(values) for values in latencies_s], runs=len(latencies_s))
