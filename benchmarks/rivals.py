"""What capsim's engines are timed against: the same workloads as a practitioner would write them elsewhere.

A model runs workload A, B or C for a number of requests and reports the CPU seconds of its simulation, with
its random draws and the recording of every latency. No warm-up is deleted. Nothing here imports capsim.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import simpy

Steps = Generator[simpy.Event, Any, None]


@dataclass(frozen=True)
class Workload:
    """Poisson arrivals on identical servers, each with a queue and dynamic batching of its own.

    A batch leaves when the server is free and `max_batch_size` requests wait, or the oldest has waited for
    `max_queue_delay_s`. With b requests it takes Q + b `service_per_request_s`, where Q is lognormal.

    Attributes:
        service_base_s: mean of Q.
        jitter_cv: coefficient of variation of Q.
        load: arrival rate over the capacity of all servers in full batches.
    """

    name: str
    servers: int
    balancer: Literal["least_outstanding", "power_of_two"]
    max_batch_size: int
    max_queue_delay_s: float
    service_base_s: float
    service_per_request_s: float
    jitter_cv: float
    load: float

    @property
    def rate_per_s(self) -> float:
        """Arrivals per second, all servers together."""
        full = self.service_base_s + self.max_batch_size * self.service_per_request_s
        return self.load * self.servers * self.max_batch_size / full


A = Workload("A", 1, "least_outstanding", 1, 0.0, 0.005, 0.0, 0.0, 0.8)
B = Workload("B", 8, "least_outstanding", 32, 0.002, 0.005, 0.0005, 0.1, 0.8)
C = Workload("C", 256, "power_of_two", 32, 0.002, 0.005, 0.0005, 0.1, 0.8)


@dataclass(frozen=True)
class RivalResult:
    """What one run of a model took and found.

    Attributes:
        requests: simulated, all of them answered.
        cpu_s: CPU seconds of the simulation.
        mean_latency_s: over all requests.
        p99_latency_s: over all requests.
    """

    requests: int
    cpu_s: float
    mean_latency_s: float
    p99_latency_s: float

    @property
    def requests_per_cpu_s(self) -> float:
        """Simulated requests per CPU second."""
        return self.requests / self.cpu_s


def _summary(latencies_s: list[float], cpu_s: float) -> RivalResult:
    p99 = float(np.quantile(latencies_s, 0.99))
    return RivalResult(len(latencies_s), cpu_s, float(np.mean(latencies_s)), p99)


def _lognormal(mean: float, cv: float) -> tuple[float, float]:
    """Mean and standard deviation of the logarithm."""
    variance = math.log1p(cv**2)
    return math.log(mean) - variance / 2, math.sqrt(variance)


class _Service:
    """Service times of a workload, drawn one after the other."""

    def __init__(self, workload: Workload, chance: random.Random) -> None:
        self.per_request = workload.service_per_request_s
        self.constant = workload.service_base_s if workload.jitter_cv == 0 else None
        self.log_mean, self.log_deviation = _lognormal(workload.service_base_s, workload.jitter_cv)
        self.chance = chance

    def draw(self, batch_size: int) -> float:
        base = self.constant
        if base is None:
            base = self.chance.lognormvariate(self.log_mean, self.log_deviation)
        return base + batch_size * self.per_request


# SimPy, a process per request


class _Server:
    """A server that takes batches out of its store, as a process."""

    def __init__(self, env: simpy.Environment, workload: Workload, service: _Service) -> None:
        self.env = env
        self.inbox = simpy.Store(env)
        self.outstanding = 0
        self.most = workload.max_batch_size
        self.delay = workload.max_queue_delay_s
        self.service = service
        env.process(self.serve())

    def serve(self) -> Steps:
        while True:
            oldest = yield self.inbox.get()
            batch = [oldest]
            while len(batch) < self.most and self.inbox.items:
                batch.append((yield self.inbox.get()))
            patience = oldest[0] + self.delay - self.env.now
            if len(batch) < self.most and patience > 0:
                yield from self.wait_for_more(batch, self.env.timeout(patience))
            yield self.env.timeout(self.service.draw(len(batch)))
            for _, done in batch:
                done.succeed()

    def wait_for_more(self, batch: list[Any], deadline: simpy.Event) -> Steps:
        while len(batch) < self.most:
            another = self.inbox.get()
            yield another | deadline
            if not another.triggered:
                another.cancel()
                return
            batch.append(another.value)


def _batched_request(env: simpy.Environment, server: _Server, latencies: list[float]) -> Steps:
    arrived = env.now
    server.outstanding += 1
    done = env.event()
    server.inbox.put((arrived, done))
    yield done
    server.outstanding -= 1
    latencies.append(env.now - arrived)


def _batched_arrivals(
    env: simpy.Environment, workload: Workload, requests: int, chance: random.Random, latencies: list[float]
) -> Steps:
    service = _Service(workload, chance)
    servers = [_Server(env, workload, service) for _ in range(workload.servers)]
    for _ in range(requests):
        yield env.timeout(chance.expovariate(workload.rate_per_s))
        choices = servers if workload.balancer == "least_outstanding" else chance.sample(servers, 2)
        server = min(choices, key=lambda server: server.outstanding)
        env.process(_batched_request(env, server, latencies))


def _single_request(env: simpy.Environment, server: simpy.Resource, service: _Service, latencies: list[float]) -> Steps:
    arrived = env.now
    with server.request() as turn:
        yield turn
        yield env.timeout(service.draw(1))
    latencies.append(env.now - arrived)


def _single_arrivals(
    env: simpy.Environment, workload: Workload, requests: int, chance: random.Random, latencies: list[float]
) -> Steps:
    service = _Service(workload, chance)
    server = simpy.Resource(env, capacity=1)
    for _ in range(requests):
        yield env.timeout(chance.expovariate(workload.rate_per_s))
        env.process(_single_request(env, server, service, latencies))


def naive_simpy(workload: Workload, requests: int, seed: int) -> RivalResult:
    """SimPy as its documentation teaches: a process per request.

    One server without batching is a `Resource`; otherwise each server is a process that collects batches from
    a `Store`, and a request waits for an event that its batch triggers. The rules are capsim's.
    """
    latencies: list[float] = []
    started = time.process_time()
    env = simpy.Environment()
    single = workload.servers == 1 and workload.max_batch_size == 1
    arrivals = _single_arrivals if single else _batched_arrivals
    env.process(arrivals(env, workload, requests, random.Random(seed), latencies))  # noqa: S311
    env.run()
    return _summary(latencies, time.process_time() - started)


# Ciw


def ciw_model(workload: Workload, requests: int, seed: int) -> RivalResult:
    """Ciw 3, as near as it can express the workload.

    A is exact: a node with one server. Ciw has no batch service, so in B each server answers requests one at
    a time, each in 1 / max_batch_size of a full batch's time: same capacity, load and balancer (its router
    `LoadBalancing` is least outstanding, behind a dispatching node that takes no time). That is easier than B
    to simulate, and **its latencies are not those of B**. It has no power-of-two router, so C is refused.

    The run ends when `requests` are finished; reading its records afterwards is not in the CPU seconds.
    """
    import ciw

    if workload.balancer != "least_outstanding":
        raise ValueError(f"Ciw has no balancer {workload.balancer}")
    arrival = ciw.dists.Exponential(rate=workload.rate_per_s)
    share = workload.service_base_s / workload.max_batch_size
    if workload.jitter_cv == 0:
        service = ciw.dists.Deterministic(share + workload.service_per_request_s)
    else:
        jitter = ciw.dists.Lognormal(*_lognormal(share, workload.jitter_cv))
        service = jitter + ciw.dists.Deterministic(workload.service_per_request_s)

    if workload.servers == 1:
        network = ciw.create_network(
            arrival_distributions=[arrival], service_distributions=[service], number_of_servers=[1]
        )
    else:
        nodes = range(2, workload.servers + 2)
        balancer = ciw.routing.LoadBalancing(destinations=list(nodes), tie_break="order")
        network = ciw.create_network(
            arrival_distributions=[arrival] + [None for _ in nodes],
            service_distributions=[ciw.dists.Deterministic(0.0)] + [service for _ in nodes],
            number_of_servers=[math.inf] + [1 for _ in nodes],
            routing=ciw.routing.NetworkRouting([balancer] + [ciw.routing.Leave() for _ in nodes]),
        )
    ciw.seed(seed)
    started = time.process_time()
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(requests, method="Complete")
    cpu_s = time.process_time() - started
    records = simulation.get_all_records(only=["service"])
    first_server = 1 if workload.servers == 1 else 2
    latencies = [record.exit_date - record.arrival_date for record in records if record.node >= first_server]
    return _summary(latencies, cpu_s)
