"""Arrival rates that vary over time, exactly: arrivals of unit rate under a transformation of time.

If S is a point process of rate 1, the points t with Λ(t) = S form a process of rate λ(t), where Λ is the
integral of λ (Çınlar, Introduction to Stochastic Processes, 1975, section 4.7). A rate therefore gives Λ⁻¹.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cached_property
from typing import Annotated, Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from capsim.parameters import choice, parameters
from capsim.units import NS_PER_S, RATE, TIME, Duration, PositiveDuration, Rate, RateOrZero
from capsim.workload.piecewise import Piecewise

Floats = NDArray[np.float64]

NEAR_S = 1e-10
"""A tenth of a nanosecond."""
NEARLY = 0.95
"""Share of a period that a run has to see."""
POINTS = 1001
ROUNDING = 4 * 2.0**-52
"""A difference of counts this small, as a share of them, may be none."""


class Law(Protocol):
    """A rate as a function of time, in requests per second and seconds."""

    def instants_s(self, counts: Floats) -> Floats:
        """When the expected number of arrivals so far reaches each count, in order; infinite where it never does."""

    def scaled(self, factor: float) -> Self:
        """`factor` times the rate at each instant."""

    def quicker(self, share: float) -> Self:
        """The same rates in that share of the time, where the pattern can be had in less."""

    def whole_ns(self, least_ns: int) -> int:
        """The shortest time that is no shorter and holds whole cycles (ns)."""

    def mean_per_s(self, horizon_s: float) -> float:
        """The mean rate from 0 to the horizon."""

    def unseen(self, start_s: float, end_s: float) -> str | None:
        """What of the pattern a run leaves out between two instants, in words; nothing where it sees all of it."""


@parameters
class Step:
    """A rate from an instant on."""

    at: Duration
    """When this rate begins."""
    rate: RateOrZero
    """The rate until the next step; may be zero."""


@parameters
class Steps:
    """A rate that changes at given instants."""

    steps: Annotated[list[Step], Field(min_length=1, max_length=100_000)]
    """In the order of time; the first at 0 s, the last goes on."""

    def __post_init__(self) -> None:
        """Refuse steps that do not begin at 0, run backwards, or carry no load."""
        if self.steps[0].at != 0:
            raise ValueError("the first step must begin at 0 s")
        if any(later.at <= earlier.at for earlier, later in zip(self.steps, self.steps[1:], strict=False)):
            raise ValueError("each step must begin later than the one before")
        if all(step.rate == 0 for step in self.steps):
            raise ValueError("at least one step must have a rate above zero")

    @cached_property
    def _pieces(self) -> Piecewise:
        at_ns = np.array([step.at for step in self.steps], dtype=np.float64)
        return Piecewise(at_ns / NS_PER_S, np.array([step.rate for step in self.steps]))

    def instants_s(self, counts: Floats) -> Floats:
        """See `Law`."""
        return self._pieces.instants_s(counts)

    def scaled(self, factor: float) -> Self:
        """See `Law`."""
        return replace(self, steps=[replace(step, rate=step.rate * factor) for step in self.steps])

    def quicker(self, share: float) -> Self:
        """See `Law`."""
        later = [replace(step, at=round(step.at * share)) for step in self.steps]
        return replace(self, steps=[step for i, step in enumerate(later) if i == 0 or step.at > later[i - 1].at])

    def whole_ns(self, least_ns: int) -> int:
        """See `Law`; steps do not come again."""
        return least_ns

    def mean_per_s(self, horizon_s: float) -> float:
        """See `Law`."""
        return self._pieces.mean_per_s(horizon_s)

    def unseen(self, start_s: float, end_s: float) -> str | None:
        """See `Law`."""
        at, rate = self._pieces.at_s, self._pieces.per_s
        seen = (at < end_s) & (np.append(at[1:], np.inf) > start_s)
        left_out = ~seen & ((at >= end_s) | (rate > rate[seen].max(initial=0.0)))
        if not left_out.any():
            return None
        first, highest = int(np.flatnonzero(left_out)[0]), RATE.format(float(rate[left_out].max()))
        begins = f"step {first + 1} of {len(at)}, at {TIME.format(self.steps[first].at)}"
        return f"leaves out {int(left_out.sum())} of {len(at)} steps, from {begins}, with up to {highest}"


@parameters
class DailyCurve:
    """A cosine between a trough and a peak."""

    mean: Rate
    """Mean rate over a period."""
    peak: Rate
    """Highest rate; at most twice the mean."""
    peak_at: Duration = 14 * 3600 * NS_PER_S
    """When in the period the peak is; 14 h unless given."""
    period: PositiveDuration = 24 * 3600 * NS_PER_S
    """Length of a period; 24 h unless given."""

    def __post_init__(self) -> None:
        """Refuse a curve that would fall below zero."""
        if not self.mean <= self.peak <= 2 * self.mean:
            raise ValueError(
                f"peak must be from the mean to twice the mean, got {RATE.format(self.peak)} "
                f"with mean {RATE.format(self.mean)}"
            )


@parameters
class Daily:
    """A rate that follows the time of day."""

    daily: DailyCurve
    """The curve."""

    def _expected(self, t: Floats) -> tuple[Floats, Floats]:
        curve = self.daily
        omega = 2 * math.pi * NS_PER_S / curve.period
        phase, swing = omega * curve.peak_at / NS_PER_S, curve.peak - curve.mean
        angle = omega * t - phase
        count = curve.mean * t + swing / omega * (np.sin(angle) + math.sin(phase))
        return count, curve.mean + swing * np.cos(angle)

    def instants_s(self, counts: Floats) -> Floats:
        """See `Law`; Newton's iteration kept inside a shrinking bracket, for each count until it is there."""
        curve = self.daily
        reach = (curve.peak - curve.mean) / curve.mean * curve.period / NS_PER_S / math.pi
        instants = counts / curve.mean
        low, high = np.maximum(instants - reach, 0.0), instants + reach
        left = np.arange(len(counts))
        for _ in range(80):
            t, wanted = instants[left], counts[left]
            count, rate = self._expected(t)
            off = count - wanted
            low[left], high[left] = np.where(off < 0, t, low[left]), np.where(off < 0, high[left], t)
            with np.errstate(divide="ignore", invalid="ignore"):
                step = t - off / rate
            near = np.abs(step - t) < NEAR_S
            exact = np.abs(off) <= ROUNDING * wanted
            inside = (step > low[left]) & (step < high[left])
            instants[left] = np.where(near | inside, step, np.where(exact, t, (low[left] + high[left]) / 2))
            left = left[~(near | exact)]
            if len(left) == 0:
                break
        # Counts so close that rounding could turn them round.
        return np.maximum.accumulate(instants)

    def scaled(self, factor: float) -> Self:
        """See `Law`."""
        curve = self.daily
        return replace(self, daily=replace(curve, mean=curve.mean * factor, peak=curve.peak * factor))

    def quicker(self, share: float) -> Self:
        """See `Law`."""
        curve = self.daily
        spans = {"period": max(1, round(curve.period * share)), "peak_at": round(curve.peak_at * share)}
        return replace(self, daily=replace(curve, **spans))

    def whole_ns(self, least_ns: int) -> int:
        """See `Law`; a shorter time holds a quicker curve."""
        return least_ns

    def mean_per_s(self, horizon_s: float) -> float:
        """See `Law`."""
        return float(self._expected(np.array([horizon_s]))[0][0] / horizon_s)

    def unseen(self, start_s: float, end_s: float) -> str | None:
        """See `Law`."""
        curve = self.daily
        if end_s - start_s >= NEARLY * curve.period / NS_PER_S:
            return None
        highest = float(self._expected(np.linspace(start_s, end_s, POINTS))[1].max())
        whole, most, peak = TIME.format(curve.period), RATE.format(float(f"{highest:.3g}")), RATE.format(curve.peak)
        return (
            f"sees {_share(start_s, end_s, curve.period / NS_PER_S)} of a period of {whole}: at most {most} of {peak}"
        )


