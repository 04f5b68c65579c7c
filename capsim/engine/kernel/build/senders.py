"""Senders of classes that do something about an attempt that is late or lost."""

from __future__ import annotations

from capsim.engine import tally
from capsim.engine.blueprint import Blueprint, SendersPlan
from capsim.engine.kernel.asking import MILLION, UNLIMITED, Sender
from capsim.engine.kernel.build.tables import Tables
from capsim.engine.kernel.layout import NOTHING

MOST_BALANCE = 10
"""Retries that a budget saves up at most, and begins with so many tenths of."""


def senders_of(blueprint: Blueprint) -> Tables:
    """The tables of senders; a class names its row."""
    plans = [(number, each.senders) for number, each in enumerate(blueprint.classes) if each.senders is not None]
    return Tables(
        records={"senders": [_sender(plan, blueprint.class_stream("backoff", number).key) for number, plan in plans]},
        rows={
            "backoff_ns": [plan.backoff_ns for _, plan in plans],
            "retried": [[int(again) for again in plan.retried] for _, plan in plans],
            "seen": [[0] * tally.BUCKETS if plan.hedge_share else [] for _, plan in plans],
        },
    )


def _sender(plan: SendersPlan, backoff_key: int) -> Sender:
    breaker = plan.breaker
    budget = UNLIMITED if plan.budget is None else round(plan.budget * MILLION)
    sender = Sender(
        timeout_ns=plan.timeout_ns,
        cancels=int(plan.cancels),
        jitter=plan.jitter,
        most_retries=len(plan.backoff_ns),
        backoff_key=backoff_key,
        budget=budget,
        balance=max(0, min(MOST_BALANCE * MILLION, MOST_BALANCE * budget)),
        hedge_ns=plan.hedge_ns,
        hedge_share=plan.hedge_share or 0.0,
        most_hedges=plan.most_hedges,
        first_heard=NOTHING,
        last_heard=NOTHING,
    )
    if breaker is not None:
        sender.breaks, sender.failures, sender.least = 1, breaker.failures, breaker.least
        sender.window_ns, sender.open_ns = breaker.window_ns, breaker.open_ns
    return sender
