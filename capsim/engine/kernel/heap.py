"""A binary heap of numbers, each with a companion beside it, for the few places that must go by number."""

from __future__ import annotations

from capsim.engine.kernel.layout import Cells, word


@word
def push(heap: Cells, count: int, number: int, companion: int) -> int:
    """Add a number; gives the new count."""
    at = count
    while at > 0:
        above = (at - 1) >> 1
        if heap[2 * above] <= number:
            break
        heap[2 * at], heap[2 * at + 1] = heap[2 * above], heap[2 * above + 1]
        at = above
    heap[2 * at], heap[2 * at + 1] = number, companion
    return count + 1


@word
def drop(heap: Cells, count: int) -> int:
    """Remove the smallest number, which is in row 0; gives the new count."""
    count -= 1
    number, companion = heap[2 * count], heap[2 * count + 1]
    at = 0
    while True:
        below = 2 * at + 1
        if below >= count:
            break
        if below + 1 < count and heap[2 * below + 2] < heap[2 * below]:
            below += 1
        if number <= heap[2 * below]:
            break
        heap[2 * at], heap[2 * at + 1] = heap[2 * below], heap[2 * below + 1]
        at = below
    heap[2 * at], heap[2 * at + 1] = number, companion
    return count
