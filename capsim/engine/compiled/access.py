"""How machine code reaches the tables of a model: by address, as C would.

Arrays passed by value cost more than the functions they are passed to, and their reference counts are kept
atomically; a model is therefore one record, and what is in it is found from there.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import carray, types
from numba.extending import intrinsic

from capsim.engine.compiled.part import Part
from capsim.engine.kernel.layout import Accessor, Layout, dtype_of

INT, FLOAT, NONE = types.int64, types.float64, types.void
INTS, FLOATS = types.Array(INT, 1, "C"), types.Array(FLOAT, 1, "C")

TYPES = {
    "int": INT,
    "float": FLOAT,
    "bool": types.boolean,
    "None": NONE,
    "Key": types.uint64,
    "Rule": INT,
    "Cells": types.CPointer(INT),
    "Integers": INTS,
    "Floats": FLOATS,
    "Settings": INTS,
    "State": INTS,
    "Sequence[float]": FLOATS,
    "tuple[int, int]": types.UniTuple(INT, 2),
}
"""What the annotations of the text and of rules mean."""


@cache
def model_type(layout: Layout) -> Any:
    """The type of a model's record."""
    return numba.from_dtype(layout.dtype)


def signature_of(function: Any, layout: Layout | None) -> Any:
    """The signature of a function by its annotations; the first argument of the text may be its model."""
    kinds = dict(function.__annotations__)
    model = {} if layout is None else {layout.clock.__name__: model_type(layout), "Model": model_type(layout)}
    known = TYPES | model | {"Machine": model_type(layout)} if layout else TYPES
    result = known[kinds.pop("return")]
    return result(*(known[kind] for kind in kinds.values()))


def _load(builder: Any, context: Any, layout: Layout, record: Any, name: str) -> Any:
    """The address that a field of the model holds."""
    fields = layout.dtype.fields
    assert fields is not None, "a record has fields"  # noqa: S101 - for the type checker
    start = builder.ptrtoint(record, context.get_value_type(INT))
    place = builder.add(start, ir.Constant(start.type, fields[name][1]))
    found = builder.load(builder.inttoptr(place, start.type.as_pointer()))
    # Tables change place only while the loop pauses, so that an address is loaded once.
    found.set_metadata("invariant.load", builder.module.add_metadata(()))
    return found


@cache
def bound(accessor: Accessor, layout: Layout) -> Any:
    """What stands for an accessor in machine code."""
    part = layout.named[accessor.name]
    if part.kind == "table":
        return _table(part.name, dtype_of(part.of), layout)
    if part.kind == "column":
        return _column(part.name, numba.from_dtype(np.dtype(part.of)), layout)
    return _rows(part, layout)


def _table(name: str, kind: np.dtype[Any], layout: Layout) -> Any:
    """A function (model, place) that gives the record at a place of a table."""
    record_type, model = numba.from_dtype(kind), model_type(layout)

    def generate(context: Any, builder: Any, _: Any, args: Any) -> Any:
        start = _load(builder, context, layout, args[0], name)
        place = builder.add(start, builder.mul(args[1], ir.Constant(start.type, kind.itemsize)))
        return builder.inttoptr(place, context.get_value_type(record_type))

    @intrinsic
    def record_at(typing_context, m, place):  # type: ignore[no-untyped-def]  # Numba gives it types, not values
        return record_type(model, INT), generate

    return record_at


def _column(name: str, kind: Any, layout: Layout) -> Any:
    """A function (model) that gives a column as a pointer, which is read and written by place."""
    pointer_type, model = types.CPointer(kind), model_type(layout)

    def generate(context: Any, builder: Any, _: Any, args: Any) -> Any:
        return builder.inttoptr(_load(builder, context, layout, args[0], name), context.get_value_type(pointer_type))

    @intrinsic
    def pointer_to(typing_context, m):  # type: ignore[no-untyped-def]  # Numba gives it types, not values
        return pointer_type(model), generate

    return pointer_to


def _rows(accessor: Accessor, layout: Layout) -> Any:
    """A part (model, number) that gives a row as an array."""
    kind = numba.from_dtype(np.dtype(accessor.of))
    cells_of, starts_of = _column(accessor.name, kind, layout), _column(f"{accessor.name}_starts", INT, layout)

    def row_at(m: Any, number: int) -> Any:
        starts = starts_of(m)
        return carray(beyond(cells_of(m), starts[number]), starts[number + 1] - starts[number])

    return Part(row_at, types.Array(kind, 1, "C")(model_type(layout), INT), inline=True)


@intrinsic
def beyond(typing_context, pointer, places):  # type: ignore[no-untyped-def]  # Numba gives it types, not values
    """The pointer so many places further."""

    def generate(context: Any, builder: Any, _: Any, args: Any) -> Any:
        return builder.gep(args[0], [args[1]])

    return pointer(pointer, INT), generate


@intrinsic
def bits(typing_context, value):  # type: ignore[no-untyped-def]  # Numba gives it types, not values
    """How many binary digits a number has."""

    def generate(context: Any, builder: Any, _: Any, args: Any) -> Any:
        kind = args[0].type
        return builder.sub(ir.Constant(kind, 64), builder.ctlz(args[0], ir.Constant(ir.IntType(1), 0)))

    return INT(INT), generate
