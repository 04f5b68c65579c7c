"""The functions that are called from outside compiled code: the loop, policies, and draws of uniforms."""

from __future__ import annotations

from dataclasses import asdict
from importlib import import_module

from capsim.engine.compiled.features import Features
from capsim.engine.compiled.machine import address
from capsim.serving.balancing import BALANCING
from capsim.serving.batching import BATCHING

INSIDE_DECIDE = ("dynamic", "none")
INSIDE_CHOOSE = ("least_outstanding", "power_of_two", "random", "round_robin")
"""Policies compiled into the loop, which saves what passing arrays to a function costs."""


def loop_at(features: Features) -> int:
    """Where the event loop for these features begins."""

    def compile_it() -> tuple[str, bytes]:
        from capsim.engine.compiled.access import MODEL, NONE
        from capsim.engine.compiled.compiler import compiled
        from capsim.engine.compiled.loop import simulate

        return compiled(simulate, NONE(MODEL), asdict(features))

    return address(features.name, compile_it)


def fill_at() -> int:
    """Where `chance.fill` begins."""
    return _part_at("chance", "fill")


def add_up_at() -> int:
    """Where `chance.add_up` begins."""
    return _part_at("chance", "add_up")


def space_out_at() -> int:
    """Where `chance.space_out` begins."""
    return _part_at("chance", "space_out")


def unfold_visits_at() -> int:
    """Where `unfolding.unfold_visits` begins."""
    return _part_at("unfolding", "unfold_visits")


def unfold_batches_at() -> int:
    """Where `unfolding.unfold_batches` begins."""
    return _part_at("unfolding", "unfold_batches")


def _part_at(module: str, name: str) -> int:
    def compile_it() -> tuple[str, bytes]:
        from capsim.engine.compiled.compiler import compiled

        part = getattr(import_module(f"capsim.engine.compiled.{module}"), name)
        return compiled(part, part.signature, {})

    return address(name, compile_it)


def decide_at(policy: str) -> int:
    """What the loop is told of a batching policy: its number inside, or its address."""
    if policy in INSIDE_DECIDE:
        return INSIDE_DECIDE.index(policy)

    def compile_it() -> tuple[str, bytes]:
        from capsim.engine.compiled.compiler import compiled
        from capsim.engine.compiled.functions import DECIDE

        return compiled(BATCHING[policy].decide, DECIDE, {})

    return address(f"batching-{policy}", compile_it)


def learn_at(policy: str) -> int:
    """Where the function begins by which a batching policy learns; 0 where it has none."""
    learn = getattr(BATCHING[policy], "learn", None)

    def compile_it() -> tuple[str, bytes]:
        from capsim.engine.compiled.compiler import compiled
        from capsim.engine.compiled.functions import LEARN

        return compiled(learn, LEARN, {})

    return address(f"learning-{policy}", compile_it) if learn else 0


def choose_at(policy: str) -> int:
    """What the loop is told of a balancer: its number inside, or its address."""
    if policy in INSIDE_CHOOSE:
        return INSIDE_CHOOSE.index(policy)

    def compile_it() -> tuple[str, bytes]:
        from capsim.engine.compiled.compiler import compiled
        from capsim.engine.compiled.functions import CHOOSE

        return compiled(BALANCING[policy].choose, CHOOSE, {})

    return address(f"balancing-{policy}", compile_it)
