"""What an engine answers: a row per request, a row per visit to a queue, a row per batch."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

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


CANCELLED = 5
"""How an attempt ended whose answer nobody waits for any more; no request ends so."""
ATTEMPT = ("request", "attempt", "sent_ns", "finished_ns", "outcome")
"""Columns of `Ledger.attempts`."""
OF_ATTEMPTS = (*(outcome.name for outcome in Outcome), "cancelled")


def _none_of(*names: str) -> Callable[[], dict[str, Ints]]:
    return lambda: {name: np.zeros(0, np.int64) for name in names}


@dataclass(frozen=True, eq=False)
class Ledger:
    """Tables of int64 columns; instants are ns from the start of the run, `NOT_YET` where none came.

    The requests are those sent before the horizon in the order in which they came, the visits theirs by request in the
    order in which they began, the batches all by server and number. Columns in brackets are there where they can differ
    between requests.

    Attributes:
        requests: columns arrived_ns, finished_ns, outcome, and of those that completed waited_ns and served_ns: their
            time in queues and in batches along the path that ended last; [class, its number; items; attempts, how many
            were sent; of those that completed delayed_ns, on delays, links and look-ups of that path, and retried_ns,
            from the first sending to that of the attempt that was answered].
        visits: columns request, step, server, enqueued_ns, started_ns, finished_ns, batch, batch_size [, attempt]; one
            a row for each time a request entered a queue. `batch` counts the batches of its server.
        batches: columns server, number, started_ns, finished_ns, requests [, units].
        refusals: columns request, server, since_ns; one a row for each request that an admission rule turned away, in
            the order in which it did. The server is the first of the queue, the instant that of entering it, or of
            coming to the pool's door.
        attempts: columns request, attempt, sent_ns, finished_ns, outcome; a row for each time a request was sent, by
            request, where senders may send it more than once. The outcome is one of a request, or `CANCELLED`.
        look_ups: columns request, attempt, node, at_ns, hit; a row for each time a request came to a cache.
    """

    requests: dict[str, Ints]
    visits: dict[str, Ints]
    batches: dict[str, Ints]
    refusals: dict[str, Ints] = field(default_factory=_none_of("request", "server", "since_ns"))
    attempts: dict[str, Ints] = field(default_factory=_none_of(*ATTEMPT))
    look_ups: dict[str, Ints] = field(default_factory=_none_of("request", "attempt", "node", "at_ns", "hit"))

    def __eq__(self, other: object) -> bool:
        """Whether every row of every table is the same."""
        if not isinstance(other, Ledger):
            return NotImplemented
        tables: list[tuple[dict[str, Ints], dict[str, Ints]]] = [
            (getattr(self, table.name), getattr(other, table.name)) for table in fields(self)
        ]
        return all(
            mine.keys() == theirs.keys() and all(np.array_equal(mine[name], theirs[name]) for name in mine)
            for mine, theirs in tables
        )

    def __len__(self) -> int:
        """How many requests there are."""
        return len(self.requests["arrived_ns"])

    def latencies_ns(self) -> NDArray[np.float64]:
        """Latency of each request (ns); infinite where it did not complete."""
        return latencies_ns(self.requests)

    def column(self, name: str, otherwise: int) -> Ints:
        """A column of the requests; the same for all where there is none."""
        values = self.requests.get(name)
        return np.full(len(self), otherwise, np.int64) if values is None else values

    def request_frame(
        self, replication: int, items_per_request: int, classes: Sequence[str] = ("default",)
    ) -> pd.DataFrame:
        """The requests as users see them; see the contract of `--ledger`. `classes` are the names of all classes."""
        import pandas as pd

        names = pd.Index([outcome.name for outcome in Outcome])
        return pd.DataFrame(
            {
                "replication": replication,
                "request": np.arange(len(self)),
                "arrived_ns": self.requests["arrived_ns"],
                "finished_ns": _missing(self.requests["finished_ns"]),
                "outcome": pd.Categorical.from_codes(self.requests["outcome"], categories=names),
                "items": self.requests.get("items", items_per_request),
                "class": pd.Categorical.from_codes(self.column("class", 0), categories=pd.Index(classes)),
                "attempts": self.requests.get("attempts", 1),
            }
        )

    def visit_frame(
        self, replication: int, pools: list[str], first_servers: list[int], branches: Sequence[int] = ()
    ) -> pd.DataFrame:
        """The visits as users see them; servers are counted within their pool.

        `branches` has the branch on which each step lies; 0, a request's own way, for all unless given.
        """
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
                "attempt": self.visits.get("attempt", 0),
                "branch": np.array(branches, np.int64)[self.visits["step"]] if branches else 0,
            }
        )

    def attempt_frame(self, replication: int) -> pd.DataFrame:
        """The attempts as users see them: each sending of a request, and what became of it."""
        import pandas as pd

        return pd.DataFrame(
            {
                "replication": replication,
                "request": self.attempts["request"],
                "attempt": self.attempts["attempt"],
                "sent_ns": self.attempts["sent_ns"],
                "finished_ns": _missing(self.attempts["finished_ns"]),
                "outcome": pd.Categorical.from_codes(self.attempts["outcome"], categories=pd.Index(OF_ATTEMPTS)),
            }
        )


def latencies_ns(requests: Mapping[str, Ints]) -> NDArray[np.float64]:
    """Latency of each of these requests (ns); infinite where it did not complete."""
    span = (requests["finished_ns"] - requests["arrived_ns"]).astype(np.float64)
    span[requests["outcome"] != Outcome.completed] = np.inf
    return span


def _missing(column: Ints) -> pd.Series[int]:
    import pandas as pd

    values = pd.Series(column, dtype="Int64")
    return values.mask(column == NOT_YET)
