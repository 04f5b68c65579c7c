"""What is doubtful about a scenario that is well formed: coded warnings."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from capsim.errors import CodedWarning
from capsim.prices import OfferPrice
from capsim.prices.age import in_words, today, too_old
from capsim.scenario.classes import RequestClass
from capsim.scenario.demand import least_service_ns, offered_per_s, overload
from capsim.scenario.devices import device_doubts, on_one_device, unpriced_pools
from capsim.scenario.outages import outage_doubts
from capsim.scenario.path_checks import path_doubts
from capsim.scenario.route import Step
from capsim.scenario.schema import Pool, Scenario
from capsim.scenario.visits import items_at
from capsim.serving.balancing import BALANCING
from capsim.serving.sharing import SCALE, slowdown
from capsim.units import NS_PER_S, SHARE, TIME
from capsim.workload import item_counts, item_doubts
from capsim.workload.trace_columns import MOST_TOLD

OVERLAP = "sharing.overlap"
PERCENTILES = ("p50", "p90", "p95", "p99", "p999")
"""From low to high."""


def check(scenario: Scenario) -> list[CodedWarning]:
    """Everything doubtful about a scenario, before it is run."""
    doubtful = [
        *_load(scenario),
        *_objective(scenario),
        *_route(scenario),
        *path_doubts(scenario),
        *outage_doubts(scenario),
    ]
    doubtful += [*_prices(scenario), *_old_prices(scenario)]
    profiles = {pool.profile.file: pool.profile for pool in scenario.pools if pool.profile is not None}
    bare = {pool.profile.file for pool in scenario.pools if pool.profile is not None and not pool.variation}
    for profile in profiles.values():
        doubtful += [doubt for doubt in profile.warnings() if doubt.code != "constant_profile" or profile.file in bare]
    for pool in scenario.pools:
        doubtful += [CodedWarning(code, f"pool {pool.name}: {message}") for code, message in _pool(pool, scenario)]
    return doubtful


def _load(scenario: Scenario) -> Iterator[CodedWarning]:
    horizon = scenario.run.horizon
    offered, too_much = offered_per_s(scenario), overload(scenario)
    if too_much is not None:
        said = "{:.4g} requests/s are offered and at most {:.4g} requests/s can be served".format(*too_much)
        yield CodedWarning("overload", said)
    if offered is not None and offered * horizon < NS_PER_S:
        yield CodedWarning(
            "few_requests", f"about {offered * horizon / NS_PER_S:.2g} requests are expected before the horizon"
        )
    for each in scenario.classes:
        said_of = "" if scenario.workload.classes is None else f"class {each.name}: "
        for doubt in _arrivals(scenario, each):
            yield CodedWarning(doubt.code, f"{said_of}{doubt.message}")
    yield from _left_out(scenario)


def _left_out(scenario: Scenario) -> Iterator[CodedWarning]:
    """Recorded requests of classes that the scenario does not have."""
    files = {each.arrivals.file.file: each.arrivals.file for each in scenario.classes if each.arrivals.file is not None}
    for name, file in files.items():
        taken = {each.name for each in scenario.classes if each.arrivals.file and each.arrivals.file.file == name}
        left = [recorded for recorded in file.class_names if recorded not in taken]
        if left and file.classes is None:
            said = (
                f"the requests of {', '.join(left[:MOST_TOLD])} in {name} are left out: no class of the workload has "
            )
            yield CodedWarning("trace_classes", f"{said}{'this name' if len(left) == 1 else 'one of these names'}")


def _arrivals(scenario: Scenario, each: RequestClass) -> Iterator[CodedWarning]:
    """What is doubtful about the arrivals of a class and what its requests carry."""
    arrivals, warmup = each.arrivals, scenario.run.warmup
    start_ns = 0 if warmup == "auto" else warmup
    yield from arrivals.doubts(start_ns, scenario.run.horizon, least_service_ns(scenario, each))
    yield from item_doubts(1 if each.items_per_request is None else each.items_per_request)
    unbounded = all(pool.capacity is None and pool.admission is None for pool in scenario.pools)
    if arrivals.retry_delay and unbounded:
        yield CodedWarning("without_effect", "retry_delay has no effect: no queue is bounded")
    if arrivals.stays_in_step and _answers_at_one_instant(scenario, each):
        yield CodedWarning(
            "clients_in_step",
            "clients whose answers come in one batch all pause equally long and send together again, which fills "
            "batches as real clients do not; leave think_time out, or give it a distribution",
        )


def _answers_at_one_instant(scenario: Scenario, each: RequestClass) -> bool:
    """Whether the requests of a batch stay together until their clients have the answers."""
    last = (each.route or [])[-1]
    pools = scenario.pools_of(last) if isinstance(last, Step) else []
    items = each.items.values[0]
    return any(pool.batching.most_requests(items) > 1 and not pool.front_end.after for pool in pools)


def _old_prices(scenario: Scenario) -> Iterator[CodedWarning]:
    for pool in scenario.pools:
        if isinstance(pool.price, OfferPrice) and too_old(pool.price.offer, today()):
            told = in_words(pool.price.offer, today())
            yield CodedWarning("old_price", f"pool {pool.name}: {pool.price.offer.name} is of {told}")


def _objective(scenario: Scenario) -> Iterator[CodedWarning]:
    """Targets of lower percentiles that one of a higher percentile keeps anyway."""
    targets = scenario.objective.targets_ns() if scenario.objective else {}
    rising = [(name, targets[name]) for name in PERCENTILES if name in targets]
    for (low, loose), (high, strict) in itertools.pairwise(rising):
        if loose >= strict:
            said = f"{low} ≤ {TIME.format(loose)} has no effect beside {high} ≤ {TIME.format(strict)}"
            yield CodedWarning(
                "without_effect", f"objective: {said}, as {low} is never above {high}; are they swapped?"
            )


def _route(scenario: Scenario) -> Iterator[CodedWarning]:
    visited = {name for step in scenario.steps for name in step.pools}
    for pool in scenario.pools:
        if pool.name not in visited:
            yield CodedWarning("unused_pool", f"pool {pool.name} is on no step of the route")
    for i, step in enumerate(scenario.steps):
        pools = scenario.pools_of(step)
        queues = sum(1 if pool.queue.shared else pool.servers for pool in pools)
        if queues == 1 and "balancer" in step.model_fields_set:
            yield CodedWarning("without_effect", f"step {i}: the balancer has no effect on a single queue")
        doubts = BALANCING[step.balancer.policy].RULE.doubts
        for code, said in doubts(step.balancer, step.pools) if doubts else ():
            yield CodedWarning(code, f"step {i}: {said}")


def _prices(scenario: Scenario) -> Iterator[CodedWarning]:
    unpriced = [pool.name for pool in unpriced_pools(scenario)]
    if unpriced and len(unpriced) < len(scenario.pools):
        yield CodedWarning("price_incomplete", f"no price for {', '.join(unpriced)}: the cost leaves them out")


def _pool(pool: Pool, scenario: Scenario) -> Iterator[tuple[str, str]]:
    yield from _batching(pool, scenario)
    profile = pool.profile
    if profile is not None:
        items = items_at(scenario).get(pool.name, item_counts(scenario.items_per_unit))
        sizes = (items.values[0], pool.batching.most_requests(scenario.items_per_unit) * scenario.items_per_unit)
        if not all(profile.covers(size) for size in sizes):
            yield "extrapolated", f"batch sizes beyond those measured in {profile.file} are extrapolated linearly"
        elif pool.extrapolate:
            yield "without_effect", "extrapolate has no effect: all batch sizes were measured"
        if profile.hardware and pool.hardware and profile.hardware.kind != pool.hardware:
            said = f"is called {pool.hardware}, and {profile.file} was measured on {profile.hardware.kind}"
            yield "hardware_differs", said
    if pool.jitter is not None:
        yield "jitter_assumed", f"a jitter of {SHARE.format(pool.jitter.cv)} is assumed; it was not measured"
    yield from device_doubts(pool, scenario)
    if pool.instances == len(on_one_device(pool, scenario)) == 1 and pool.sharing is not None:
        yield "without_effect", "sharing has no effect with one instance"
    if pool.takes_turns and pool.overlap > 0:
        yield "without_effect", "overlap has no effect where instances take turns"
    yield from _sharing(pool, scenario)
    if pool.queue.shared and pool.servers == 1:
        yield "without_effect", "a shared queue has no effect with one server"


def _sharing(pool: Pool, scenario: Scenario) -> Iterator[tuple[str, str]]:
    """What is said of instances on one device that nobody has seen on it."""
    calibration = scenario.calibration
    fitted = calibration is not None and any(told.path == f"pools.{pool.name}.{OVERLAP}" for told in calibration.fitted)
    beside = [other.name for other in on_one_device(pool, scenario) if other is not pool]
    if fitted or (pool.abreast == 1 and not beside):
        return
    if beside:
        how = "in turn" if pool.takes_turns else f"overlap {pool.overlap:.3g}"
        yield "sharing_assumed", f"is assumed to share {pool.device} with {', '.join(beside)} ({how})"
        return
    measured = None if pool.profile is None else pool.profile.measured_overlap()
    overlap = f"overlap {pool.overlap:.3g}"
    if pool.sharing is not None:
        instead = "it was not measured" if measured is None else f"the profile measured {measured:.2f}"
        yield "sharing_assumed", f"{_sharing_in_words(pool)} ({overlap}) is assumed; {instead}"
    elif measured is None:
        yield "sharing_assumed", "instances are assumed to share the device fully (overlap 0); it was not measured"
    else:
        most = max(instances for instances, _ in pool.profile.curves_ns) if pool.profile else 1
        if pool.instances > most:
            said = f"{overlap} was measured with at most {most} instances, and is assumed to hold for {pool.instances}"
            yield "sharing_extrapolated", said


def _sharing_in_words(pool: Pool) -> str:
    """What so many instances bear, counted in instances that are alone on their device."""
    full = pool.instances * SCALE / slowdown(pool.instances, pool.overlap)
    if pool.overlap == 1:
        return f"perfect scaling, {pool.instances} instances as quick as each alone"
    if pool.overlap == 0:
        return "instances share the device fully"
    return f"{pool.instances} instances do the work of {full:.3g}"


def _batching(pool: Pool, scenario: Scenario) -> Iterator[tuple[str, str]]:
    batching, items = pool.batching, scenario.items_per_unit
    delay = getattr(batching, "max_queue_delay", 0)
    if scenario.objective and delay:
        name, target = min(scenario.objective.targets_ns().items(), key=lambda pair: pair[1])
        if delay >= target:
            said = f"max_queue_delay {TIME.format(delay)} is not below the objective {name} {TIME.format(target)}"
            yield "delay_above_objective", said
    most = batching.most_requests(items)
    if delay and most == 1:
        yield "without_effect", "max_queue_delay has no effect: one request fills a batch"
    unreachable = [size for size in getattr(batching, "preferred_batch_sizes", []) if size % items]
    if unreachable:
        said = f"preferred_batch_sizes {unreachable} have no effect: requests carry {items} items"
        yield "without_effect", said
    capacity = pool.queue.capacity
    if delay and capacity is not None and capacity + 1 < most:
        yield "capacity_below_batch", f"a queue of {capacity} requests never fills a batch of {most}"
    if delay and pool.queue.timeout is not None and pool.queue.timeout <= delay:
        yield "timeout_below_delay", "requests time out before max_queue_delay lets a partial batch leave"
