"""Adaptive batching as BentoML does it.

Source: bentoml/BentoML, `src/bentoml/_internal/marshal/dispatcher.py` (`CorkDispatcher`, `Optimizer`), as in release
1.4.39; the same since 1.4.0. A worker runs one batch at a time, so that a worker is a server with one instance.

- The dispatcher looks when a request comes to an empty queue, and from then on every millisecond until none waits: a
  batch begins at a look, not when the one before it ends.
- It expects that a batch of n requests takes a n + b. Every 5 s, when a batch ends, a and b are fitted to the last 50
  batches by least squares; where all were of one size, a and b are the smallest that explain their mean.
- The oldest is turned away (status 503, here `timed_out`) while it would be answered `max_latency_ms` after it came or
  later if all who wait began now; one that waits alone, only once it has waited for so long and a batch runs.
- While no batch runs and fewer than `max_batch_size` wait, it goes on waiting as long as n (w + 1 ms + a) is at most
  0.95 of how long the oldest of each of those 50 batches had waited in the mean; w is the age of the newest.
- A worker that has just started learns from its first eleven batches by rules of their own (`train_optimizer`), and
  counts their waits as 0. The first two of all are not counted.

The oldest are taken first; releases up to 1.2 took the newest. Approximated: a and b are kept in whole ns; a look takes
no time and a millisecond is exact, where a server's event loop is late by what else it does; several instances share
one dispatcher. Not modelled: requests of several items that are split between batches.
"""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from typing import Literal

from capsim.parameters import PositiveInt, parameters
from capsim.serving.rule import BatchingRule
from capsim.units import NEVER

NS_PER_MS = 1_000_000
LOOK_NS = NS_PER_MS
REFRESH_NS = 5_000 * NS_PER_MS
LEAST_NS = 1_000.0
PATIENCE = 0.95
SKIPPED, KEPT = 2, 50
ALONE, TRAINING = 8, 11
NEEDED = (6, 5, 3)
"""How many requests the three batches of the training that come after those of one request need, for all of them."""

State = MutableSequence[int]
SINCE, LOOK, BEGUN, LATE, SLOPE, BASE, WAIT = 0, 1, 2, 3, 4, 5, 6
FITTED_SLOPE, FITTED_BASE, FITTED_WAIT, REFRESHED, ENDED, FIRST_KEPT = 7, 8, 9, 10, 11, 12
STATE_CELLS = FIRST_KEPT + 3 * KEPT
"""Since when the newest waits; when the dispatcher looks next, plus 1; batches of the training that have begun; how
late its next may be by the estimate; a (0 for none yet), b and the mean wait as they are used, then as last fitted;
when they were last taken over, plus 1; batches that have ended; size, duration and wait of each of the last 50."""


