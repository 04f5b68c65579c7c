"""Requests whose rate changes at random: a Poisson process modulated by a Markov chain (MMPP).

Fischer and Meier-Hellstern, "The Markov-modulated Poisson process (MMPP) cookbook", Performance Evaluation 18, 1993.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from pydantic import Field

from capsim.distributions import unit_quantile
from capsim.errors import CodedWarning
from capsim.parameters import parameters
from capsim.random import Stream
from capsim.units import NS_PER_S, TIME, PositiveDuration, RateOrZero
from capsim.workload.open_loop import OpenLoop
from capsim.workload.piecewise import Piecewise
from capsim.workload.poisson import Poisson

MOST_CHANGES = 2_000_000
"""Changes of the rate before the horizon; each takes 24 bytes."""
FOLLOWED = 4
"""Up to so many times as many changes are drawn for what comes after the horizon; the last rate then goes on."""
FEWEST_ROUNDS = 10
"""A run that holds fewer rounds of all states sees too little of them."""


@parameters
class MarkovModulated(OpenLoop):
    """Poisson arrivals at a rate that changes at random: states in turn, each for an exponential time.

    A run begins in any state, by the share of time that each has, so that the load is the same on average all the time.
    """

    process: Literal["mmpp"]
    """Which arrival process."""
    rates: Annotated[list[RateOrZero], Field(min_length=2, max_length=1000)]
    """Requests per unit of time in each state, which follow each other in turn; may be zero."""
    sojourns: Annotated[list[PositiveDuration], Field(min_length=2, max_length=1000)]
    """For each state, the mean of the exponential time that it lasts."""

    steady: ClassVar[bool] = False
    rate_field: ClassVar[str] = "rates"

    def __post_init__(self) -> None:
        """Refuse rates and sojourns that are not of the same states, and no load at all."""
        if len(self.rates) != len(self.sojourns):
            said = f"rates and sojourns must be of the same states, got {len(self.rates)} rates and "
            raise ValueError(f"{said}{len(self.sojourns)} sojourns")
        if not any(self.rates):
            raise ValueError("at least one state must have a rate above zero")

    def drawn(self, stream: Stream, until_ns: int) -> Poisson:
        """Poisson arrivals at the rate of one path through the states; a longer path begins with the shorter one."""
        means = np.array(self.sojourns, dtype=np.float64)
        first = int(np.searchsorted(np.cumsum(means) / means.sum(), stream.uniforms(0, 1))[0])
        most = FOLLOWED * MOST_CHANGES
        count = min(round(until_ns / means.mean()) + len(means), most)
        while True:
            state = (first + np.arange(count)) % len(means)
            ends_ns = np.cumsum(means[state] * unit_quantile("exponential", 1.0, stream.uniforms(1, count + 1)))
            if ends_ns[-1] >= until_ns or count == most:
                break
            count = min(2 * count, most)
        at_s = np.append(0.0, ends_ns[:-1]) / NS_PER_S
        return Poisson(process="poisson", rate=Piecewise(at_s, np.array(self.rates)[state]))

    def offered_per_s(self, horizon_s: float) -> float:  # noqa: ARG002 - the same on average all the time
        """The mean rate."""
        return float(np.average(self.rates, weights=self.sojourns))

    def scaled(self, factor: float) -> Self:
        """The same with `factor` times the rate in each state."""
        return replace(self, rates=[rate * factor for rate in self.rates])

    def quicker(self, share: float) -> Self:  # noqa: ARG002 - queues feel how long a state lasts
        """See `OpenLoop`; states stay as they are."""
        return self

    def whole_ns(self, least_ns: int) -> int:
        """See `OpenLoop`; some rounds of the states."""
        return max(least_ns, FEWEST_ROUNDS * sum(self.sojourns))

    def faults(self, horizon_ns: int) -> Iterator[tuple[str, str]]:
        """States that change too often to be followed."""
        changes = horizon_ns * len(self.sojourns) / sum(self.sojourns)
        if changes > MOST_CHANGES:
            said = f"change about {changes:.3g} times before the horizon; at most {MOST_CHANGES:.0e} can be followed"
            yield "sojourns", said

    def doubts(self, start_ns: int, horizon_ns: int, least_service_ns: float) -> Iterator[CodedWarning]:  # noqa: ARG002 - for traces
        """A run that sees few rounds of the states: what it says of them is chance."""
        turn_ns = sum(self.sojourns)
        rounds = (horizon_ns - start_ns) / turn_ns
        if rounds < FEWEST_ROUNDS:
            said = (
                f"the run of {TIME.format(horizon_ns)} holds about {rounds:.2g} rounds of the {len(self.rates)} "
                f"states, each of {TIME.format(turn_ns)} on average: how much it sees of which is chance; simulate at "
                f"least {TIME.format(FEWEST_ROUNDS * turn_ns)}"
            )
            yield CodedWarning("few_rounds", said)
