"""Each request ends once: offered = completed + rejected + timed out + failed + in flight."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from hypothesis import given
from runs import run
from strategies import documents
from systems import Engine

from capsim.engine import Outcome
from capsim.engine.blueprint import ReplayPlan
from capsim.units import NEVER


@given(documents())
def test_every_request_ends_in_exactly_one_way(engine: Engine, document: dict[str, Any]) -> None:
    seen = run(engine, document)
    requests = seen.ledger.requests
    ended = requests["outcome"] != Outcome.in_flight
    assert np.array_equal(requests["finished_ns"] >= 0, ended)
    assert set(requests["outcome"].tolist()) <= {int(outcome) for outcome in Outcome}


@given(documents(loads=["trace", "coarse_trace"]))
def test_what_is_offered_is_what_was_sent_before_the_horizon(engine: Engine, document: dict[str, Any]) -> None:
    seen = run(engine, document)
    replay = seen.blueprint.arrivals
    assert isinstance(replay, ReplayPlan)
    sent = replay.trace.sent_ns(seen.blueprint.stream("arrivals"))
    offered = sent[sent < seen.blueprint.horizon_ns]
    assert np.array_equal(seen.ledger.requests["arrived_ns"], offered)
    assert sum(Counter(seen.ledger.requests["outcome"].tolist()).values()) == len(offered)


@given(documents())
def test_completed_requests_and_no_others_were_served_at_every_step(engine: Engine, document: dict[str, Any]) -> None:
    seen = run(engine, document)
    served = Counter(v.request for v in seen.visits() if v.finished_ns < NEVER)
    for request, outcome in enumerate(seen.ledger.requests["outcome"]):
        if outcome == Outcome.completed:
            assert served[request] == len(seen.blueprint.steps)
        elif outcome != Outcome.in_flight:
            assert served[request] < len(seen.blueprint.steps)


@given(documents(loads=["trace"]))
def test_batches_hold_each_visit_once(engine: Engine, document: dict[str, Any]) -> None:
    """Batches of requests sent after the horizon hold more than the ledger lists."""
    seen = run(engine, document)
    batches = seen.ledger.batches
    listed = Counter((v.server, v.batch) for v in seen.visits() if v.batch >= 0)
    formed = dict(zip(zip(batches["server"], batches["number"], strict=True), batches["requests"], strict=True))
    assert listed.keys() <= formed.keys()
    for key, count in formed.items():
        assert listed[key] <= count
    sizes = {(v.server, v.batch): v.items // seen.blueprint.items_per_request for v in seen.visits() if v.batch >= 0}
    assert all(formed[key] == size for key, size in sizes.items())
