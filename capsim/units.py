"""Quantities as people write them: "5 ms", "200 /s", "1 Gbit/s", "150 kB", "2 %".

A quantity in a document always carries its unit. `Unit.parse` turns the text into one base unit (ns, 1/s,
bytes, bits/s, a fraction), `Unit.format` turns it back. A `Unit` in `Annotated[int, TIME]` is what pydantic
validates with and what the JSON Schema shows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

from capsim.errors import comma_hint

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic_core import CoreSchema

NUMBER = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?)\s*(\S.*?)?\s*", re.ASCII)
LONGEST_TEXT = 64
LEAST = 1e-12
"""Anything smaller in base units is not taken seriously."""


@dataclass(frozen=True)
class Unit:
    """A dimension: its symbols, and the range that makes sense.

    Attributes:
        name: the dimension in words, for messages.
        symbols: symbol to multiple of the base unit, from small to large.
        example: a well-formed quantity, for messages and the schema.
        whole: the base unit is counted in integers (ns, bytes).
        most: the largest value that is taken seriously, in base units.
        above_zero: zero is a fault.
    """

    name: str
    symbols: Mapping[str, Decimal] = field(hash=False)
    example: str
    whole: bool
    most: Decimal
    above_zero: bool = False

    @property
    def positive(self) -> Unit:
        """The same unit, with zero a fault."""
        return replace(self, above_zero=True)

    def parse(self, text: object) -> int | float:
        """The quantity in base units.

        Raises:
            ValueError: not a string, no or an unknown unit, negative, too large, or finer than one base unit.
        """
        number, symbol = self._split(text)
        if symbol not in self.symbols:
            known = ", ".join(self.symbols)
            raise ValueError(f"unknown unit '{symbol}' for a {self.name}; choose one of {known}")
        value = number * self.symbols[symbol]
        if value < 0:
            raise ValueError(f"must not be negative, got '{text}'")
        if value == 0 and self.above_zero:
            raise ValueError(f"must be more than zero, got '{text}'")
        if value > self.most:
            raise ValueError(f"must be at most {self.format(self.most)}, got '{text}'")
        if not self.whole:
            return self._real(value, text)
        rounded = int(value.to_integral_value())
        if rounded == 0 and value != 0:
            raise ValueError(f"must be at least one {next(iter(self.symbols))}, got '{text}'")
        return rounded

    def _real(self, value: Decimal, text: object) -> float:
        real = float(value)
        if real < LEAST and value != 0:
            least = self.format(LEAST)
            raise ValueError(f"must be {'' if self.above_zero else 'zero or '}at least {least}, got '{text}'")
        return real

    def _split(self, text: object) -> tuple[Decimal, str]:
        if not isinstance(text, str):
            got = "nothing" if text is None else f"{text!r}"
            raise ValueError(f"expected a {self.name} with its unit such as '{self.example}', got {got}")  # noqa: TRY004 - pydantic reports ValueError
        hint = comma_hint(text)
        if hint:
            raise ValueError(f"expected a {self.name} such as '{self.example}', got '{text[:LONGEST_TEXT]}'{hint}")
        match = NUMBER.fullmatch(text) if len(text) <= LONGEST_TEXT else None
        if match is None or match[2] is None:
            raise ValueError(
                f"expected a {self.name} with its unit such as '{self.example}', got '{text[:LONGEST_TEXT]}'"
            )
        return Decimal(match[1]), " ".join(match[2].split())

    def format(self, value: float | Decimal) -> str:
        """The shortest exact text of a value in base units, for example "2.5 ms"."""
        exact = Decimal(value) if isinstance(value, (int, Decimal)) else Decimal(repr(value))
        if exact == 0:
            return f"0 {self.example.split()[1]}"
        texts = [f"{(exact / scale).normalize():f} {symbol}" for symbol, scale in self.symbols.items()]
        return min((text for text in reversed(texts) if self._says(text, exact)), key=len)

    def _says(self, text: str, exact: Decimal) -> bool:
        number, symbol = text.split()
        return Decimal(number) * self.symbols[symbol] == exact

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(
            self.parse, serialization=core_schema.plain_serializer_function_ser_schema(self.format)
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        symbols = "|".join(re.escape(symbol) for symbol in self.symbols)
        return {
            "type": "string",
            "pattern": rf"^\s*[0-9.]+([eE][+-]?[0-9]+)?\s*({symbols})\s*$",
            "examples": [self.example],
        }


def _scales(**symbols: str) -> dict[str, Decimal]:
    return {symbol: Decimal(scale) for symbol, scale in symbols.items()}


TIME = Unit(
    "time",
    {**_scales(ns="1", us="1e3"), "µs": Decimal("1e3")}
    | _scales(ms="1e6", s="1e9", min="60e9", h="3600e9", d="86400e9"),
    "5 ms",
    whole=True,
    most=Decimal(3660) * Decimal("86400e9"),
)
RATE = Unit(
    "rate",
    {
        "/d": 1 / Decimal(86400),
        "/h": 1 / Decimal(3600),
        "/min": 1 / Decimal(60),
        "/s": Decimal(1),
        "/ms": Decimal(1000),
    },
    "200 /s",
    whole=False,
    most=Decimal("1e9"),
)
SIZE = Unit(
    "size",
    {"B": Decimal(1), "kB": Decimal(1000), "KiB": Decimal(1024), "MB": Decimal(10**6), "MiB": Decimal(2**20)}
    | {"GB": Decimal(10**9), "GiB": Decimal(2**30)},
    "150 kB",
    whole=True,
    most=Decimal(10**12),
)
BANDWIDTH = Unit(
    "bandwidth",
    {"bit/s": Decimal(1), "B/s": Decimal(8), "kbit/s": Decimal(10**3), "kB/s": Decimal(8 * 10**3)}
    | {"Mbit/s": Decimal(10**6), "MB/s": Decimal(8 * 10**6), "Gbit/s": Decimal(10**9), "GB/s": Decimal(8 * 10**9)},
    "1 Gbit/s",
    whole=False,
    most=Decimal(10**15),
    above_zero=True,
)
LIFE = Unit(
    "length of life",
    _scales(d="24", months="730", month="730", y="8760", years="8760", year="8760"),
    "4 y",
    whole=True,
    most=Decimal(876_000),
)
SHARE = Unit("share", {"%": Decimal("0.01")}, "2 %", whole=False, most=Decimal(1))

Duration = Annotated[int, TIME]
"""Nanoseconds, zero allowed."""
PositiveDuration = Annotated[int, TIME.positive]
"""Nanoseconds, more than zero."""
Rate = Annotated[float, RATE.positive]
"""Per second, more than zero."""
RateOrZero = Annotated[float, RATE]
"""Per second, zero allowed."""
Size = Annotated[int, SIZE]
"""Bytes."""
Bandwidth = Annotated[float, BANDWIDTH]
"""Bits per second."""
Share = Annotated[float, SHARE.positive]
"""A fraction of one, written in percent."""
ShareOrZero = Annotated[float, SHARE]
"""A fraction of one, written in percent, zero allowed."""
Life = Annotated[int, LIFE.positive]
"""Hours, more than zero; a year has 8,760 and a month 730."""

NS_PER_S = 1_000_000_000
NEVER = 2**62
"""An instant that does not come (ns)."""
FAR_S = NEVER / NS_PER_S / 2
"""Later than any horizon."""