@parameters
class BurstPattern:
    """A base load with bursts at equal distances."""

    base: RateOrZero
    """Rate outside bursts."""
    peak: Rate
    """Rate inside a burst."""
    every: PositiveDuration
    """From the start of one burst to the start of the next; the first starts at 0."""
    length: PositiveDuration
    """How long a burst lasts; less than `every`."""

    def __post_init__(self) -> None:
        """Refuse bursts that run into each other or are no bursts."""
        if self.length >= self.every:
            raise ValueError("length must be less than every")
        if self.peak <= self.base:
            raise ValueError("peak must be more than base")


@parameters
class Bursts:
    """A rate with regular bursts."""

    bursts: BurstPattern
    """The pattern."""

    def _spans(self) -> tuple[float, float, float, float]:
        pattern = self.bursts
        length, every = pattern.length / NS_PER_S, pattern.every / NS_PER_S
        burst = pattern.peak * length
        return length, every, burst, burst + pattern.base * (every - length)

    def instants_s(self, counts: Floats) -> Floats:
        """See `Law`."""
        length, every, burst, cycle = self._spans()
        # The rest is above zero and at most a cycle, so that a count reached as a burst ends is not in the next one.
        whole = np.ceil(counts / cycle) - 1
        rest = np.minimum(counts - whole * cycle, cycle)
        with np.errstate(divide="ignore", invalid="ignore"):
            outside = length + (rest - burst) / self.bursts.base
        return np.asarray(whole * every + np.where(rest <= burst, rest / self.bursts.peak, outside))

    def scaled(self, factor: float) -> Self:
        """See `Law`."""
        pattern = self.bursts
        return replace(self, bursts=replace(pattern, base=pattern.base * factor, peak=pattern.peak * factor))

    def quicker(self, share: float) -> Self:  # noqa: ARG002 - queues feel how long a burst is
        """See `Law`; bursts stay as they are."""
        return self

    def whole_ns(self, least_ns: int) -> int:
        """See `Law`."""
        return math.ceil(least_ns / self.bursts.every) * self.bursts.every

    def mean_per_s(self, horizon_s: float) -> float:
        """See `Law`."""
        length, every, _, cycle = self._spans()
        whole, rest = divmod(horizon_s, every)
        partial = self.bursts.peak * min(rest, length) + self.bursts.base * max(rest - length, 0.0)
        return (whole * cycle + partial) / horizon_s

    def unseen(self, start_s: float, end_s: float) -> str | None:
        """See `Law`."""
        length, every, _, _ = self._spans()
        if end_s - start_s >= NEARLY * every:
            return None
        phases = np.linspace(start_s, end_s, POINTS) % every
        bursts = "" if (phases < length).any() else ", and no burst"
        return f"sees {_share(start_s, end_s, every)} of a cycle of {TIME.format(self.bursts.every)}{bursts}"


