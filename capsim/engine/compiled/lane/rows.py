"""What a run of the lane that kept rows tells."""

from __future__ import annotations

import numpy as np

from capsim.engine.compiled.arrays import Arrays
from capsim.engine.compiled.entries import word_at
from capsim.engine.compiled.lane.records import LaneMachine, arrived_ns_of, batch_of
from capsim.engine.compiled.records import unfolded_of
from capsim.engine.compiled.rows import batches
from capsim.engine.compiled.unfolding import VISIT, unfold_served, unfolded
from capsim.engine.kernel.layout import NOTHING, word
from capsim.engine.ledger import Ledger, Outcome


@word
def unfold_lane(m: LaneMachine) -> None:
    """Columns of `VISIT`: each request has one, which begins when it arrives."""
    found, count = unfolded_of(m), m.requests_count
    for r in range(count):
        found[r], found[count + r], found[3 * count + r] = r, 0, arrived_ns_of(m)[r] + m.up_ns
        code = batch_of(m)[r]
        unfold_served(m, r, max(code, NOTHING), NOTHING - 1 - code, count)


def ledger(model: Arrays) -> Ledger:
    """The rows of the requests sent before the horizon, and all batches; see `Ledger`."""
    count = int(model.now["requests_count"])
    requests = {name: model[name][:count] for name in ("arrived_ns", "finished_ns", "outcome")}
    visits = unfolded(model, word_at("lane.rows", "unfold_lane", "LANE"), VISIT, count)
    answered = requests["outcome"] == Outcome.completed
    for name, begin, end in (("waited_ns", "enqueued_ns", "started_ns"), ("served_ns", "started_ns", "finished_ns")):
        requests[name] = np.where(answered, visits[end] - visits[begin], NOTHING)
    return Ledger(requests, visits, batches(model, "LANE"))
