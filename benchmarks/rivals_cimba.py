"""Workload A for cimba, a C engine with Python models; imported only where it is installed."""

from __future__ import annotations

import math
import time

import cimba as cb
import numpy as np
from cimba import inputs
from rivals import A, RivalResult, Workload

__all__ = ["A", "cimba_model"]

RING = 16384
"""More requests than ever wait at this load."""


class Single(cb.Model):
    """One server: a process for arrivals, one for service, and when each waiting request was sent."""

    interarrival: cb.Input[float] = inputs.dist.exponential(mean=1.0)
    service_s: float = 0.005
    sent: cb.Array[float] = cb.Array(RING)
    arrived: int = 0
    served: int = 0
    queue: cb.Container
    latency: cb.Dataset
    mean_latency: cb.Output[float]
    answered: cb.Output[float]

    @cb.process
    def arrivals(self) -> None:
        """Send requests."""
        while True:
            cb.hold(self.interarrival.next())
            self.sent[self.arrived % RING] = cb.now()
            self.arrived += 1
            self.queue.put(1)

    @cb.process
    def server(self) -> None:
        """Answer them."""
        while True:
            self.queue.get(1)
            cb.hold(self.service_s)
            self.latency.record(cb.now() - self.sent[self.served % RING])
            self.served += 1

    @cb.on_end  # type: ignore[untyped-decorator]  # cimba has no types
    def measure(self) -> None:
        """Tell what was seen."""
        self.mean_latency = self.latency.sample_mean()
        self.answered = self.served


def cimba_model(workload: Workload, requests: int, seed: int) -> RivalResult:
    """Workload A; the compilation of the model is not in the CPU seconds once it is cached."""
    model = Single()
    model.interarrival = inputs.dist.exponential(mean=1 / workload.rate_per_s)
    model.service_s = workload.service_base_s
    experiment = cb.Experiment(model, window=cb.Window(duration=requests / workload.rate_per_s), seed=seed)
    started = time.process_time()
    found = experiment.run()[model]
    cpu_s = time.process_time() - started
    answered, mean_s = (float(np.asarray(values).ravel()[0]) for values in (found.answered, found.mean_latency))
    return RivalResult(int(answered), cpu_s, mean_s, math.nan)
