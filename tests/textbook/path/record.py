"""Requests, the tokens that walk for them, and the rows that they leave."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import simpy

from capsim.engine import Ledger, Outcome
from capsim.engine.blueprint import ClassPlan
from capsim.engine.ledger import NOT_YET
from capsim.units import NEVER

CANCELLED = 5
"""How an attempt ended that nobody waited for any more, beside the outcomes of requests."""
Row = dict[str, int]
Tables = dict[str, list[Row]]


@dataclass(eq=False)
class Request:
    """What somebody waits for; `number` counts those that came to the door, `of_class` those of its class."""

    kind: int
    plan: ClassPlan
    sent_ns: int
    up_ns: int
    ended: simpy.Event
    number: int
    of_class: int
    units: int = 1
    key: int = NOT_YET
    size: int = 0
    finished_ns: int = NOT_YET
    outcome: int = int(Outcome.in_flight)
    attempts: int = 0
    answered: Token | None = None
    """Whose answer the client took."""


@dataclass(eq=False)
class Token:
    """A copy of a request under way: one attempt, along one branch; with the time (ns) spent along its path."""

    request: Request
    attempt: int = 0
    sent_ns: int = 0
    branch: int = 0
    waited_ns: int = 0
    served_ns: int = 0
    delayed_ns: int = 0
    walk: simpy.Process | None = None
    held: bool = False
    """It can't be taken out of where it is: it vanishes when it comes out, if nobody waits for it then."""
    unwanted: bool = False
    leaves: list[Callable[[], None]] = field(default_factory=list)
    """Told at once when nobody waits for it any more, wherever it is."""

    @property
    def key(self) -> tuple[int, int, int]:
        """Its place among tokens at one instant."""
        return self.request.number, self.attempt, self.branch

    def cancel(self) -> None:
        """Nobody waits for it any more."""
        self.unwanted = True
        for told in self.leaves:
            told()
        if self.walk and self.walk.is_alive and not self.held:
            self.walk.interrupt()

    def comes_out(self) -> None:
        """It can be taken out again."""
        self.held = False
        if self.unwanted:
            raise simpy.Interrupt(None)

    def takes_over(self, other: Token) -> None:
        """The path of the other is its own."""
        self.waited_ns, self.served_ns, self.delayed_ns = other.waited_ns, other.served_ns, other.delayed_ns


class Record:
    """Rows, which are filled in as things end."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.visits: list[Row] = []
        self.batches: list[Row] = []
        self.attempts: list[Row] = []
        self.refusals: list[Row] = []

    def tables(self, horizon_ns: int, items_per_unit: int) -> Tables:
        """The rows of requests sent before the horizon, and all batches."""
        sent = [request for request in self.requests if request.sent_ns < horizon_ns]
        places = {request.number: place for place, request in enumerate(sent)}
        return {
            "requests": [_row(request, items_per_unit) for request in sent],
            "visits": self._of(places, self.visits),
            "batches": self.batches,
            "attempts": self._of(places, self.attempts),
            "refusals": self._of(places, self.refusals),
        }

    def _of(self, places: dict[int, int], rows: list[Row]) -> list[Row]:
        return [row | {"request": places[row["request"]]} for row in rows if row["request"] in places]


def _row(request: Request, items_per_unit: int) -> Row:
    token = request.answered
    return {
        "arrived_ns": request.sent_ns,
        "finished_ns": request.finished_ns,
        "outcome": request.outcome,
        "waited_ns": token.waited_ns if token else NOT_YET,
        "served_ns": token.served_ns if token else NOT_YET,
        "class": request.kind,
        "items": request.units * items_per_unit,
        "attempts": request.attempts,
        "delayed_ns": token.delayed_ns if token else NOT_YET,
        "retried_ns": token.sent_ns - request.sent_ns if token else NOT_YET,
    }


def in_order(rows: Iterable[Row]) -> list[Row]:
    """Rows by what stands in them."""
    return sorted(rows, key=lambda row: sorted(row.items()))


def seen_by(rows: Iterable[Row], last_ns: int) -> list[Row]:
    """What had come before an instant, as it was then: engines differ in when they stop after the last answer."""
    not_begun = dict.fromkeys(("server", "started_ns", "finished_ns", "batch", "batch_size"), NOT_YET)
    seen: list[Row] = []
    for row in rows:
        if row.get("enqueued_ns", row["started_ns"]) >= last_ns:
            continue
        begun, ended = NOT_YET < row["started_ns"] < last_ns, row["finished_ns"] < last_ns
        seen.append(row | ({} if ended else {"finished_ns": NOT_YET}) | ({} if begun else not_begun))
    return in_order(seen)


def first_difference(tables: Tables, ledger: Ledger, down_ns: int) -> str | None:
    """Where an engine's rows are not those of the text book; nothing if they are the same."""
    last_ns = max((row["finished_ns"] for row in tables["requests"]), default=0) - down_ns
    if any(row["outcome"] == Outcome.in_flight for row in tables["requests"]):
        last_ns = NEVER
    for name, rows in tables.items():
        columns = {column: values.tolist() for column, values in getattr(ledger, name, {}).items()}
        if name == "attempts" and not columns:
            continue
        engine = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        known = [{column: row[column] for column in columns} for row in rows]
        if name in {"attempts", "refusals"}:
            known, engine = in_order(known), in_order(engine)
        elif name != "requests":
            known, engine = seen_by(known, last_ns), seen_by(engine, last_ns)
        for number, (mine, theirs) in enumerate(zip(known, engine, strict=False)):
            if mine != theirs:
                return f"{name} {number}: the text book has {mine}, the engine {theirs}"
        if len(known) != len(engine):
            return f"{name}: the text book has {len(known)} rows, the engine {len(engine)}"
    return None