@parameters
class Parameters:
    """Batches form by what the last ones took and how long they waited, as in BentoML."""

    policy: Literal["bentoml"]
    """Which policy."""
    max_batch_size: PositiveInt = 100
    """Most items in a batch; the server's default is 100."""
    max_latency_ms: PositiveInt = 60_000
    """A request that is expected to be answered later is turned away (ms); the server's default is 60000."""

    def most_requests(self, items_per_request: int) -> int:
        """The largest batch in requests."""
        return self.max_batch_size // items_per_request

    def lower(self, items_per_request: int, instances: int) -> tuple[int, ...]:
        """Largest batch in requests and in items, latency (ns), and what is taken for a and b at first (ns).

        The server compares the number of requests that wait with the largest batch in items.
        """
        latest_ns, _ = turns_away(self)
        slope_ns, base_ns = min(2_000 * NS_PER_MS, latest_ns * 2 // 30), min(1_000 * NS_PER_MS, latest_ns // 30)
        return self.most_requests(items_per_request), self.max_batch_size, latest_ns, slope_ns, base_ns


def turns_away(parameters: Parameters) -> tuple[int, int]:
    """How late an answer may be expected, and how soon a request can be turned away for it (ns)."""
    return parameters.max_latency_ms * NS_PER_MS, LOOK_NS


def decide(
    now_ns: int, waiting: int, oldest_ns: int, idle: int, ahead: int, settings: Sequence[int], state: State
) -> tuple[int, int]:
    """At a look, turn the oldest away, form a batch of the oldest, or look again."""
    if waiting == 0:
        state[LOOK] = 0
        return 0, NEVER
    if now_ns < state[LOOK] - 1:
        return 0, state[LOOK] - 1
    most, full, latest_ns = settings[0], settings[1], settings[2]
    slope_ns, base_ns = settings[3], settings[4]
    if state[SLOPE] > 0:
        slope_ns, base_ns = state[SLOPE], state[BASE]
    waited_ns, begun = now_ns - oldest_ns, state[BEGUN]
    if begun < TRAINING:
        needed = SKIPPED - begun if begun < ALONE else NEEDED[begun - ALONE]
        together = min(full, max(1, begun - ALONE + 1))
        late = waiting > needed and waited_ns >= latest_ns
        wait = together > 1 and waiting < together and slope_ns * together + base_ns + waited_ns <= state[LATE]
    else:
        late = (idle == 0 or waiting > 1) and waited_ns >= latest_ns
        late = late or (waiting > 1 and waited_ns + float(slope_ns) * waiting + base_ns >= latest_ns)
        newest_ns = now_ns - state[SINCE]
        wait = waiting < full and float(newest_ns + LOOK_NS + slope_ns) * waiting <= state[WAIT] * PATIENCE
    if late:
        return -1, NEVER
    if wait or idle == 0:
        state[LOOK] = now_ns + LOOK_NS + 1
        return 0, now_ns + LOOK_NS
    if begun < TRAINING:
        state[BEGUN] = begun + 1
        if begun >= ALONE:
            for i in range(3):
                state[SLOPE + i] = state[FITTED_SLOPE + i]
            if state[SLOPE] > 0:
                slope_ns, base_ns = state[SLOPE], state[BASE]
        together = min(full, max(1, begun - ALONE + 2))
        state[LATE] = min(int(latest_ns * PATIENCE), (2 * together + 1) * slope_ns + base_ns)
    return min(waiting, most), NEVER


def learn(now_ns: int, size: int, waited_ns: int, served_ns: int, settings: Sequence[int], state: State) -> None:
    """Keep what a batch took; fit when that is due, and where the training will ask for it."""
    ended = state[ENDED]
    state[ENDED] = ended + 1
    if ended < SKIPPED:
        return
    place = FIRST_KEPT + 3 * ((ended - SKIPPED) % KEPT)
    state[place], state[place + 1], state[place + 2] = size, served_ns, waited_ns if ended >= TRAINING else 0
    due = state[REFRESHED] == 0 or now_ns - (state[REFRESHED] - 1) >= REFRESH_NS
    if not due and state[BEGUN] >= TRAINING:
        return
    count = min(ended - SKIPPED + 1, KEPT)
    sizes = served = waited = 0.0
    for i in range(FIRST_KEPT, FIRST_KEPT + 3 * count, 3):
        sizes, served, waited = sizes + state[i], served + state[i + 1], waited + state[i + 2]
    sizes, served, waited = sizes / count, served / count, waited / count
    spread = shared = 0.0
    for i in range(FIRST_KEPT, FIRST_KEPT + 3 * count, 3):
        spread += (state[i] - sizes) * (state[i] - sizes)
        shared += (state[i] - sizes) * (state[i + 1] - served)
    slope = shared / spread if spread > 0 else sizes * served / (sizes * sizes + 1.0)
    base = served - slope * sizes
    state[FITTED_SLOPE] = int(min(max(slope, LEAST_NS), float(NEVER)) + 0.5)
    state[FITTED_BASE] = int(min(max(base, 0.0), float(NEVER)) + 0.5)
    state[FITTED_WAIT] = int(waited + 0.5)
    if due:
        state[REFRESHED] = now_ns + 1
        for i in range(3):
            state[SLOPE + i] = state[FITTED_SLOPE + i]


RULE = BatchingRule(decide, every_event=True, newest=True, learn=learn, state_cells=STATE_CELLS, turns_away=turns_away)
