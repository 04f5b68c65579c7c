"""What the compiled engine does not simulate, and why."""

from __future__ import annotations

import numpy as np

from capsim.engine.blueprint import Blueprint, PoolPlan
from capsim.engine.compiled.entries import Addresses
from capsim.engine.compiled.machine import NotCompiledError
from capsim.engine.compiled.replication import form_at
from capsim.serving.sharing import SCALE
from capsim.units import NEVER

LAST_UNIFORM = 1 - 2.0**-53


def refusal(blueprint: Blueprint, rows: bool = True) -> str | None:
    """Why this engine can't simulate a blueprint; nothing if it can, and then its machine code is at hand."""
    rules = Addresses()
    for machine_code_of, names in (
        (rules.decide, {pool.batching for pool in blueprint.pools}),
        (rules.learn, {pool.batching for pool in blueprint.pools}),
        (rules.admit, {pool.admission for pool in blueprint.pools if pool.admission is not None}),
        (rules.choose, {step.balancing for step in blueprint.steps}),
    ):
        for name in sorted(names):
            try:
                machine_code_of(name)
            except NotCompiledError as error:
                return f"policy {name} can't be compiled: {error}"
    try:
        form_at(blueprint, rows)
    except NotCompiledError as error:
        return f"the event loop can't be compiled: {error}"
    for pool in blueprint.pools:
        if _longest_ns(pool) * max(*pool.slowdown, SCALE) >= NEVER:
            return f"service times of pool {pool.name} can exceed what 64 bits hold"
    return None


def _longest_ns(pool: PoolPlan) -> float:
    """The longest that a batch of this pool can take."""
    service = pool.service
    if service.curves_ns is None:
        far = 1.0 if service.variate is None else float(service.variate.quantile(np.array([LAST_UNIFORM]))[0])
        work = float(service.mean_ns.max()) * far
    else:
        work = float(service.curves_ns.max()) * (1 + 2 * float(np.abs(service.weight).max()))
    return work + float(service.overhead_ns.max())
