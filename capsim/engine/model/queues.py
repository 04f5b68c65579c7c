"""Queues: who waits at a station, and in which order they go.

All stand in the station's own line as they came. Where they do not go in that order, they also stand in ranked lines:
one for each priority, in the order of coming; or one for each class, the earliest deadline first.
"""

from __future__ import annotations

from capsim.engine.kernel.layout import NOTHING, PLAIN, inlined, word
from capsim.engine.kernel.lines import append, remove
from capsim.engine.kernel.records import EDF, Model, class_at, line_at, standing_at, station_at, token_at
from capsim.units import NEVER


@word
def deadline_ns_of(m: Model, t: int) -> int:
    """Until when a request wants its answer."""
    deadline_ns = class_at(m, token_at(m, t).of_class).deadline_ns
    return NEVER if deadline_ns == NEVER else token_at(m, t).sent_ns + deadline_ns


@word
def goes_before(m: Model, t: int, other: int) -> bool:
    """Whether a token has the earlier deadline; of equal ones who came first, of those at one instant by order."""
    deadline_ns, others_ns = deadline_ns_of(m, t), deadline_ns_of(m, other)
    if deadline_ns != others_ns:
        return deadline_ns < others_ns
    since_ns, others_ns = token_at(m, t).since_ns, token_at(m, other).since_ns
    return since_ns < others_ns or (since_ns == others_ns and token_at(m, t).order < token_at(m, other).order)


@word
def ranked_line_of(m: Model, t: int, s: int) -> int:
    """The ranked line of a token at a station."""
    station, of_class = station_at(m, s), token_at(m, t).of_class
    return station.ranked_line + (of_class if station.discipline == EDF else class_at(m, of_class).level)


@word
def rank(m: Model, t: int, s: int) -> None:
    """A token takes its place among those of its priority or class."""
    number = ranked_line_of(m, t, s)
    line, standing, ahead = line_at(m, number), standing_at(m, t), line_at(m, number).last
    if line.count == 0:
        ahead = NOTHING
    if station_at(m, s).discipline == EDF:
        while ahead != NOTHING and deadline_ns_of(m, ahead) > deadline_ns_of(m, t):
            ahead = standing_at(m, ahead).before
    behind = NOTHING if line.count == 0 else line.first
    if ahead != NOTHING:
        behind = standing_at(m, ahead).next
        standing_at(m, ahead).next = t
    else:
        line.first = t
    if behind != NOTHING:
        standing_at(m, behind).before = t
    else:
        line.last = t
    standing.before, standing.next = ahead, behind
    line.count += 1


@word
def give_up_rank(m: Model, t: int, s: int) -> None:
    """A token leaves its place among those of its priority or class."""
    line, standing = line_at(m, ranked_line_of(m, t, s)), standing_at(m, t)
    if standing.before == NOTHING:
        line.first = standing.next
    else:
        standing_at(m, standing.before).next = standing.next
    if standing.next == NOTHING:
        line.last = standing.before
    else:
        standing_at(m, standing.next).before = standing.before
    line.count -= 1


@inlined
def queue_up(m: Model, t: int, s: int) -> None:
    """A token joins the queue of a station."""
    append(m, s, t)
    if not PLAIN and station_at(m, s).levels > 0:
        rank(m, t, s)
    if not PLAIN and m.mixed:
        line_at(m, s).units += token_at(m, t).units


@word
def drop_out(m: Model, t: int, s: int) -> None:
    """A token leaves the queue of a station, wherever it stands there."""
    remove(m, s, t)
    if not PLAIN and station_at(m, s).levels > 0:
        give_up_rank(m, t, s)
    if not PLAIN and m.mixed:
        line_at(m, s).units -= token_at(m, t).units


@inlined
def units_waiting(m: Model, s: int) -> int:
    """How many units wait at a station."""
    return line_at(m, s).units if not PLAIN and m.mixed else line_at(m, s).count


@word
def next_to_go(m: Model, s: int) -> int:
    """Who goes first of those who wait at a station."""
    station, first = station_at(m, s), NOTHING
    if PLAIN or station.levels == 0:
        return line_at(m, s).first
    for number in range(station.ranked_line, station.ranked_line + station.levels):
        if line_at(m, number).count > 0:
            head = line_at(m, number).first
            if station.discipline != EDF:
                return head
            if first == NOTHING or goes_before(m, head, first):
                first = head
    return first


@word
def last_to_go(m: Model, s: int) -> int:
    """Who would go last of those who wait at a station."""
    station, last = station_at(m, s), NOTHING
    if PLAIN or station.levels == 0:
        return line_at(m, s).last
    for number in range(station.ranked_line, station.ranked_line + station.levels):
        if line_at(m, number).count > 0:
            tail = line_at(m, number).last
            if last == NOTHING or station.discipline != EDF or goes_before(m, last, tail):
                last = tail
    return last


@inlined
def oldest_ns(m: Model, s: int) -> int:
    """Since when the oldest waits at a station; NEVER where nobody does."""
    line = line_at(m, s)
    return token_at(m, line.first).since_ns if line.count > 0 else NEVER
