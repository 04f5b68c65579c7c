"""Blueprints of serving paths: classes, graphs, caches and clients, a pure function of a number.

As in `random_scenarios` times are whole ticks, so that everything ties, but for one path in six.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from random_scenarios import SPAN, TICK_NS, TICKS_PER_S, Dice

from capsim.distributions import Variate
from capsim.engine import Blueprint
from capsim.engine.blueprint import (
    EDF,
    END,
    FIFO,
    PRIORITY,
    ArrivalPlan,
    BreakerPlan,
    CachePlan,
    ChoosePlan,
    ClassPlan,
    ClientsPlan,
    CrowdPlan,
    DelayPlan,
    JoinPlan,
    LinkPlan,
    NodePlan,
    PoolPlan,
    QuantilePlan,
    QueuePlan,
    ReplayPlan,
    SendersPlan,
    SplitPlan,
    StepPlan,
)
from capsim.scenario.service import ServiceTimes
from capsim.serving.admission import ADMISSION
from capsim.units import NEVER
from capsim.workload import Trace, TraceFile
from capsim.workload.deterministic import Deterministic
from capsim.workload.poisson import Poisson

CLASSES, GRAPHS, CACHES, SENDERS = "classes", "graphs", "caches", "senders"
EVERYTHING = frozenset({CLASSES, GRAPHS, CACHES, SENDERS})
MOST_UNITS = 6


def random_path(number: int, features: frozenset[str] = EVERYTHING) -> Blueprint:
    """The blueprint of a number, with no other features than these."""
    dice = Dice(SPAN * 7 + number)
    coarse, horizon = dice.often(5 / 6), dice.whole(20, 150)
    mixed = CLASSES in features and dice.often(0.6)
    pools, queues = _pools(dice, coarse, mixed, CLASSES in features)
    nodes = _Nodes(dice, features, queues)
    count = dice.one(1, 2, 2, 3) if CLASSES in features else 1
    starts = [nodes.route(END) for _ in range(dice.whole(1, count))]
    classes = [_class(dice, f"c{i}", coarse, horizon, mixed, dice.one(*starts), features) for i in range(count)]
    classes = [replace(each, first_node=nodes.place(each.first_node)) for each in classes]
    return Blueprint(
        seed=number,
        replication=0,
        horizon_ns=horizon * TICK_NS,
        stop_ns=(horizon + dice.whole(0, 2 * horizon)) * TICK_NS,
        items_per_unit=1 if mixed else dice.one(1, 1, 3),
        classes=tuple(classes),
        expected=None,
        pools=pools,
        queues=queues,
        nodes=nodes.in_order(count),
    )


def _ticks(dice: Dice, low: int, high: int) -> int:
    return dice.whole(low, high) * TICK_NS


def _pools(dice: Dice, coarse: bool, mixed: bool, classes: bool) -> tuple[tuple[PoolPlan, ...], tuple[QueuePlan, ...]]:
    pools: list[PoolPlan] = []
    queues: list[QueuePlan] = []
    for i in range(dice.one(1, 2, 3)):
        servers, first = dice.one(1, 1, 2, 3), sum(pool.servers for pool in pools)
        pools.append(_pool(dice, f"p{i}", first, servers, coarse, mixed))
        if not classes:
            pools[-1] = replace(pools[-1], discipline=FIFO)
        width = servers if dice.often(0.4) and not pools[-1].before_ns else 1
        capacity = dice.whole(0, 8) if dice.often(0.3) else None
        timeout_ns = _ticks(dice, 1, 15) if dice.often(0.3) else None
        queues += [
            QueuePlan(i, first + place, width, capacity, timeout_ns, 6 // width) for place in range(0, servers, width)
        ]
    return tuple(pools), tuple(queues)


def _pool(dice: Dice, name: str, first: int, servers: int, coarse: bool, mixed: bool) -> PoolPlan:
    most = dice.whole(MOST_UNITS, 10) if mixed else dice.whole(1, 5)
    dynamic = mixed or dice.often(0.7)
    sizes = sorted({most, *(dice.whole(1, most) for _ in range(dice.whole(0, 2)))}, reverse=True)
    alone, more = _ticks(dice, 1, 8), _ticks(dice, 0, 1)
    none = np.zeros(most, np.int64)
    requests = np.arange(1, most + 1)
    per_batch, per_request = _ticks(dice, 0, 2), _ticks(dice, 0, 1)
    instances = dice.one(1, 1, 2)
    admission, settings = _admission(dice) if dice.often(0.3) else (None, ())
    return PoolPlan(
        name=name,
        first_server=first,
        servers=servers,
        instances=instances,
        service=ServiceTimes(
            curves_ns=None,
            lower=none,
            weight=none.astype(np.float64),
            mean_ns=(alone + more * requests).astype(np.float64),
            overhead_ns=per_batch + per_request * requests,
            variate=Variate("constant", 0.0) if coarse else Variate("exponential", 1.0),
        ),
        slowdown=(2**20,) * (instances + 1),
        before_ns=_ticks(dice, 0, 1),
        after_ns=_ticks(dice, 0, 1),
        batching="dynamic" if dynamic else "none",
        settings=(_ticks(dice, 0, 4) * dice.one(0, 1), *sizes) if dynamic else (),
        merged_most=0,
        merged_after_ns=0,
        admission=admission,
        admission_settings=settings,
        discipline=dice.one(FIFO, PRIORITY, PRIORITY, EDF),
    )


def _admission(dice: Dice) -> tuple[str, tuple[int, ...]]:
    policy = dice.one("token_bucket", "concurrency", "codel", "deadline")
    given: dict[str, dict[str, int | float]] = {
        "token_bucket": {"rate": TICKS_PER_S / dice.one(1, 2, 3, 7), "burst": dice.whole(1, 5)},
        "concurrency": {"most": dice.whole(1, 12)},
        "codel": {"target": _ticks(dice, 1, 5), "interval": _ticks(dice, 1, 20)},
        "deadline": {"after": _ticks(dice, 5, 60)},
    }
    return policy, ADMISSION[policy].Parameters(policy=policy, **given[policy]).lower()


def _class(
    dice: Dice, name: str, coarse: bool, horizon: int, mixed: bool, start: int, features: frozenset[str]
) -> ClassPlan:
    senders = _senders(dice) if SENDERS in features and dice.often(0.8) else None
    arrivals = _arrivals(dice, coarse, horizon, mixed)
    file = arrivals.trace.file if isinstance(arrivals, ReplayPlan) else None
    with_items, with_keys = (column is not None for column in (file and file.items, file and file.keys))
    units = (0 if with_items else dice.one(0, 1, 3)) if mixed else 1
    request_bytes, per_byte_ns = dice.whole(0, 4), _ticks(dice, 0, 1) * dice.one(0, 1)
    values = tuple(sorted({dice.whole(1, MOST_UNITS) for _ in range(3)}))
    return ClassPlan(
        name=name,
        arrivals=arrivals,
        units=units,
        unit_values=() if units else values,
        unit_shares=() if units else tuple((i + 1) / len(values) for i in range(len(values))),
        key_shares=None if with_keys or CACHES not in features else _zipf(dice),
        priority=dice.whole(0, 2),
        deadline_ns=dice.one(NEVER, _ticks(dice, 1, 40)),
        up_ns=_ticks(dice, 0, 2) + request_bytes * per_byte_ns,
        down_ns=_ticks(dice, 0, 2),
        request_bytes=request_bytes,
        response_bytes=dice.whole(0, 4),
        up_ns_per_byte=float(per_byte_ns),
        first_node=start,
        senders=senders,
    )


def _arrivals(dice: Dice, coarse: bool, horizon: int, recorded: bool) -> ArrivalPlan:
    kind = dice.one("trace", "trace", "steady", "clients")
    if kind == "clients":
        starts = sorted(_ticks(dice, 0, 20) for _ in range(dice.whole(1, 12)))
        think = None if coarse else Variate("exponential", 1.0)
        return ClientsPlan(tuple(starts), _ticks(dice, 1, 20), think, _ticks(dice, 0, 3))
    if not coarse:
        return CrowdPlan(Poisson(process="poisson", rate=TICKS_PER_S * float(dice.chance.uniform(0.1, 1))))
    if kind == "steady":
        return CrowdPlan(Deterministic(process="deterministic", rate=TICKS_PER_S / dice.one(1, 2, 4)))
    times = np.sort(dice.chance.integers(0, horizon + 10, size=dice.whole(1, horizon)))
    drawn: dict[str, Any] = {}
    if recorded and dice.often(0.4):
        named = [name for name in ("items", "keys", "request_bytes") if dice.often(0.6)]
        drawn = {name: dice.chance.integers(1, MOST_UNITS + 1, size=len(times)) for name in named}
        if "keys" in drawn:
            drawn["keys"] = np.unique(drawn["keys"], return_inverse=True)[1]
    return ReplayPlan(Trace(process="trace", file=TraceFile("drawn", times / TICKS_PER_S, **drawn)))


def _zipf(dice: Dice) -> NDArray[np.float64]:
    weights = 1 / np.arange(1, dice.whole(2, 12)) ** dice.one(0.7, 1.0, 1.5)
    shares: NDArray[np.float64] = np.cumsum(weights) / weights.sum()
    shares[-1] = 1.0
    return shares


def _senders(dice: Dice) -> SendersPlan:
    retries = dice.one(0, 1, 3)
    breaker = BreakerPlan(dice.one(0.3, 0.5), _ticks(dice, 5, 40), dice.whole(1, 4), _ticks(dice, 1, 20))
    return SendersPlan(
        timeout_ns=_ticks(dice, 4, 40) if dice.often(0.8) else NEVER,
        cancels=dice.often(0.5),
        backoff_ns=tuple(_ticks(dice, 0, 8) for _ in range(retries)),
        jitter=dice.one(0, 0, 1, 2) if retries else 0,
        retried=(False, dice.often(0.7), dice.often(0.8), True, False),
        budget=dice.one(None, 0.1, 0.5),
        hedge_ns=_ticks(dice, 3, 20) if (hedged := dice.often(0.4)) else NEVER,
        most_hedges=dice.whole(1, 2) if hedged else 0,
        breaker=breaker if dice.often(0.3) else None,
    )


class _Nodes:
    """Routes flattened to nodes, each built after those behind it."""

    def __init__(self, dice: Dice, features: frozenset[str], queues: tuple[QueuePlan, ...]) -> None:
        self.dice, self.queues = dice, tuple(range(len(queues)))
        self.plans: list[NodePlan] = []
        self.branches = self.depth = 0
        self.after = END
        self.kinds = ["step", "step", "step"]
        self.kinds += ["delay", "choose", "split", "link"] if GRAPHS in features else []
        self.kinds += ["cache"] if CACHES in features else []
        self.by_class = CLASSES in features

    def add(self, plan: NodePlan) -> int:
        """The number of a node."""
        self.plans.append(plan)
        return len(self.plans) - 1

    def route(self, after: int) -> int:
        """The first of some nodes before `after`; outside of branches at least one."""
        outer, self.after, following = self.after, after, after
        self.depth += 1
        for _ in range(self.dice.whole(self.depth == 1, max(1, 4 - self.depth))):
            following = getattr(self, self.dice.one(*self.kinds))(following)
        self.depth -= 1
        self.after = outer
        return following

    def step(self, following: int) -> int:
        """Some of the queues."""
        some = tuple(sorted(self.dice.chance.permutation(self.queues)[: self.dice.whole(1, len(self.queues))].tolist()))
        balancing = self.dice.one("least_outstanding", "random", "round_robin", "power_of_two")
        shares, lag_ns = tuple((i + 1) / len(some) for i in range(len(some))), self.dice.one(0, 0, 0, 1, 5) * TICK_NS
        return self.add(StepPlan(some, balancing, shares, following, lag_ns=lag_ns))

    def delay(self, following: int) -> int:
        """One of two times, or always one."""
        low, high = (float(_ticks(self.dice, 0, 6)) for _ in range(2))
        quantiles = QuantilePlan(np.array([0, 0.5, 0.5 + 1e-9, 1.0]), np.array([low, low, high, high]))
        return self.add(DelayPlan(quantiles, following))

    def link(self, following: int) -> int:
        """With or without contention."""
        line = self.dice.one(None, 0, 1)
        per_byte = float(_ticks(self.dice, 0, 1))
        return self.add(LinkPlan(_ticks(self.dice, 0, 3), per_byte, self.dice.often(0.5), line, following))

    def choose(self, following: int) -> int:
        """Two or three ways."""
        starts = tuple(self.route(following) for _ in range(self.dice.whole(2, 3)))
        if self.by_class and self.dice.often(0.3):
            return self.add(ChoosePlan(starts, (), (len(starts) - 1, 0, 1)))
        return self.add(ChoosePlan(starts, tuple((i + 1) / len(starts) for i in range(len(starts)))))

    def split(self, following: int) -> int:
        """Two or three branches; some, or all, have to come."""
        if self.depth > 3:
            return following
        join, count = self.add(JoinPlan(-1)), self.dice.whole(2, 3)
        first = self.branches + 1
        self.branches += count
        starts = tuple(self.route(join) for _ in range(count))
        number = self.add(SplitPlan(starts, self.dice.one(1, 2, count, count), first, following))
        self.plans[join] = JoinPlan(number)
        return number

    def cache(self, following: int) -> int:
        """By chance or by key; on a hit the rest of the route is left out."""
        look_up_ns = _ticks(self.dice, 0, 1)
        if self.dice.often(0.3):
            return self.add(CachePlan(look_up_ns, self.after, self.dice.one(0.3, 0.7), next=following))
        shares = _zipf(self.dice) if self.dice.often(0.5) else None
        return self.add(
            CachePlan(
                look_up_ns,
                self.after,
                capacity=self.dice.whole(1, 6),
                keys=12,
                key_shares=shares,
                ttl_ns=self.dice.one(NEVER, _ticks(self.dice, 5, 40)),
                coalesces=self.dice.often(0.5),
                next=following,
            )
        )

    def in_order(self, classes: int) -> tuple[NodePlan, ...]:
        """The nodes, each before those behind it, with rules by class for as many classes as there are."""
        plans = list(self.plans)
        for number, plan in enumerate(plans):
            changes: dict[str, Any] = {
                name: self.place(getattr(plan, name)) for name in ("next", "hit", "split") if hasattr(plan, name)
            }
            if isinstance(plan, ChoosePlan | SplitPlan):
                changes["starts"] = tuple(self.place(start) for start in plan.starts)
            if isinstance(plan, ChoosePlan):
                changes["by_class"] = plan.by_class[:classes]
            plans[number] = replace(plan, **changes)
        return tuple(reversed(plans))

    def place(self, number: int) -> int:
        """Where a node stands in the end."""
        return END if number == END else len(self.plans) - 1 - number
