"""How the event loop reaches its tables: by address, as C would.

Arrays passed by value cost more than the functions they are passed to, and their reference counts are kept
atomically; a model is therefore one record, and what is in it is found from there.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from capsim.engine.compiled import model

INT, FLOAT, NONE = types.int64, types.float64, types.void
FLOATS = types.Array(FLOAT, 1, "C")
MODEL = numba.from_dtype(model.MODEL)


def _load(builder: Any, context: Any, record: Any, name: str) -> Any:
    """The address that a field of the model holds."""
    fields = model.MODEL.fields
    assert fields is not None, "a record has fields"  # noqa: S101 - for the type checker
    start = builder.ptrtoint(record, context.get_value_type(INT))
    place = builder.add(start, ir.Constant(start.type, fields[name][1]))
    found = builder.load(builder.inttoptr(place, start.type.as_pointer()))
    # Tables change place only while the loop pauses, so that an address is loaded once.
    found.set_metadata("invariant.load", builder.module.add_metadata(()))
    return found


def table(name: str) -> Any:
    """A function (model, place) that gives the record at a place of a table."""
    kind = model.TABLES[name]
    record_type = numba.from_dtype(kind)

    def generate(context: Any, builder: Any, _: Any, args: Any) -> Any:
        start = _load(builder, context, args[0], name)
        place = builder.add(start, builder.mul(args[1], ir.Constant(start.type, kind.itemsize)))
        return builder.inttoptr(place, context.get_value_type(record_type))

    @intrinsic
    def record_at(typing_context, m, place):  # type: ignore[no-untyped-def]  # Numba gives it types, not values
        return record_type(MODEL, INT), generate

    return record_at


def column(name: str) -> Any:
    """A function (model) that gives a column as a pointer, which is read and written by place."""
    pointer_type = types.CPointer(numba.from_dtype(np.dtype(model.COLUMNS[name])))

    def generate(context: Any, builder: Any, _: Any, args: Any) -> Any:
        return builder.inttoptr(_load(builder, context, args[0], name), context.get_value_type(pointer_type))

    @intrinsic
    def pointer_to(typing_context, m):  # type: ignore[no-untyped-def]  # Numba gives it types, not values
        return pointer_type(MODEL), generate

    return pointer_to


@intrinsic
def beyond(typing_context, pointer, places):  # type: ignore[no-untyped-def]  # Numba gives it types, not values
    """The pointer so many places further."""

    def generate(context: Any, builder: Any, _: Any, args: Any) -> Any:
        return builder.gep(args[0], [args[1]])

    return pointer(pointer, INT), generate


pool_at, server_at, instance_at = table("pools"), table("servers"), table("instances")
queue_at, step_at = table("queues"), table("steps")
request_at, batch_at = table("requests"), table("batches")

keys_of = column("keys")
winners_of = column("winners")
trees_of = column("trees")
load_of = column("load")
queues_of_step_of = column("queues_of_step")
shares_of_step_of = column("shares_of_step")
settings_of = column("settings")
queue_state_of = column("queue_state")
step_state_of = column("step_state")
touched_of = column("touched")
deciding_of = column("deciding")
passing_of = column("passing")
overhead_ns_of = column("overhead_ns")
mean_ns_of = column("mean_ns")
lower_of = column("lower")
weight_of = column("weight")
curves_ns_of = column("curves_ns")
slowdown_of = column("slowdown")
arrivals_ns_of = column("arrivals_ns")
draws_of = column("draws")
think_of = column("think")
cycles_of = column("cycles")
arrived_ns_of = column("arrived_ns")
finished_ns_of = column("finished_ns")
outcome_of = column("outcome")
enqueued_ns_of = column("enqueued_ns")
visit_of = column("visit")
rings_of, formed_sizes_of, members_of = column("rings"), column("formed_sizes"), column("members")
ring_since_ns_of, ring_senders_of, ring_numbers_of = (
    column("ring_since_ns"),
    column("ring_senders"),
    column("ring_numbers"),
)
tally_requests_of, tally_pools_of = column("tally_requests"), column("tally_pools")
tally_latency_of, tally_waiting_of, tally_batches_of = (
    column("tally_latency"),
    column("tally_waiting"),
    column("tally_batches"),
)


@intrinsic
def bits(typing_context, value):  # type: ignore[no-untyped-def]  # Numba gives it types, not values
    """How many binary digits a number has."""

    def generate(context: Any, builder: Any, _: Any, args: Any) -> Any:
        kind = args[0].type
        return builder.sub(ir.Constant(kind, 64), builder.ctlz(args[0], ir.Constant(ir.IntType(1), 0)))

    return INT(INT), generate
