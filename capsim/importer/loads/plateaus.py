"""Whiles in which the number of clients kept still."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from capsim.importer.loads.measured import Floats

LEAST_S = 10.0
"""A shorter while is on the way to another load."""
SETTLING = 0.1
"""The first part of a while, in which queues of the load before drain or fill."""
Plateau = tuple[float, float, float]
"""Start and end (s), and how many clients."""


def plateaus(
    at_s: Floats, clients: Floats, least_s: float = LEAST_S, settling_s: float | None = None
) -> Sequence[Plateau]:
    """The whiles of at least so long in which the number of clients, sampled at these times, is one and above 0.

    Their first `settling_s`, a tenth unless given, is left out.
    """
    order = np.argsort(at_s, kind="stable")
    at_s, clients = at_s[order], clients[order]
    edges = [0, *(np.flatnonzero(np.diff(clients)) + 1).tolist(), len(clients)]
    spans = []
    for first, past in itertools.pairwise(edges):
        start, end = float(at_s[first]), float(at_s[past - 1])
        if clients[first] > 0 and end - start >= least_s:
            settled = start + (SETTLING * (end - start) if settling_s is None else settling_s)
            spans.append((settled, end, float(clients[first])))
    return spans
