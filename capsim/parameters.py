"""How a parameter class is declared: a frozen dataclass that pydantic validates strictly."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, dataclass_transform

from pydantic import ConfigDict, Field

T = TypeVar("T")

STRICT = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, use_attribute_docstrings=True)

# Strict by type: pydantic's strict mode would refuse a mapping where a dataclass is meant.
Whole = Annotated[int, Field(strict=True)]
Number = Annotated[float, Field(strict=True)]
Flag = Annotated[bool, Field(strict=True)]
PositiveInt = Annotated[Whole, Field(ge=1, le=1_000_000_000)]
PositiveFloat = Annotated[Number, Field(gt=0, le=1e12)]
Fraction = Annotated[Number, Field(ge=0, le=1)]

if TYPE_CHECKING:

    @dataclass_transform(frozen_default=True, kw_only_default=True)
    def parameters(cls: type[T]) -> type[T]:
        """Declare a parameter class."""

else:

    def parameters(cls: type[T]) -> type[T]:
        """Declare a parameter class."""
        cls.__pydantic_config__ = STRICT
        return dataclass(frozen=True, kw_only=True)(cls)


def modules_of(package: ModuleType) -> dict[str, ModuleType]:
    """The modules of a package by name, so that a new policy is one new file and no list to extend."""
    names = sorted(info.name for info in pkgutil.iter_modules(package.__path__))
    return {name: importlib.import_module(f"{package.__name__}.{name}") for name in names}


def choice(options: dict[str, Any], tag: Callable[[Any], str | None]) -> Any:
    """A union type of which `tag` names the member that an input means, so that faults speak of that one."""
    from pydantic import Discriminator, Tag

    members = tuple(Annotated[option, Tag(name)] for name, option in options.items())
    union: Any = members[0]
    for member in members[1:]:
        union |= member
    return Annotated[union, Discriminator(tag)]
