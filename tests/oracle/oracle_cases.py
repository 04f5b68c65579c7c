"""The systems that theory knows; `alone_s` is the mean service time of a request alone, 5 ms unless told."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Literal

from oracle_systems import Case, Settings, clients, mmpp, nanoseconds, poisson, renewal, service, single
from oracle_theory import (
    Modulated,
    carried_load,
    engset_blocking,
    gim1_found_busy,
    hypoexponential_quantile_s,
    impatient_mm1,
    shared_device_mean_number,
    window_mean_waiting_s,
)

from capsim import queueing

ALONE_S = 0.005


def all_cases(alone_s: float = ALONE_S) -> list[Case]:
    """Every case."""
    groups = (single_servers, modulated, many_servers, bounded_queues, batches, closed_loops, shared_devices, routes)
    return [case for group in groups for case in group(alone_s)]


def single_servers(alone_s: float) -> Iterator[Case]:
    """M/M/1, M/D/1, M/G/1 and GI/M/1."""
    exponential = single(service("exponential", alone_s))
    for rate, requests in ((60, 40_000), (120, 80_000)):
        yield Case(
            f"M/M/1 at {rate / 200:.0%}",
            poisson(rate),
            rate,
            exponential,
            {
                "mean latency": queueing.mm1_mean_latency_s(rate, alone_s),
                "p99 latency": queueing.mm1_latency_quantile_s(rate, alone_s, 0.99),
                "mean waiting": queueing.mm1_mean_waiting_s(rate, alone_s),
                "utilisation": rate * alone_s,
                "throughput": rate,
            },
            requests=requests,
        )
    yield Case(
        "M/D/1 at 70%",
        poisson(140),
        140,
        single(service("constant", alone_s)),
        {
            "mean latency": alone_s + queueing.md1_mean_waiting_s(140, alone_s),
            "mean waiting": queueing.md1_mean_waiting_s(140, alone_s),
            "p99 waiting": queueing.md1_waiting_quantile_s(140, alone_s, 0.99),
            "utilisation": 140 * alone_s,
        },
        0.045,
    )
    for law, cv in (("lognormal", 1.5), ("gamma", 0.5), ("gamma", 1.5)):
        waiting = queueing.mg1_mean_waiting_s(100, alone_s, cv)
        system = single(service(law, alone_s, cv=cv))
        theory = {"mean waiting": waiting, "utilisation": 100 * alone_s}
        yield Case(f"M/G/1 at 50%, {law} service of cv {cv:g}", poisson(100), 100, system, theory, 0.05)
    waiting = queueing.mg1_mean_waiting_s(100, 0.002 + alone_s, alone_s / (0.002 + alone_s))
    overheads = single(service("exponential", alone_s), overhead={"per_batch": "1.5 ms", "per_request": "0.5 ms"})
    theory = {"mean waiting": waiting, "utilisation": 100 * (0.002 + alone_s)}
    yield Case("M/G/1 at 70%, with overheads of 2 ms", poisson(100), 100, overheads, theory, 0.04)
    for name, rate, cv in (("D/M/1 at 70%", 140, 0.0), ("GI/M/1 at 50%, gamma gaps of cv 2", 100, 2.0)):
        latency = alone_s / (1 - gim1_found_busy(rate, alone_s, cv))
        theory = {"mean latency": latency, "p99 latency": latency * math.log(100), "utilisation": rate * alone_s}
        yield Case(name, renewal(rate, cv), rate, exponential, theory, 0.08 if cv else 0.04, 20_000 if cv else 40_000)


def modulated(alone_s: float) -> Iterator[Case]:
    """MMPP/M/1: two states of which one is more than the server bears, and three."""
    exponential = single(service("exponential", alone_s))
    for rates, sojourns_s in (((60.0, 220.0), (0.1, 0.05)), ((40.0, 0.0, 240.0), (0.05, 0.025, 0.025))):
        queue = Modulated(rates, sojourns_s, alone_s)
        theory = {
            "mean latency": queue.mean_latency_s,
            "p99 latency": queue.latency_quantile_s(0.99),
            "utilisation": queue.rate * alone_s,
            "throughput": queue.rate,
        }
        name = f"MMPP/M/1 at {queue.rate / 200:.0%}, {len(rates)} states"
        yield Case(name, mmpp(rates, sojourns_s), queue.rate, exponential, theory, 0.08, 80_000)


def many_servers(alone_s: float) -> Iterator[Case]:
    """Servers that share a queue, and requests split among servers that do not."""
    exponential = service("exponential", alone_s)
    for servers, rate, requests in ((2, 200, 40_000), (8, 1280, 60_000)):
        yield Case(
            f"M/M/{servers} at {rate / servers / 200:.0%}",
            poisson(rate),
            rate,
            single(exponential, servers),
            {
                "mean waiting": queueing.mmc_mean_waiting_s(rate, alone_s, servers),
                "mean latency": queueing.mmc_mean_latency_s(rate, alone_s, servers),
                "p99 latency": queueing.mmc_latency_quantile_s(rate, alone_s, servers, 0.99),
                "utilisation": rate * alone_s / servers,
            },
            0.08,
            requests,
        )
    pools = [{"name": "pool", "servers": 2, **exponential}]
    for rate, balancer, latency in (
        (200, "random", queueing.mm1_mean_latency_s(100, alone_s)),
        (240, "round_robin", alone_s / (1 - gim1_found_busy(120, alone_s, math.sqrt(0.5)))),
    ):
        system = {"pools": pools, "route": [{"pools": ["pool"], "balancer": balancer}]}
        yield Case(f"two servers, {balancer}", poisson(rate), rate, system, {"mean latency": latency})
    weights = {"slow": 1, "fast": 3}
    slow, fast = (queueing.mm1_mean_latency_s(60, alone_s), queueing.mm1_mean_latency_s(180, 0.6 * alone_s))
    unequal = {
        "pools": [
            {"name": "slow", "servers": 1, **exponential},
            {"name": "fast", "servers": 1, **service("exponential", 0.6 * alone_s)},
        ],
        "route": [{"pools": ["slow", "fast"], "balancer": {"policy": "weighted", "weights": weights}}],
    }
    yield Case("two servers, weighted 1 to 3", poisson(240), 240, unequal, {"mean latency": (slow + 3 * fast) / 4})


def bounded_queues(alone_s: float) -> Iterator[Case]:
    """Requests that are turned away, or leave."""
    exponential = service("exponential", alone_s)
    for letter, law, more in (("M", "exponential", {}), ("D", "constant", {}), ("G", "lognormal", {"cv": 2.0})):
        yield Case(
            f"M/{letter}/4/4 at 3 erlang",
            poisson(600),
            600,
            single(service(law, alone_s, **more), 4, queue={"capacity": 0}),
            {"rejected": queueing.erlang_b(4, 600 * alone_s), "utilisation": carried_load(4, 600 * alone_s)},
        )
    yield Case(
        "M/M/4/4 at 3 erlang by a limit of 4",
        poisson(600),
        600,
        single(exponential, 4, admission={"policy": "concurrency", "most": 4}),
        {"rejected": queueing.erlang_b(4, 600 * alone_s), "utilisation": carried_load(4, 600 * alone_s)},
    )
    rejected = queueing.mmck_blocking(180, alone_s, 1, 5)
    yield Case(
        "M/M/1/6 at 90% by a limit of 6",
        poisson(180),
        180,
        single(exponential, admission={"policy": "concurrency", "most": 6}),
        {
            "rejected": rejected,
            "mean latency": queueing.mmck_mean_latency_s(180, alone_s, 1, 5),
            "throughput": 180 * (1 - rejected),
        },
        requests=80_000,
    )
    rejected = queueing.mmck_blocking(320, alone_s, 2, 3)
    yield Case(
        "M/M/2/5 at 1.6 erlang",
        poisson(320),
        320,
        single(exponential, 2, queue={"capacity": 3}),
        {
            "rejected": rejected,
            "mean latency": queueing.mmck_mean_latency_s(320, alone_s, 2, 3),
            "throughput": 320 * (1 - rejected),
        },
    )
    left, waited = impatient_mm1(160, alone_s, 0.010)
    yield Case(
        "M/M/1 at 80%, patience 10 ms",
        poisson(160),
        160,
        single(exponential, queue={"timeout": "10 ms"}),
        {"timed out": left, "mean waiting": waited, "utilisation": 160 * alone_s * (1 - left)},
    )


def batches(alone_s: float) -> Iterator[Case]:
    """Dynamic batching: bulk service, a window without a bound, full batches only."""
    laws: tuple[tuple[str, Literal["deterministic", "exponential"]], ...] = (
        ("constant", "deterministic"),
        ("exponential", "exponential"),
    )
    for law, bulk_law in laws:
        means = tuple(alone_s * (1 + 0.1 * size) for size in range(1, 9))
        bulk = queueing.bulk_service(600, means, bulk_law)
        batching = {"policy": "dynamic", "max_batch_size": 8}
        yield Case(
            f"bulk service of 8 at 68%, {law}",
            poisson(600),
            600,
            single(service(law, alone_s, per_item=nanoseconds(0.1 * alone_s)), batching=batching),
            {
                "mean latency": bulk.mean_latency_s,
                "mean waiting": bulk.mean_waiting_s,
                "utilisation": bulk.utilisation,
                "batch size": bulk.mean_batch_size,
            },
            0.05,
            80_000,
        )
    window, full = window_mean_waiting_s(400, 0.010), (8 - 1) / 2 / 400
    yield Case(
        "a window of 10 ms, always an idle instance",
        poisson(400),
        400,
        _always_idle(service("exponential", alone_s), max_batch_size=1000, max_queue_delay="10 ms"),
        {"mean waiting": window, "mean latency": window + alone_s, "batch size": 1 + 400 * 0.010},
    )
    yield Case(
        "full batches of 8 only, always an idle instance",
        poisson(400),
        400,
        _always_idle(service("constant", alone_s), max_batch_size=8, max_queue_delay="10 s"),
        {"mean waiting": full, "mean latency": full + alone_s},
    )


def _always_idle(serving: Settings, **batching: Any) -> Settings:
    return single(serving, instances=64, sharing={"overlap": 1}, batching={"policy": "dynamic", **batching})


def closed_loops(alone_s: float) -> Iterator[Case]:
    """Clients that wait for their answers."""
    exponential = service("exponential", alone_s)
    for law in ("exponential", "constant"):
        loop = queueing.closed_mmc(12, 0.020, alone_s, 2)
        yield Case(
            f"12 clients, {law} think time of 20 ms, 2 servers",
            clients(12, 0.020, law),
            loop.throughput_per_s,
            single(exponential, 2),
            {
                "mean latency": loop.mean_latency_s,
                "throughput": loop.throughput_per_s,
                "utilisation": loop.utilisation,
            },
        )
    system = single(exponential, 3, queue={"capacity": 0})
    theory = {"rejected": engset_blocking(10, 0.020, alone_s, 3)}
    yield Case("10 clients, 3 servers, no queue", clients(10, 0.020, "exponential"), 400, system, theory)


def shared_devices(alone_s: float) -> Iterator[Case]:
    """Instances on one device: processor sharing, partial overlap, no interaction."""
    number = shared_device_mean_number(100, alone_s, 64, 0.0)
    for law, more in (("constant", {}), ("lognormal", {"cv": 2.0})):
        system = single(service(law, alone_s, **more), instances=64, sharing={"overlap": 0})
        theory = {"mean latency": number / 100, "utilisation": number / 64}
        yield Case(f"processor sharing at 50%, {law} work", poisson(100), 100, system, theory)
    for instances, overlap, rate in ((3, 0.4, 200), (4, 1.0, 560)):
        system = single(service("exponential", alone_s), instances=instances, sharing={"overlap": overlap})
        latency = shared_device_mean_number(rate, alone_s, instances, overlap) / rate
        yield Case(
            f"{instances} instances of overlap {overlap:g}", poisson(rate), rate, system, {"mean latency": latency}
        )


def routes(alone_s: float) -> Iterator[Case]:
    """Steps in series, the network and the front end."""
    exponential = single(service("exponential", alone_s))
    first = queueing.mm1_mean_latency_s(100, alone_s)
    second = queueing.mm1_mean_latency_s(100, 0.8 * alone_s)
    series = {
        "pools": [
            {"name": "first", "servers": 1, **service("exponential", alone_s)},
            {"name": "second", "servers": 1, **service("exponential", 0.8 * alone_s)},
        ],
        "route": [{"pools": ["first"]}, {"pools": ["second"]}],
    }
    p99 = hypoexponential_quantile_s(1 / first, 1 / second, 0.99)
    yield Case("M/M/1 twice in series", poisson(100), 100, series, {"mean latency": first + second, "p99 latency": p99})
    network = {
        "client": {"latency": "3 ms", "bandwidth": "1 Gbit/s"},
        "request_size": "250 kB",
        "response_size": "125 kB",
    }
    on_the_way = 0.003 + 0.002 + 0.003 + 0.001
    yield Case(
        "M/M/1 at 50% behind a network of 9 ms",
        poisson(100),
        100,
        {**exponential, "network": network},
        {
            "mean latency": on_the_way + first,
            "p50 latency": on_the_way + queueing.mm1_latency_quantile_s(100, alone_s, 0.5),
            "throughput": 100,
        },
    )
    front = 1.2 * alone_s
    front_latency = front + queueing.md1_mean_waiting_s(100, front)
    before = single(service("constant", alone_s), front_end={"before": nanoseconds(front)})
    theory = {"mean latency": front_latency + alone_s}
    yield Case("M/D/1 in the front end, then less", poisson(100), 100, before, theory)
    after = single(service("exponential", alone_s), front_end={"after": nanoseconds(front)})
    theory = {"mean latency": first + front_latency}
    yield Case("M/M/1, then M/D/1 in the front end", poisson(100), 100, after, theory)
