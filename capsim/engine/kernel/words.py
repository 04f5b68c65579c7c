"""The words that each engine brings along: its calendar, its tables, its draws, and how it calls a rule."""

from __future__ import annotations

from capsim.engine.kernel.layout import Floats, Integers, Key, Rule, UnboundError, brought
from capsim.engine.kernel.records import Model


@brought
def ring_at(m: Model, kind: int, number: int, at_ns: int) -> None:
    """Let what a kind and a number name happen at an instant, instead of whenever it was to happen; or not (NEVER)."""


@brought
def set_alarm(m: Model, kind: int, order: int, place: int, stamp: int, at_ns: int) -> None:
    """Let `alarm_rings` be told of a place and a stamp at an instant, within its kind by order."""


@brought
def pass_on(m: Model, t: int) -> None:
    """Let a token come to its node when what else is due now has happened."""


@brought
def take_token(m: Model) -> int:
    """A place for a token."""
    raise UnboundError


@brought
def give_back(m: Model, t: int) -> None:
    """The token at this place is no more."""


@brought
def open_request(m: Model) -> int:
    """Begin the row of a request."""
    raise UnboundError


@brought
def open_visit(m: Model) -> int:
    """Begin the row of a visit."""
    raise UnboundError


@brought
def open_look_up(m: Model) -> int:
    """Begin the row of a look-up."""
    raise UnboundError


@brought
def open_refusal(m: Model) -> int:
    """Begin the row of a refusal."""
    raise UnboundError


@brought
def open_change(m: Model) -> int:
    """Begin the entry of a change of load."""
    raise UnboundError


@brought
def open_sending(m: Model) -> int:
    """Begin the row of an attempt."""
    raise UnboundError


@brought
def open_call(m: Model) -> int:
    """A place for a call."""
    raise UnboundError


@brought
def drop_call(m: Model, k: int) -> None:
    """The call at this place is no more."""


@brought
def open_attempt(m: Model) -> int:
    """A place for an attempt."""
    raise UnboundError


@brought
def drop_attempt(m: Model, a: int) -> None:
    """The attempt at this place is no more."""


@brought
def open_ending(m: Model) -> int:
    """A place for what a breaker has heard."""
    raise UnboundError


@brought
def drop_ending(m: Model, e: int) -> None:
    """What a breaker has heard at this place is forgotten."""


@brought
def open_batch(m: Model) -> int:
    """Begin the row of a batch."""
    raise UnboundError


@brought
def uniform(m: Model, key: Key, index: int) -> float:
    """The uniform of a stream at an index; see `capsim.random`."""
    raise UnboundError


@brought
def variate(m: Model, v: int, number: int) -> float:
    """The draw of mean 1 of a batch of a server."""
    raise UnboundError


@brought
def next_think_ns(m: Model, client: int) -> int:
    """How long a client thinks this time."""
    raise UnboundError


@brought
def bits(value: int) -> int:
    """How many binary digits a number has."""
    raise UnboundError


@brought
def decide(
    rule: Rule, now_ns: int, waiting: int, oldest_ns: int, idle: int, ahead: int, settings: Integers, state: Integers
) -> tuple[int, int]:
    """Ask a batching rule; see `serving.batching`."""
    raise UnboundError


@brought
def admit(
    rule: Rule,
    now_ns: int,
    sent_ns: int,
    since_ns: int,
    inside: int,
    behind: int,
    settings: Integers,
    state: Integers,
) -> int:
    """Ask an admission rule; see `serving.admission`."""
    raise UnboundError


@brought
def learn(
    rule: Rule, now_ns: int, size: int, waited_ns: int, served_ns: int, settings: Integers, state: Integers
) -> None:
    """Tell a batching rule of a batch."""


@brought
def choose(
    rule: Rule,
    queues: Integers,
    load: Integers,
    shares: Floats,
    u: float,
    v: float,
    settings: Integers,
    state: Integers,
) -> int:
    """Ask a balancer; see `serving.balancing`."""
    raise UnboundError
