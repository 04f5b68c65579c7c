"""What an engine answers: a row per request, a row per visit to a queue, a row per batch."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

Ints = NDArray[np.int64]
NOT_YET = -1
"""Stands for an instant or a number that did not come."""


class Outcome(IntEnum):
    """How a request ended; each ends with exactly one."""

    completed = 0
    rejected = 1
    timed_out = 2
    failed = 3
    in_flight = 4


def _no_refusals() -> dict[str, Ints]:
    return {name: np.zeros(0, np.int64) for name in ("request", "server", "since_ns")}


@dataclass(frozen=True, eq=False)
class Ledger:
    """Tables of int64 columns; instants are ns from the start of the run, `NOT_YET` where none came.

    The requests are those sent before the horizon in the order of sending, the visits theirs by request in the order
    in which they began, the batches all by server and number.

    Attributes:
        requests: columns arrived_ns, finished_ns, outcome, and of those that completed waited_ns and served_ns: their
            time in queues and in batches along the path that ended last.
        visits: columns request, step, server, enqueued_ns, started_ns, finished_ns, batch, batch_size; one a row
            for each time a request entered a queue. `batch` counts the batches of its server.
        batches: columns server, number, started_ns, finished_ns, requests.
        refusals: columns request, server, since_ns; one a row for each request that an admission rule turned away, in
            the order in which it did. The server is the first of the queue, the instant that of entering it, or of
            coming to the pool's door.
    """

    requests: dict[str, Ints]
    visits: dict[str, Ints]
    batches: dict[str, Ints]
    refusals: dict[str, Ints] = field(default_factory=_no_refusals)

    def __eq__(self, other: object) -> bool:
        """Whether every row of every table is the same."""
        if not isinstance(other, Ledger):
            return NotImplemented
        return all(
            mine.keys() == theirs.keys() and all(np.array_equal(mine[name], theirs[name]) for name in mine)
            for mine, theirs in (
                (self.requests, other.requests),
                (self.visits, other.visits),
                (self.batches, other.batches),
                (self.refusals, other.refusals),
            )
        )

    def __len__(self) -> int:
        """How many requests there are."""
        return len(self.requests["arrived_ns"])

    def latencies_ns(self) -> NDArray[np.float64]:
        """Latency of each request (ns); infinite where it did not complete."""
        span = (self.requests["finished_ns"] - self.requests["arrived_ns"]).astype(np.float64)
        span[self.requests["outcome"] != Outcome.completed] = np.inf
        return span

    def request_frame(self, replication: int, items_per_request: int) -> pd.DataFrame:
        """The requests as users see them; see the contract of `--ledger`."""
        import pandas as pd

        names = pd.Index([outcome.name for outcome in Outcome])
        return pd.DataFrame(
            {
                "replication": replication,
                "request": np.arange(len(self)),
                "arrived_ns": self.requests["arrived_ns"],
                "finished_ns": _missing(self.requests["finished_ns"]),
                "outcome": pd.Categorical.from_codes(self.requests["outcome"], categories=names),
                "items": items_per_request,
            }
        )

    def visit_frame(self, replication: int, pools: list[str], first_servers: list[int]) -> pd.DataFrame:
        """The visits as users see them; servers are counted within their pool."""
        import pandas as pd

        pool = np.searchsorted(first_servers, self.visits["server"], side="right") - 1
        server = self.visits["server"] - np.array(first_servers)[pool]
        return pd.DataFrame(
            {
                "replication": replication,
                "request": self.visits["request"],
                "step": self.visits["step"],
                "pool": pd.Categorical.from_codes(pool, categories=pd.Index(pools)),
                "server": server,
                "enqueued_ns": self.visits["enqueued_ns"],
                **{name: _missing(self.visits[name]) for name in ("started_ns", "finished_ns", "batch", "batch_size")},
            }
        )


def _missing(column: Ints) -> pd.Series[int]:
    import pandas as pd

    values = pd.Series(column, dtype="Int64")
    return values.mask(column == NOT_YET)
