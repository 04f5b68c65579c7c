"""What throughput, latency and the number of clients say together.

In a closed loop N = X (R + Z): clients, throughput, mean latency and think time (J. D. C. Little, "A proof for the
queuing formula L = λW", Operations Research 9(3), 1961). A load generator that counts only the requests that begin
and end inside its measurement window of length W reports X (1 - R / W) instead of X.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from capsim.errors import CodedWarning, Fault
from capsim.importer.loads.measured import LoadPoint

LEAST_LOSS = 0.01
"""Windows that lose less are not told from none."""
FAR_OFF = 3.0
"""By what factor the law must fail to suspect units rather than noise."""
DOUBTFUL = 0.15


def shares(points: Sequence[LoadPoint], think_s: float) -> list[tuple[LoadPoint, float, float]]:
    """For points that measure it: the point, X (R + Z) / N, and R + Z in seconds."""
    shares_seen = []
    for point in points:
        told = point.measured
        if point.load == "clients" and {"throughput_per_s", "mean_ms"} <= told.keys():
            cycle_s = told["mean_ms"] / 1e3 + think_s
            shares_seen.append((point, told["throughput_per_s"] * cycle_s / point.value, cycle_s))
    return shares_seen


def window_s(points: Sequence[LoadPoint], think_s: float) -> float | None:
    """The window that the load generator seems to have: least squares of 1 - share = latency / window."""
    told = shares(points, think_s)
    latency = np.array([cycle_s - think_s for _, _, cycle_s in told])
    loss = np.array([1 - share for _, share, _ in told])
    if len(told) == 0 or float(loss.max()) < LEAST_LOSS:
        return None
    slope = float(loss @ latency / (latency @ latency))
    # One window explains all points, or it explains none.
    if slope <= 0 or float(np.sum((loss - slope * latency) ** 2)) > 0.5 * float(loss @ loss):
        return None
    return 1 / slope


def unit_faults(points: Sequence[LoadPoint], think_s: float, items_per_request: int) -> list[Fault]:
    """Points whose throughput and latency cannot both be right."""
    faults = []
    for point, share, cycle_s in shares(points, think_s):
        if 1 / FAR_OFF <= share <= FAR_OFF:
            continue
        hint = "is the latency in ms, and the throughput in requests/s?"
        if items_per_request > 1 and 0.5 <= share / items_per_request <= 2:
            hint = f"is this throughput in items, {items_per_request} a request? It is to be in requests"
        if share < 1:
            pause_s = point.value / point.measured["throughput_per_s"] - cycle_s
            hint += f" Or do clients pause {pause_s:.3g} s more before the next request (workload.arrivals.think_time)?"
        said = f"throughput x latency is {share:.3g} times the number of clients; {hint}"
        faults.append(Fault("throughput_per_s", said, point.line))
    for point in points:
        told = point.measured.get("throughput_per_s", 0.0)
        if point.load == "rate_per_s" and told > FAR_OFF * point.value:
            said = f"{told:g} requests/s were completed and {point.value:g} offered; is it in items?"
            faults.append(Fault("throughput_per_s", said, point.line))
    return faults


def doubts(points: Sequence[LoadPoint], think_s: float, window: float | None) -> list[CodedWarning]:
    """Points at which the law fails by more than noise, and the window that was found."""
    doubtful = []
    if window is not None:
        said = f"throughput falls short of Little's law as if the load generator counted in windows of {window:.3g} s"
        doubtful.append(CodedWarning("measurement_window", f"{said}; predicted throughput is reduced alike"))
    off = []
    for point, share, cycle_s in shares(points, think_s):
        expected = 1.0 if window is None else 1 - (cycle_s - think_s) / window
        if abs(share - expected) > DOUBTFUL:
            off.append(f"{point.name} ({share:.2f})")
    if off:
        said = f"throughput x latency is not the number of clients at {', '.join(off[:5])}; no prediction fits both"
        doubtful.append(CodedWarning("littles_law", said))
    return doubtful
