"""By which rule of its releases a server batches: a release number rarely says it, measurements do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from capsim.scenario import Pool, Scenario
from capsim.serving.batching import BATCHING, RELEASES

EARNED = 0.8
"""Another rule than the scenario's is taken if it lowers the sum of squares to less than this share."""


def alternatives(scenario: Scenario) -> list[Scenario]:
    """The scenario as it is, and by each other rule that releases of its servers have followed."""
    visited = {name for step in scenario.steps for name in step.pools}
    found = [scenario]
    for releases in RELEASES:
        pools = [pool for pool in scenario.pools if pool.name in visited and pool.batching.policy in releases]
        policies = {pool.batching.policy for pool in pools}
        others = [rule for rule in releases if pools and policies != {rule}]
        found += [by_rules(scenario, {pool.name: rule for pool in pools}) for rule in others]
    return found


def by_rules(scenario: Scenario, rules: Mapping[str, str]) -> Scenario:
    """The scenario with pools by name batching by other rules, of the same settings."""
    pools = [_by_rule(pool, rules.get(pool.name, pool.batching.policy)) for pool in scenario.pools]
    return scenario.model_copy(update={"pools": pools})


def _by_rule(pool: Pool, rule: str) -> Pool:
    if rule == pool.batching.policy:
        return pool
    batching = BATCHING[rule].Parameters(**asdict(pool.batching) | {"policy": rule})
    return pool.model_copy(update={"batching": batching})


def changed(before: Scenario, after: Scenario) -> dict[str, str]:
    """Pool to rule where that is another than before."""
    pairs = zip(before.pools, after.pools, strict=True)
    return {new.name: new.batching.policy for old, new in pairs if new.batching.policy != old.batching.policy}


def most_common(pool: Pool, others: Sequence[Pool]) -> str:
    """The rule that most of its like follow, if that is one of the releases of its server; else its own."""
    policy: str = pool.batching.policy
    kin = next((releases for releases in RELEASES if policy in releases), (policy,))
    votes = Counter(other.batching.policy for other in others if other.batching.policy in kin)
    (rule, count), *_ = votes.most_common(1) or [(policy, 0)]
    return rule if 2 * count > sum(votes.values()) else policy
