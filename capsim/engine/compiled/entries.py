"""The functions that are called from outside machine code: forms, rules, and draws of uniforms."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from capsim.engine.compiled.machine import address
from capsim.serving.admission import ADMISSION
from capsim.serving.balancing import BALANCING
from capsim.serving.batching import BATCHING

INSIDE_DECIDE = ("dynamic", "none")
INSIDE_CHOOSE = ("least_outstanding", "power_of_two", "random", "round_robin")
"""Rules compiled into the forms, which saves what passing arrays to a function costs."""


def general_at(rows: bool, plain: bool) -> int:
    """Where the general form begins: with rows, or with a tally; of plain blueprints, or of any."""

    def compile_it() -> tuple[str, bytes]:
        from capsim.engine.compiled.compiler import compiled
        from capsim.engine.compiled.loop import simulate
        from capsim.engine.compiled.records import GENERAL

        return compiled(simulate, GENERAL, {"rows": rows, "plain": plain})

    return address(f"general-{'rows' if rows else 'tally'}-{'plain' if plain else 'any'}", compile_it)


def lane_at(rows: bool, closed: bool) -> int:
    """Where a form of the lane begins."""

    def compile_it() -> tuple[str, bytes]:
        from capsim.engine.compiled.compiler import compiled
        from capsim.engine.compiled.lane.loop import simulate
        from capsim.engine.compiled.lane.records import LANE

        return compiled(simulate, LANE, {"rows": rows, "closed": closed, "plain": True})

    return address(f"lane-{'rows' if rows else 'tally'}-{'closed' if closed else 'open'}", compile_it)


def word_at(module: str, name: str, layout: str) -> int:
    """Where a word of a module of this package begins, for a layout of `records` or `lane.records`."""

    def compile_it() -> tuple[str, bytes]:
        from capsim.engine.compiled.compiler import compiled

        records = import_module(f"capsim.engine.compiled.{'lane.' if layout == 'LANE' else ''}records")
        word = getattr(import_module(f"capsim.engine.compiled.{module}"), name)
        return compiled(word, getattr(records, layout))

    return address(f"{layout}-{name}", compile_it)


def part_at(module: str, name: str) -> int:
    """Where a part of a module of this package begins."""

    def compile_it() -> tuple[str, bytes]:
        from capsim.engine.compiled.compiler import compiled

        part = getattr(import_module(f"capsim.engine.compiled.{module}"), name)
        return compiled(part, signature=part.signature)

    return address(name, compile_it)


class Addresses:
    """The functions of rules, by their number inside the forms or by address."""

    def decide(self, rule: str) -> int:
        """See `kernel.build.Rules`."""
        if rule in INSIDE_DECIDE:
            return INSIDE_DECIDE.index(rule)
        return _rule_at(f"batching-{rule}", BATCHING[rule].RULE.decide, "DECIDE")

    def learn(self, rule: str) -> int:
        """See `kernel.build.Rules`."""
        learn = BATCHING[rule].RULE.learn
        return _rule_at(f"learning-{rule}", learn, "LEARN") if learn else 0

    def admit(self, rule: str) -> int:
        """See `kernel.build.Rules`."""
        return _rule_at(f"admission-{rule}", ADMISSION[rule].RULE.admit, "ADMIT")

    def choose(self, rule: str) -> int:
        """See `kernel.build.Rules`."""
        if rule in INSIDE_CHOOSE:
            return INSIDE_CHOOSE.index(rule)
        return _rule_at(f"balancing-{rule}", BALANCING[rule].RULE.choose, "CHOOSE")


def _rule_at(name: str, function: Callable[..., Any], signature: str) -> int:
    def compile_it() -> tuple[str, bytes]:
        from capsim.engine.compiled import functions
        from capsim.engine.compiled.compiler import compiled

        return compiled(function, signature=getattr(functions, signature))

    return address(name, compile_it)
