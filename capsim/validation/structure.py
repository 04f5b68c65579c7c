"""What of a server is no number: by which rule of its releases it batches, and whether its instances take turns.

Neither can be read from a release number or a configuration; measurements tell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import TypeVar

from capsim.scenario import Pool, Scenario
from capsim.serving.batching import BATCHING, RELEASES
from capsim.serving.sharing import Sharing

T = TypeVar("T")

EARNED = 0.8
"""Another structure than the scenario's is taken if its score, a mean square, is below this share."""


def other_rules(scenario: Scenario) -> list[Scenario]:
    """The scenario by each other rule that releases of its servers have followed."""
    structures = []
    for releases in RELEASES:
        pools = [pool for pool in _visited(scenario) if pool.batching.policy in releases]
        policies = {pool.batching.policy for pool in pools}
        others = [rule for rule in releases if pools and policies != {rule}]
        structures += [_exchanged(scenario, [_by_rule(pool, rule) for pool in pools]) for rule in others]
    return structures


def other_turns(scenario: Scenario) -> list[Scenario]:
    """The scenario with instances that take turns where they ran side by side, or the other way round."""
    several = [pool for pool in _visited(scenario) if pool.instances > 1 and not _measured_together(pool)]
    return [_exchanged(scenario, [_taking(pool, pool.abreast > 1) for pool in several])] if several else []


OTHERS = (other_rules, other_turns)


def structured_alike(scenario: Scenario, alike: Sequence[tuple[Pool, Sequence[Pool]]]) -> Scenario:
    """The scenario with each pool structured as most of those that are like it."""
    pools = []
    for pool, others in alike:
        kin = next((releases for releases in RELEASES if pool.batching.policy in releases), ())
        rule = _most([other.batching.policy for other in others if other.batching.policy in kin])
        turns = _most([other.abreast == 1 for other in others if other.instances > 1])
        alike_most = pool if rule is None else _by_rule(pool, rule)
        pools.append(alike_most if turns is None or _measured_together(pool) else _taking(alike_most, turns))
    return _exchanged(scenario, pools)


def changed(before: Scenario, after: Scenario) -> dict[str, str]:
    """Path to value where the structure is another than before."""
    differences = {}
    for old, new in zip(before.pools, after.pools, strict=True):
        if new.batching.policy != old.batching.policy:
            differences[f"pools.{new.name}.batching.policy"] = str(new.batching.policy)
        if new.abreast != old.abreast:
            differences[f"pools.{new.name}.sharing.turns"] = str(new.abreast == 1).lower()
    return differences


def _visited(scenario: Scenario) -> list[Pool]:
    names = dict.fromkeys(name for step in scenario.steps for name in step.pools)
    return [scenario.pool(name) for name in names]


def _exchanged(scenario: Scenario, pools: Sequence[Pool]) -> Scenario:
    new = {pool.name: pool for pool in pools}
    return scenario.model_copy(update={"pools": [new.get(pool.name, pool) for pool in scenario.pools]})


def _measured_together(pool: Pool) -> bool:
    return pool.profile is not None and pool.profile.measured_overlap() is not None


def _by_rule(pool: Pool, rule: str) -> Pool:
    if rule == pool.batching.policy:
        return pool
    return pool.model_copy(update={"batching": BATCHING[rule].Parameters(**asdict(pool.batching) | {"policy": rule})})


def _taking(pool: Pool, turns: bool) -> Pool:
    if pool.instances == 1 or turns == (pool.abreast == 1):
        return pool
    return pool.model_copy(update={"sharing": replace(pool.sharing or Sharing(), turns=turns)})


def _most(values: Sequence[T]) -> T | None:
    """What more than half are."""
    counts = Counter(values).most_common(1)
    return counts[0][0] if counts and 2 * counts[0][1] > len(values) else None
