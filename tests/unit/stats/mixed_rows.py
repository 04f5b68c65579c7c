"""A ledger of two classes whose clients send again, in small numbers that can be worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
from systems import document, pool

from capsim import Result
from capsim.engine import Ledger, lower
from capsim.scenario import Scenario, scenario_from
from capsim.stats import summarise

S = 1_000_000_000
MS = 1_000_000


def columns(table: dict[str, Any]) -> dict[str, Any]:
    return {name: np.array(values, dtype=np.int64) for name, values in table.items()}


def two_classes(*, again: bool = False, **quick: Any) -> Scenario:
    """A pool of one server under two classes, `quick` with these settings and `bulk`, on a way of 1 ms and one of 2.

    `again` adds a cache, a delay, and senders of `quick` who try again.
    """
    asked = document(pool(price={"usd_per_hour": 2}), run={"horizon": "10 s", "warmup": "0 s"})
    every = {"process": "deterministic", "rate": "0.5 /s"}
    bulk = {"name": "bulk", "arrivals": every, "items_per_request": 4, "request_size": "1 kB", "response_size": "1 kB"}
    asked["workload"] = {"classes": [{"name": "quick", "arrivals": every, **quick}, bulk]}
    asked["network"] = {"client": {"latency": "1 ms", "bandwidth": "8 Mbit/s"}}
    if again:
        asked["workload"]["classes"][0]["clients"] = {
            "timeout": "100 ms", "retry": {"most": 1}, "hedge": {"after": "20 ms"}
        }  # fmt: skip
        known = {"cache": {"hit_ratio": "50 %", "look_up": "1 ms"}}
        asked["route"] = [known, {"delay": "1 ms"}, {"pools": ["gpu"]}]
    return scenario_from(asked)


def rows() -> Ledger:
    """Four requests of each class, one a second; times in ms from the second at which a request is sent.

    quick 0, 2, 4, 6: the first is answered after 32 ms; the second at its second attempt, sent 50 ms after the first,
    which was served in vain; the third by a copy sent 20 ms after it, while the first is cancelled in line; the
    fourth times out twice. bulk 1, 3, 5, 7: answered after 104 ms, but the last is still under way.
    """
    at = np.arange(8) * S
    quick, bulk = slice(0, 8, 2), slice(1, 8, 2)
    finished, attempts = at.copy(), np.ones(8, np.int64)
    outcome, waited, served = (np.zeros(8, np.int64) for _ in range(3))
    delayed, retried = np.full(8, 2 * MS), np.zeros(8, np.int64)
    finished[quick] += np.array([32, 82, 52, 200]) * MS
    finished[bulk] += 104 * MS
    waited[:], served[quick], served[bulk] = 10 * MS, 18 * MS, 88 * MS
    retried[quick], attempts[quick] = np.array([0, 50, 20, 0]) * MS, [1, 2, 2, 2]
    outcome[6], outcome[7], finished[7] = 2, 4, -1
    for column in (waited, served, delayed, retried):
        column[6:] = -1
    requests = {"arrived_ns": at, "finished_ns": finished, "outcome": outcome, "waited_ns": waited, "served_ns": served}
    requests |= {"class": np.arange(8) % 2, "items": np.where(np.arange(8) % 2, 4, 1), "attempts": attempts}
    requests |= {"delayed_ns": delayed, "retried_ns": retried}
    return Ledger(
        {name: values.astype(np.int64) for name, values in requests.items()},
        _visits(),
        _batches(),
        attempts=columns(
            {
                "request": [0, 2, 2, 4, 4, 6, 6],
                "attempt": [0, 0, 1, 0, 1, 0, 1],
                "sent_ns": [0, 2 * S, 2 * S + 50 * MS, 4 * S, 4 * S + 20 * MS, 6 * S, 6 * S + 100 * MS],
                "finished_ns": [
                    32 * MS, 2 * S + 40 * MS, 2 * S + 82 * MS, 4 * S + 52 * MS, 4 * S + 52 * MS, 6 * S + 100 * MS,
                    6 * S + 200 * MS,
                ],
                "outcome": [0, 2, 0, 5, 0, 2, 2],
            }
        ),
        look_ups=columns(
            {
                "request": [0, 1, 2, 3, 4, 5, 6, 7],
                "attempt": [0] * 8,
                "node": [0] * 8,
                "at_ns": at,
                "hit": [0, 0, 0, 0, 0, 0, 0, 1],
            }
        ),
    )  # fmt: skip


SERVED = [
    # request, attempt, started and finished (ms after the second of its request)
    (0, 0, 11, 29), (1, 0, 12, 100), (2, 0, 11, 29), (2, 1, 61, 79), (3, 0, 12, 100), (4, 1, 31, 49), (5, 0, 12, 100),
    (6, 0, 90, 108), (7, 0, 12, 100),
]  # fmt: skip


def _visits() -> dict[str, Any]:
    kept = [(r, a, r * S + begun * MS, r * S + ended * MS) for r, a, begun, ended in SERVED]
    inside = sorted([*((*row, place) for place, row in enumerate(kept)), (4, 0, -1, -1, -1), (6, 1, -1, -1, -1)])
    request, attempt, started, finished, batch = (np.array(column) for column in zip(*inside, strict=True))
    size = np.where(batch < 0, -1, np.where(request % 2, 4, 1))
    return columns(
        {
            "request": request,
            "step": 0 * request,
            "server": 0 * request,
            "enqueued_ns": request * S + MS,
            "started_ns": started,
            "finished_ns": finished,
            "batch": batch,
            "batch_size": size,
            "attempt": attempt,
        }
    )


def _batches() -> dict[str, Any]:
    request = np.array([row[0] for row in SERVED])
    begun, ended = (request * S + np.array([row[place] for row in SERVED]) * MS for place in (2, 3))
    number, units = np.arange(len(SERVED)), np.where(request % 2, 4, 1)
    return columns(
        {
            "server": 0 * number,
            "number": number,
            "started_ns": begun,
            "finished_ns": ended,
            "requests": 0 * number + 1,
            "units": units,
        }
    )


def answer(asked: Scenario, *ledgers: Ledger) -> Result:
    """What statistics say of these replications."""
    return summarise(asked, lower(asked), ledgers, "simpy", [], {}, {})
