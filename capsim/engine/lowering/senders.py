"""What senders do about late answers, in numbers."""

from __future__ import annotations

from capsim.engine.blueprint import BreakerPlan, SendersPlan
from capsim.engine.ledger import Outcome
from capsim.serving.senders import PERCENTILES, Breaker, Clients
from capsim.units import NEVER

JITTERS = {"none": 0, "full": 1, "equal": 2}


def senders_of(clients: Clients) -> SendersPlan:
    """The plan of what clients do."""
    retry, hedge = clients.retry, clients.hedge
    percentile = None if hedge is None else PERCENTILES.get(str(hedge.after))
    return SendersPlan(
        timeout_ns=NEVER if clients.timeout is None else clients.timeout,
        cancels=clients.cancel,
        backoff_ns=() if retry is None else retry.backoff.pauses_ns(retry.most),
        jitter=0 if retry is None else JITTERS[retry.backoff.jitter],
        retried=tuple(retry is not None and outcome.name in retry.on for outcome in Outcome),
        budget=None if retry is None else retry.budget,
        hedge_ns=NEVER if hedge is None or percentile is not None else int(hedge.after),
        hedge_share=percentile,
        most_hedges=0 if hedge is None else hedge.most,
        breaker=None if clients.breaker is None else _breaker(clients.breaker),
    )


def _breaker(breaker: Breaker) -> BreakerPlan:
    return BreakerPlan(breaker.failures, breaker.window, breaker.least, breaker.open)
