"""Lines: tokens one behind the other, chained by their places.

There is a line before each station, one of the batches that it has formed ahead, and two in the front end of each
server; one of those who are let into a batch, and one of those who are dealt with one after the other. Ranked lines
only say who goes first, see `model.queues`. A batch is a chain of its own.
"""

from __future__ import annotations

from capsim.engine.kernel.layout import NOTHING, inlined, word
from capsim.engine.kernel.records import Model, line_at, token_at


@inlined
def append(m: Model, number: int, t: int) -> None:
    """The token stands behind all others of a line."""
    line, token = line_at(m, number), token_at(m, t)
    token.next = NOTHING
    if line.count == 0:
        line.first = t
        token.before = NOTHING
    else:
        token_at(m, line.last).next = t
        token.before = line.last
    line.last = t
    line.count += 1


@word
def take(m: Model, number: int, count: int) -> int:
    """So many of the first leave a line and stay chained; gives the first."""
    line = line_at(m, number)
    first = line.first
    last = first
    for _ in range(count - 1):
        last = token_at(m, last).next
    line.first = token_at(m, last).next
    line.count -= count
    token_at(m, last).next = NOTHING
    return first


@word
def remove(m: Model, number: int, t: int) -> None:
    """A token leaves a line, wherever it stands there."""
    line, token = line_at(m, number), token_at(m, t)
    # What stands before the first is not kept.
    if line.first == t:
        line.first = token.next
    else:
        token_at(m, token.before).next = token.next
    if line.last == t:
        line.last = token.before
    else:
        token_at(m, token.next).before = token.before
    line.count -= 1
    token.next = NOTHING
