"""More that capsim is timed against: salabim and the Lindley recursion.

As in `rivals`, a model simulates a number of requests, records every latency and reports its CPU seconds.
"""

from __future__ import annotations

import math
import random
import time
from functools import cache
from typing import Any

import numpy as np
from rivals import RivalResult, Workload


def salabim_model(workload: Workload, requests: int, seed: int) -> RivalResult:
    """Salabim in its fastest form: generators, no trace, no monitors, a component for each server.

    A server takes what waits up to the maximum, or waits out the delay of the oldest request.
    """
    import salabim as sim

    chance = random.Random(seed)  # noqa: S311
    latencies: list[float] = []
    sigma = math.sqrt(math.log1p(workload.jitter_cv**2))
    mu = math.log(workload.service_base_s) - sigma**2 / 2
    env = sim.Environment(trace=False, random_seed=seed, yieldless=False)

    class Server(sim.Component):  # type: ignore[misc]  # salabim has no types
        def setup(self) -> None:
            self.waiting: list[float] = []
            self.outstanding = 0
            self.collecting = False

        def process(self) -> Any:
            while True:
                while not self.waiting:
                    yield self.passivate()
                due = self.waiting[0] + workload.max_queue_delay_s
                if len(self.waiting) < workload.max_batch_size and env.now() < due:
                    self.collecting = True
                    yield self.hold(till=due)
                    self.collecting = False
                batch = self.waiting[: workload.max_batch_size]
                del self.waiting[: len(batch)]
                base = chance.lognormvariate(mu, sigma) if sigma else workload.service_base_s
                yield self.hold(base + len(batch) * workload.service_per_request_s)
                self.outstanding -= len(batch)
                latencies.extend(env.now() - sent for sent in batch)

    class Source(sim.Component):  # type: ignore[misc]  # salabim has no types
        def process(self) -> Any:
            for _ in range(requests):
                yield self.hold(chance.expovariate(workload.rate_per_s))
                choices = servers if workload.balancer == "least_outstanding" else chance.sample(servers, 2)
                server = min(choices, key=lambda server: server.outstanding)
                server.outstanding += 1
                server.waiting.append(env.now())
                if server.ispassive() or (len(server.waiting) == workload.max_batch_size and server.isscheduled()):
                    wakes = (
                        server.ispassive() or server.scheduled_time() == server.waiting[0] + workload.max_queue_delay_s
                    )
                    if wakes:
                        server.activate()

    started = time.process_time()
    servers = [Server(suppress_trace=True) for _ in range(workload.servers)]
    Source()
    env.run()
    cpu_s = time.process_time() - started
    return RivalResult(len(latencies), cpu_s, float(np.mean(latencies)), float(np.quantile(latencies, 0.99)))


@cache
def _lindley() -> Any:
    from numba import njit

    def waits(gaps: Any, service_s: float) -> Any:
        found = np.empty(len(gaps))
        wait = 0.0
        for i in range(len(gaps)):
            wait = max(0.0, wait + service_s - gaps[i])
            found[i] = wait
        return found

    return njit(waits)


def lindley(workload: Workload, requests: int, seed: int) -> RivalResult:
    """The Lindley recursion for one server, compiled: no model can be faster, and it can do nothing else."""
    recursion = _lindley()
    recursion(np.ones(2), 1.0)
    chance = np.random.default_rng(seed)
    started = time.process_time()
    latencies = recursion(chance.exponential(1 / workload.rate_per_s, requests), workload.service_base_s)
    latencies += workload.service_base_s
    cpu_s = time.process_time() - started
    return RivalResult(requests, cpu_s, float(np.mean(latencies)), float(np.quantile(latencies, 0.99)))
