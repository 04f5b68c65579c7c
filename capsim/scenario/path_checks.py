"""What is doubtful about classes, the way they take, and what their senders do."""

from __future__ import annotations

from collections.abc import Iterator

from capsim.errors import CodedWarning
from capsim.scenario.classes import RequestClass
from capsim.scenario.demand import capacity_per_s, least_service_ns, offered_per_s, round_trip_ns
from capsim.scenario.route import CacheNode, Hop, Step, nodes_in
from capsim.scenario.schema import Pool, Scenario
from capsim.scenario.visits import caches_in, visits
from capsim.serving.balancing import BALANCING
from capsim.serving.rule import BY_KEY
from capsim.units import TIME

Said = tuple[str, str]
WITHOUT_EFFECT = "without_effect"


def path_doubts(scenario: Scenario) -> Iterator[CodedWarning]:
    """Everything that is doubtful on the way of a request."""
    doubtful = [*_deadlines(scenario), *_retries(scenario), *_caches(scenario), *_disciplines(scenario)]
    doubtful += [*_unused(scenario), *_clients(scenario)]
    return (CodedWarning(code, message) for code, message in doubtful)


def _named(scenario: Scenario, each: RequestClass) -> str:
    return "" if scenario.workload.classes is None else f"class {each.name}: "


def _deadlines(scenario: Scenario) -> Iterator[Said]:
    """Classes that take longer than their deadline, or than their clients wait, even when they are alone."""
    patient = _undisturbed(scenario)
    for each, given in zip(patient.classes, scenario.classes, strict=True):
        least_ns = round(round_trip_ns(patient, each) + least_service_ns(patient, each))
        said = f"{_named(scenario, each)}a request takes at least {_short(least_ns)} on average without any queue"
        if each.deadline is not None and least_ns > each.deadline:
            yield "deadline_unreachable", f"{said}, its deadline is {TIME.format(each.deadline)}"
        timeout = None if given.clients is None else given.clients.timeout
        if timeout is not None and least_ns > timeout:
            yield "timeout_unreachable", f"{said}, and clients wait for {TIME.format(timeout)}"


def _short(ns: int) -> str:
    """A time to four digits."""
    return TIME.format(int(float(f"{ns:.4g}")))


def _retries(scenario: Scenario) -> Iterator[Said]:
    """Retries that make more load of late answers than can be served, so that they stay late."""
    factors = [_most_times(each) for each in scenario.classes]
    patient = _undisturbed(scenario)
    offered, capacity = offered_per_s(patient), capacity_per_s(patient)
    if max(factors) == 1 or offered is None or capacity is None or offered >= capacity:
        return
    rates = [each.arrivals.offered_per_s(scenario.run.horizon / 1e9) for each in scenario.classes]
    most = sum(rate * factor for rate, factor in zip(rates, factors, strict=True))
    if most >= capacity:
        said = f"where answers come late, up to {most:.4g} requests/s are sent with all retries, and at most "
        said += f"{capacity:.4g} can be served: late answers then stay late (metastable)"
        yield "retries_above_capacity", f"{said}; a budget bounds them"


def _most_times(each: RequestClass) -> float:
    """How often each request is sent at most in the long run, hedges aside."""
    retry = None if each.clients is None else each.clients.retry
    if retry is None:
        return 1.0
    return 1.0 + (retry.most if retry.budget is None else min(retry.budget, retry.most))


def _undisturbed(scenario: Scenario) -> Scenario:
    """The scenario with senders that wait for ever, and servers that never fail."""
    workload = scenario.workload
    if workload.classes is not None:
        classes = [each.model_copy(update={"clients": None}) for each in workload.classes]
        workload = workload.model_copy(update={"classes": classes})
    pools = [pool.model_copy(update={"faults": None}) for pool in scenario.pools]
    return scenario.model_copy(update={"clients": None, "workload": workload, "pools": pools})


def _caches(scenario: Scenario) -> Iterator[Said]:
    """Caches that come to hold every key, and ratios of all or nothing."""
    seen: set[int] = set()
    for each, node in caches_in(scenario):
        if id(node) in seen:
            continue
        seen.add(id(node))
        name, cache, keys = node.name or "the cache", node.cache, node.cache.keys or each.keys
        if cache.capacity is not None and keys is not None and cache.capacity >= keys.count:
            said = f"{name} has room for {cache.capacity:,} answers and there are {keys.count:,} keys"
            yield "cache_above_keys", f"{said}: it knows all that was asked for once"
        if cache.hit_ratio in {0.0, 1.0}:
            said = "knows nothing" if cache.hit_ratio == 0 else "knows everything, and what follows it is never used"
            yield WITHOUT_EFFECT, f"{name} with a hit_ratio of {cache.hit_ratio:.0%} {said}".replace("%", " %")


def _visitors(scenario: Scenario, pool: Pool) -> list[RequestClass]:
    """The classes whose requests come to a pool."""
    return [each for each in scenario.classes if any(pool.name in visit.node.pools for visit in visits(each))]


def _disciplines(scenario: Scenario) -> Iterator[Said]:
    """Orders of queues in which all that wait are alike, and priorities that no queue goes by."""
    by_priority = []
    for pool in scenario.pools:
        visitors = _visitors(scenario, pool)
        if pool.queue.discipline == "priority":
            by_priority += visitors
            if len({each.priority for each in visitors}) == 1:
                said = f"all requests that come there have priority {visitors[0].priority}"
                yield WITHOUT_EFFECT, f"pool {pool.name}: discipline priority has no effect, as {said}"
        if pool.queue.discipline == "edf" and visitors and all(each.deadline is None for each in visitors):
            said = "no class that comes there has a deadline"
            yield WITHOUT_EFFECT, f"pool {pool.name}: discipline edf has no effect, as {said}"
    for each in scenario.classes:
        if each.priority and each.name not in {other.name for other in by_priority}:
            said = f"priority {each.priority} has no effect: no queue on its route has discipline priority"
            yield WITHOUT_EFFECT, f"{_named(scenario, each)}{said}"


def _unused(scenario: Scenario) -> Iterator[Said]:
    """A route that no class takes, links that no route has, and keys that nothing goes by."""
    classes = scenario.workload.classes
    if scenario.route is not None and classes and all(each.route is not None for each in classes):
        yield WITHOUT_EFFECT, "route has no effect: each class has a route of its own"
    nodes = [node for route in scenario.routes for node in nodes_in(route)]
    crossed = {node.link for node in nodes if isinstance(node, Hop)}
    for name in scenario.network.links:
        if name not in crossed:
            yield "unused_link", f"link {name} is on no route"
    if any(each.keys is not None for each in scenario.classes) and not any(map(_goes_by_keys, nodes)):
        yield WITHOUT_EFFECT, "keys have no effect: no cache and no balancer goes by them"


def _goes_by_keys(node: object) -> bool:
    if isinstance(node, CacheNode):
        return node.cache.capacity is not None and node.cache.keys is None
    if not isinstance(node, Step):
        return False
    keyed = BALANCING[node.balancer.policy].RULE.keyed
    return keyed is not None and keyed(node.balancer) == BY_KEY


def _clients(scenario: Scenario) -> Iterator[Said]:
    """What clients say of attempts that never come to be."""
    for each in scenario.classes:
        clients = each.clients
        if clients is not None and clients.cancel and clients.timeout is None:
            yield WITHOUT_EFFECT, f"{_named(scenario, each)}cancel has no effect without a timeout"