def _share(start_s: float, end_s: float, whole_s: float) -> str:
    return f"{(end_s - start_s) / whole_s * 100:.2g} %"


CONSTANT = "a rate such as 400 /s"


def _which(value: Any) -> str | None:
    if isinstance(value, (Steps, Daily, Bursts)):
        return type(value).__name__.lower()
    if isinstance(value, dict):
        named = [name for name in ("steps", "daily", "bursts") if name in value]
        return named[0] if named else ", ".join(value) or "an empty mapping"
    return CONSTANT


RateOverTime: Any = choice({CONSTANT: Rate, "steps": Steps, "daily": Daily, "bursts": Bursts}, _which)
"""A rate, or a mapping with `steps`, `daily` or `bursts`."""


def is_constant(rate: float | Law) -> bool:
    """Whether this rate is one number."""
    return isinstance(rate, (int, float))


def instants_s(rate: float | Law, counts: Floats) -> Floats:
    """When the expected number of arrivals under this rate reaches each count (s)."""
    return counts / rate if isinstance(rate, (int, float)) else rate.instants_s(counts)


def mean_per_s(rate: float | Law, horizon_s: float) -> float:
    """The mean of this rate from 0 to the horizon (1/s)."""
    return float(rate) if isinstance(rate, (int, float)) else rate.mean_per_s(horizon_s)


def scaled_rate(rate: float | Law, factor: float) -> float | Law:
    """`factor` times this rate at each instant."""
    return rate * factor if isinstance(rate, (int, float)) else rate.scaled(factor)
