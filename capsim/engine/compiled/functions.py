"""How machine code asks rules: the commonest are parts of it, the others are called by address.

A form is compiled once for all rules: it knows only what their functions take and give.
"""

from __future__ import annotations

from typing import Any

from numba.extending import intrinsic

from capsim.engine.compiled.access import INT, signature_of
from capsim.engine.compiled.entries import INSIDE_CHOOSE, INSIDE_DECIDE
from capsim.engine.compiled.part import Part
from capsim.serving import rule
from capsim.serving.balancing import BALANCING
from capsim.serving.batching import BATCHING


def rule_signature(protocol: Any) -> Any:
    """The signature of the functions of a kind of rule."""
    return signature_of(protocol.__call__, None)


DECIDE, LEARN, CHOOSE = rule_signature(rule.Decide), rule_signature(rule.Learn), rule_signature(rule.Choose)
ADMIT = rule_signature(rule.Admit)


def _calling(signature: Any) -> Any:
    """How to call a function of this signature at an address, in Numba's own calling convention."""

    def generate(context: Any, builder: Any, outer: Any, args: Any) -> Any:
        convention = context.call_conv
        kind = convention.get_function_type(signature.return_type, signature.args)
        function = builder.inttoptr(args[0], kind.as_pointer())
        status, result = convention.call_function(builder, function, signature.return_type, signature.args, args[1:])
        with builder.if_then(status.is_error, likely=False):
            convention.return_status_propagate(builder, status)
        return result

    return signature.return_type(INT, *signature.args), generate


@intrinsic
def call_decide(  # type: ignore[no-untyped-def]  # Numba gives it types, not values
    typing_context, at, now_ns, waiting, oldest_ns, idle, ahead, settings, state
):
    """Call the batching rule at an address."""
    return _calling(DECIDE)


@intrinsic
def learn(typing_context, at, now_ns, size, waited_ns, served_ns, settings, state):  # type: ignore[no-untyped-def]  # Numba gives it types, not values
    """Tell the batching rule at an address of a batch."""
    return _calling(LEARN)


@intrinsic
def admit(typing_context, at, now_ns, sent_ns, since_ns, inside, behind, settings, state):  # type: ignore[no-untyped-def]  # Numba gives it types, not values
    """Ask the admission rule at an address."""
    return _calling(ADMIT)


@intrinsic
def call_choose(typing_context, at, queues, load, shares, u, v, settings, state):  # type: ignore[no-untyped-def]  # Numba gives it types, not values
    """Call the balancer at an address."""
    return _calling(CHOOSE)


def _decide_inside(number: int) -> Any:
    """The rule by its number in `INSIDE_DECIDE`, or else by address."""
    if number == len(INSIDE_DECIDE):
        return call_decide
    inside = Part(BATCHING[INSIDE_DECIDE[number]].RULE.decide, DECIDE, inline=True)
    others: Any = _decide_inside(number + 1)
    asked: Any = inside

    def decide(
        at: int, now_ns: int, waiting: int, oldest_ns: int, idle: int, ahead: int, settings: Any, state: Any
    ) -> Any:
        if at == number:
            return asked(now_ns, waiting, oldest_ns, idle, ahead, settings, state)
        return others(at, now_ns, waiting, oldest_ns, idle, ahead, settings, state)

    return Part(decide, DECIDE.return_type(INT, *DECIDE.args), inline=True)


def _choose_inside(number: int) -> Any:
    """The rule by its number in `INSIDE_CHOOSE`, or else by address."""
    if number == len(INSIDE_CHOOSE):
        return call_choose
    inside = Part(BALANCING[INSIDE_CHOOSE[number]].RULE.choose, CHOOSE, inline=True)
    others: Any = _choose_inside(number + 1)
    asked: Any = inside

    def choose(at: int, queues: Any, load: Any, shares: Any, u: float, v: float, settings: Any, state: Any) -> Any:
        if at == number:
            return asked(queues, load, shares, u, v, settings, state)
        return others(at, queues, load, shares, u, v, settings, state)

    return Part(choose, CHOOSE.return_type(INT, *CHOOSE.args), inline=True)


decide, choose = _decide_inside(0), _choose_inside(0)
