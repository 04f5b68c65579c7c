"""How the event loop calls policies: the commonest are parts of it, the others are called by address.

The loop is compiled once for all policies: it knows only what their functions take and give.
"""

from __future__ import annotations

from typing import Any

from numba import int64, types
from numba.extending import intrinsic

from capsim.engine.compiled.compiler import part
from capsim.engine.compiled.entries import INSIDE_CHOOSE, INSIDE_DECIDE
from capsim.serving.balancing import BALANCING
from capsim.serving.batching import BATCHING

INTS, FLOATS = types.Array(types.int64, 1, "C"), types.Array(types.float64, 1, "C")
DECIDE = types.UniTuple(int64, 2)(int64, int64, int64, int64, int64, INTS, INTS)
LEARN = types.void(int64, int64, int64, int64, INTS, INTS)
CHOOSE = int64(INTS, INTS, FLOATS, types.float64, types.float64, INTS)


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

    return signature.return_type(int64, *signature.args), generate


@intrinsic
def call_decide(  # type: ignore[no-untyped-def]  # Numba gives it types, not values
    typing_context, at, now_ns, waiting, oldest_ns, idle, ahead, settings, state
):
    """Call the batching policy at an address."""
    return _calling(DECIDE)


@intrinsic
def call_learn(typing_context, at, now_ns, size, waited_ns, served_ns, settings, state):  # type: ignore[no-untyped-def]  # Numba gives it types, not values
    """Tell the batching policy at an address of a batch."""
    return _calling(LEARN)


@intrinsic
def call_choose(typing_context, at, queues, load, shares, u, v, state):  # type: ignore[no-untyped-def]  # Numba gives it types, not values
    """Call the balancer at an address."""
    return _calling(CHOOSE)


def _decide_inside(number: int) -> Any:
    """The rule by its number in `INSIDE_DECIDE`, or else by address."""
    if number == len(INSIDE_DECIDE):
        return call_decide
    rule, others = part(DECIDE, inline=True)(BATCHING[INSIDE_DECIDE[number]].decide), _decide_inside(number + 1)

    def decide(
        at: int, now_ns: int, waiting: int, oldest_ns: int, idle: int, ahead: int, settings: Any, state: Any
    ) -> Any:
        if at == number:
            return rule(now_ns, waiting, oldest_ns, idle, ahead, settings, state)
        return others(at, now_ns, waiting, oldest_ns, idle, ahead, settings, state)

    return part(DECIDE.return_type(int64, *DECIDE.args), inline=True)(decide)


def _choose_inside(number: int) -> Any:
    """The rule by its number in `INSIDE_CHOOSE`, or else by address."""
    if number == len(INSIDE_CHOOSE):
        return call_choose
    rule, others = part(CHOOSE, inline=True)(BALANCING[INSIDE_CHOOSE[number]].choose), _choose_inside(number + 1)

    def choose(at: int, queues: Any, load: Any, shares: Any, u: float, v: float, state: Any) -> Any:
        if at == number:
            return rule(queues, load, shares, u, v, state)
        return others(at, queues, load, shares, u, v, state)

    return part(CHOOSE.return_type(int64, *CHOOSE.args), inline=True)(choose)


decide, choose = _decide_inside(0), _choose_inside(0)
