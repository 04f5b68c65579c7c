"""What a rule is: pure functions of whole numbers, and what an engine must know to ask them.

A rule is one file of a folder beside this one: a class `Parameters`, its functions, and `RULE`, which says what they
are for. They must not look at anything but what they are given, so that the same text runs as Python and compiled; what
a rule remembers it keeps in its own row of integers, which begins as zeros.
"""

from __future__ import annotations

from collections.abc import Callable, MutableSequence, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Settings = Sequence[int]
State = MutableSequence[int]

STATE_CELLS = 8
"""How long the row of a rule is, unless it says otherwise."""


class Decide(Protocol):
    """Asked when an instant is over at which something happened to a queue, and again until it forms no batch."""

    def __call__(
        self, now_ns: int, waiting: int, oldest_ns: int, idle: int, ahead: int, settings: Settings, state: State
    ) -> tuple[int, int]:
        """How many of the oldest requests form a batch now, and when to look again.

        Args:
            now_ns: the instant.
            waiting: how many requests wait.
            oldest_ns: when the oldest entered; NEVER if none waits.
            idle: how many instances are idle.
            ahead: how many batches are formed and wait for an instance.
            settings: what `Parameters.lower` gives.
            state: the rule's own row.
        """


class Learn(Protocol):
    """Told when a batch ends."""

    def __call__(
        self, now_ns: int, size: int, waited_ns: int, served_ns: int, settings: Settings, state: State
    ) -> None:
        """The batch's requests, how long the oldest had waited when it began, and how long it took."""


class Choose(Protocol):
    """Asked for each request that comes to a step."""

    def __call__(
        self,
        queues: Settings,
        load: Settings,
        shares: Sequence[float],
        u: float,
        v: float,
        settings: Settings,
        state: State,
    ) -> int:
        """The queue for the request.

        Args:
            queues: those of the step.
            load: requests of every queue that are assigned and not yet answered, per server, as the balancer sees them.
            shares: cumulative shares of the step's queues.
            u: a uniform of the request, or of its key.
            v: another.
            settings: what `BalancingRule.lower` gives.
            state: the rule's own row.
        """


class Admit(Protocol):
    """Asked for a request at the door of a pool, or in line when a batch would take it."""

    def __call__(
        self, now_ns: int, sent_ns: int, since_ns: int, inside: int, behind: int, settings: Settings, state: State
    ) -> int:
        """1 where the request is let in, 0 where it is turned away.

        Args:
            now_ns: the instant.
            sent_ns: when the request was sent.
            since_ns: since when it waits in line; at the door, the instant.
            inside: requests in the pool that were let in and have not left it.
            behind: requests that wait in its line, without it.
            settings: what `Parameters.lower` gives.
            state: the rule's own row: one a pool at the door, one a queue in line.
        """


@dataclass(frozen=True)
class BatchingRule:
    """How batches form.

    Attributes:
        decide: forms batches. (0, NEVER) is "at the next event".
        every_event: it is asked after every event of its queue, not only after those that leave requests waiting and
            an instance idle. Only such a rule may form batches ahead of the instances, or answer a negative number, by
            which so many of the oldest time out.
        newest: the first integer of the row is set before a call to when the newest of those who wait entered.
        learn: told of batches that end.
        merging: from parameters and items per request, up to how many requests an instance takes together of batches
            formed ahead, and how long the oldest of each must have waited (ns).
        most_waiting: from parameters, the most requests that wait, where the rule rejects those beyond; nothing where
            it does not.
        turns_away: from parameters, how late an answer may be expected, and how soon a request can be turned away for
            it (ns).
        state_cells: length of the row.
    """

    decide: Decide
    every_event: bool = False
    newest: bool = False
    learn: Learn | None = None
    merging: Callable[[Any, int], tuple[int, int]] | None = None
    most_waiting: Callable[[Any], int | None] | None = None
    turns_away: Callable[[Any], tuple[int, int]] | None = None
    state_cells: int = STATE_CELLS


BY_REQUEST, BY_KEY, BY_CLASS = 0, 1, 2
"""What the uniforms of a balancer go by: each request has its own, or all of one key or of one class have the same."""


@dataclass(frozen=True)
class BalancingRule:
    """How a queue is chosen.

    Attributes:
        choose: names one of the queues.
        uniforms: how many uniforms it reads.
        least_loaded: the choice is the first of the least loaded, whatever else: an engine may keep a tree instead of
            looking.
        weighted: the parameters have `weights` by pool, from which shares follow.
        lower: from parameters, the pool of each queue and what one request adds to the load of a server, its settings.
        keyed: from parameters, what its uniforms go by; see `BY_REQUEST`.
        doubts: from parameters and the pools of a step, what is doubtful: codes, and what is said.
        division: how requests are divided in the long run: `alike` among queues, `by weight` among pools, or `by room`,
            which leaves no server idle while others are full. Closed forms abstain where it is not said.
    """

    choose: Choose
    uniforms: int = 0
    least_loaded: bool = False
    weighted: bool = False
    lower: Callable[[Any, Sequence[str], int], tuple[int, ...]] | None = None
    keyed: Callable[[Any], int] | None = None
    doubts: Callable[[Any, Sequence[str]], list[tuple[str, str]]] | None = None
    division: Literal["alike", "by weight", "by room"] | None = None


DOOR, LINE = 1, 2
"""Where an admission rule is asked: when a request comes to a pool, before its front end and queue; or for the oldest
of a queue one by one when a batch would take them, so that the batch takes others in their place."""


@dataclass(frozen=True)
class AdmissionRule:
    """Who is let in.

    Attributes:
        admit: says whether.
        at: where it is asked.
    """

    admit: Admit
    at: int


class BatchingFile(Protocol):
    """A file of `batching`."""

    Parameters: Any
    RULE: BatchingRule


class BalancingFile(Protocol):
    """A file of `balancing`."""

    Parameters: Any
    RULE: BalancingRule


class AdmissionFile(Protocol):
    """A file of `admission`."""

    Parameters: Any
    RULE: AdmissionRule
