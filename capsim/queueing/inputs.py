"""Checks that every closed form shares; each raises ValueError and names what is wrong."""

from __future__ import annotations

import math


def require_positive(**values: float) -> None:
    """Every value is a finite number above zero."""
    for name, value in values.items():
        if not (math.isfinite(value) and value > 0):
            raise ValueError(f"{name} must be a finite number above 0, got {value}")


def require_not_negative(**values: float) -> None:
    """Every value is a finite number, zero or above."""
    for name, value in values.items():
        if not (math.isfinite(value) and value >= 0):
            raise ValueError(f"{name} must be a finite number, 0 or above, got {value}")


def require_count(**values: int) -> None:
    """Every value is at least one."""
    for name, value in values.items():
        if value < 1:
            raise ValueError(f"{name} must be at least 1, got {value}")


def require_probability(probability: float) -> None:
    """The probability of a quantile lies strictly between 0 and 1."""
    if not 0 < probability < 1:
        raise ValueError(f"probability must lie between 0 and 1, got {probability}")


def stable_load(arrival_rate_per_s: float, service_mean_s: float, servers: int = 1) -> float:
    """Offered load in erlangs, below the number of servers; at or above it no stationary state exists."""
    require_positive(arrival_rate_per_s=arrival_rate_per_s, service_mean_s=service_mean_s)
    require_count(servers=servers)
    offered_load = arrival_rate_per_s * service_mean_s
    if offered_load >= servers:
        raise ValueError(f"unstable: an offered load of {offered_load:g} erlang needs more servers than {servers}")
    return offered_load
