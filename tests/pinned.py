"""Answers of random scenarios as they were pinned, so that a change to an engine that changes one is seen.

`python tests/pinned.py` writes them anew, from the compiled engine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from random_scenarios import is_coarse, random_scenario
from scipy.special import gammaincinv, ndtri

from capsim.engine import Blueprint, Ledger, compiled, lower
from capsim.engine.tally import Tally

FILE = Path(__file__).with_name("pinned.txt")
SCENARIOS = 2500
LETTERS = 4
A_LINE = 10
POOL_COLUMNS = 4
"""Of those that a tally keeps of a pool; others came later."""
COLUMNS = {
    "requests": ("arrived_ns", "finished_ns", "outcome"),
    "visits": ("request", "step", "server", "enqueued_ns", "started_ns", "finished_ns", "batch", "batch_size"),
    "batches": ("server", "number", "started_ns", "finished_ns", "requests"),
}


class Pin(NamedTuple):
    """What is pinned of a scenario."""

    ledger: str
    tally: str


def ledger_digest(ledger: Ledger) -> str:
    """Of every row of a ledger."""
    tables: Mapping[str, Mapping[str, Any]] = {name: getattr(ledger, name) for name in COLUMNS}
    return _digest(tables[name][column] for name, columns in COLUMNS.items() for column in columns)


def tally_digest(tally: Tally) -> str:
    """Of every count of a tally."""
    counts = (tally.requests, tally.latency, tally.waiting, tally.pools[..., :POOL_COLUMNS], tally.batches)
    return _digest(cells for table in counts for cells in _held(table))


def tally_of(blueprint: Blueprint) -> Tally:
    """The tally that is pinned: of what comes after a third of the run."""
    return compiled.run_tally(blueprint, blueprint.horizon_ns // 3)


def pinned() -> dict[tuple[int, bool], Pin]:
    """By number and plainness of a scenario; without those whose draws this machine's libraries round differently."""
    platform, *lines = FILE.read_text().splitlines()
    words = [word for line in lines for word in line.split()]
    keys = [(number, plain) for plain in (False, True) for number in range(SCENARIOS)]
    pins = {key: Pin(word[:LETTERS], word[LETTERS:]) for key, word in zip(keys, words, strict=True)}
    return pins if platform == _platform() else {key: pin for key, pin in pins.items() if is_coarse(key[0])}


def _held(table: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Where a table of many zeros holds something, and what."""
    places = np.flatnonzero(table)
    return places, table.ravel()[places].astype(np.float64)


def _digest(arrays: Iterable[NDArray[Any]]) -> str:
    digest = hashlib.blake2b(digest_size=LETTERS // 2)
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _platform() -> str:
    """How the functions that draws are made with round here; a rule of the model changes nothing about it."""
    u = (np.arange(20_000) + 0.5) / 20_000
    return _digest([np.log1p(-u), np.exp(3 * u), ndtri(u), gammaincinv(2.0, u)])


def _words() -> Iterable[str]:
    for plain in (False, True):
        for number in range(SCENARIOS):
            blueprint = lower(random_scenario(number, plain))
            yield ledger_digest(compiled.run(blueprint)) + tally_digest(tally_of(blueprint))


if __name__ == "__main__":
    words = list(_words())
    lines = [" ".join(words[first : first + A_LINE]) for first in range(0, len(words), A_LINE)]
    FILE.write_text("\n".join([_platform(), *lines]) + "\n")
