"""The first of several groups of queues that has room."""

from __future__ import annotations

from collections.abc import Iterable, MutableSequence, Sequence

from capsim.units import NEVER


def groups(groups_of_places: Iterable[Sequence[int]], limits: Iterable[int | None]) -> tuple[int, ...]:
    """Groups of queues by their places among those of a step, and the load from which on each has no room, as settings.

    Args:
        groups_of_places: in the order in which they are tried; the last is taken whatever its load.
        limits: one a group; None where there is always room.
    """
    settings: list[int] = []
    for places, limit in zip(groups_of_places, limits, strict=True):
        settings += [NEVER if limit is None else limit, len(places), *places]
    return tuple(settings)


def choose(
    queues: Sequence[int],
    load: Sequence[int],
    shares: Sequence[float],
    u: float,
    v: float,
    settings: Sequence[int],
    state: MutableSequence[int],
) -> int:
    """The least loaded queue of the first group where that is below the limit, else of the last group."""
    best, at = queues[0], 0
    while at < len(settings):
        first = at + 2
        end = first + settings[at + 1]
        best = queues[settings[first]]
        for cell in range(first + 1, end):
            queue = queues[settings[cell]]
            if load[queue] < load[best]:
                best = queue
        if load[best] < settings[at]:
            break
        at = end
    return best
