"""What of a blueprint no engine runs."""

from __future__ import annotations

from capsim.engine.blueprint import (
    FIFO,
    Blueprint,
    CachePlan,
    ChoosePlan,
    DelayPlan,
    LinkPlan,
    SplitPlan,
)

NODES = {DelayPlan: "delay", LinkPlan: "link", ChoosePlan: "choose", SplitPlan: "parallel", CachePlan: "cache"}


def uncovered(blueprint: Blueprint) -> list[str]:
    """The parts of a scenario that no engine runs, by what they are called there."""
    missing = {"workload.classes": len(blueprint.classes) > 1}
    missing["items_per_request"] = any(each.units != 1 for each in blueprint.classes)
    missing["clients"] = any(each.senders is not None for each in blueprint.classes)
    missing["queue.discipline"] = any(pool.discipline != FIFO for pool in blueprint.pools)
    kinds = {NODES.get(type(node)) for node in blueprint.nodes}
    missing |= {f"route: {kind}": True for kind in kinds if kind is not None}
    return sorted(part for part, absent in missing.items() if absent)
