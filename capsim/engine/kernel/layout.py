"""How the text of the model names what it works on, so that it can be bound twice.

The text is Python of whole numbers, with three kinds of names that mean nothing until an engine binds them. An
accessor reaches into the tables of a model, a word is a function of the text or, where it has no body, one that each
engine brings along, and a constant is known when the text is bound. `engine.simpy.bind` makes Python on objects and
lists of it, `engine.compiled.compiler` machine code on records and addresses.
"""

from __future__ import annotations

from collections.abc import Callable, MutableSequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal, TypeVar, cast, get_type_hints

import numpy as np

Whole16 = Annotated[int, "i2"]
Whole32 = Annotated[int, "i4"]
Whole64 = Annotated[int, "i8"]
Key = Annotated[int, "u8"]
"""The key of a stream of random numbers."""
Number = Annotated[float, "f8"]
Rule = Annotated[Any, "i8"]
"""A function of a rule: itself in Python, its address in machine code."""

NOTHING = -1
"""No place in a table."""

R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., Any])

Integers = MutableSequence[int]
"""A row, which knows its length."""
Floats = MutableSequence[float]
Cells = MutableSequence[int]
"""A column, which does not."""


class UnboundError(TypeError):
    """A name of the text was called without an engine."""


@dataclass(frozen=True, eq=False)
class Accessor:
    """A function of a model that reaches a part of it.

    Attributes:
        kind: a `table` gives the record at a place, a `column` all its numbers, `rows` those of one row.
        name: of the part.
        of: the class of its records, or the type code of its numbers.
    """

    kind: Literal["table", "column", "rows"]
    name: str
    of: Any

    def __call__(self, *_: Any) -> Any:
        """Not before it is bound."""
        raise UnboundError(f"{self.name} is bound by an engine")


def table(name: str, record: type[R]) -> Callable[[Any, int], R]:
    """What gives the record at a place of a table."""
    return cast("Callable[[Any, int], R]", Accessor("table", name, record))


def column(name: str, code: str = "i8") -> Callable[[Any], Cells]:
    """What gives a column of whole numbers."""
    return cast("Callable[[Any], Cells]", Accessor("column", name, code))


def float_column(name: str) -> Callable[[Any], Floats]:
    """What gives a column of numbers."""
    return cast("Callable[[Any], Floats]", Accessor("column", name, "f8"))


def rows(name: str) -> Callable[[Any, int], Integers]:
    """What gives one of many rows of whole numbers, each of its own length."""
    return cast("Callable[[Any, int], Integers]", Accessor("rows", name, "i8"))


def float_rows(name: str) -> Callable[[Any, int], Floats]:
    """What gives one of many rows of numbers, each of its own length."""
    return cast("Callable[[Any, int], Floats]", Accessor("rows", name, "f8"))


@dataclass(frozen=True, eq=False)
class Word:
    """A function of the text, or one that each engine brings along.

    Attributes:
        function: its text, whose annotations are its signature.
        inline: machine code puts it into those that call it.
        brought: it has no text, but one in each engine.
    """

    function: Any
    inline: bool = False
    brought: bool = False

    def __call__(self, *_: Any) -> Any:
        """Not before it is bound."""
        raise UnboundError(f"{self.function.__name__} is bound by an engine")


def word(function: F) -> F:
    """A function of the text."""
    return cast("F", Word(function))


def inlined(function: F) -> F:
    """A function of the text that machine code puts into those that call it."""
    return cast("F", Word(function, inline=True))


def brought(function: F) -> F:
    """A function that each engine brings along."""
    return cast("F", Word(function, brought=True))


@dataclass(frozen=True)
class Constant:
    """Has a value once the text is bound; what is behind a false one is left out then."""

    name: str


PLAIN: Any = Constant("plain")
"""One class of requests of one unit each passes station after station as they come, and each is sent once."""


_dtypes: dict[type[Any], np.dtype[Any]] = {}


def dtype_of(record: type[Any]) -> np.dtype[Any]:
    """The layout of a record in memory, by its fields."""
    if record not in _dtypes:
        hints = get_type_hints(record, include_extras=True)
        _dtypes[record] = np.dtype([(name, hint.__metadata__[0]) for name, hint in hints.items()], align=True)
    return _dtypes[record]


@dataclass(frozen=True, eq=False)
class Layout:
    """What a model consists of.

    Attributes:
        clock: the class of what there is once, such as the present.
        parts: accessors of all tables, columns and rows.
        lined: tables of whose records as little as can be crosses cache lines.
    """

    clock: type[Any]
    parts: tuple[Any, ...]
    lined: tuple[str, ...] = ()

    @cached_property
    def named(self) -> dict[str, Accessor]:
        """The parts by name."""
        return {part.name: part for part in self.parts}

    @cached_property
    def dtype(self) -> np.dtype[Any]:
        """The clock, then the address of each part, and of where its rows begin."""
        clock = get_type_hints(self.clock, include_extras=True)
        fields = [(name, hint.__metadata__[0]) for name, hint in clock.items()]
        for part in self.parts:
            fields.append((part.name, "i8"))
            fields += [(f"{part.name}_starts", "i8")] if part.kind == "rows" else []
        return np.dtype(fields, align=True)
