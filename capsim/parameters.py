"""How a parameter class is declared: a frozen dataclass or model that pydantic validates strictly."""

from __future__ import annotations

import ast
import importlib
import inspect
import itertools
import pkgutil
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, dataclass_transform

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler

if TYPE_CHECKING:
    from pydantic_core import CoreSchema

T = TypeVar("T")

STRICT = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

# Strict by type: pydantic's strict mode would refuse a mapping where a dataclass is meant.
Whole = Annotated[int, Field(strict=True)]
Number = Annotated[float, Field(strict=True)]
Flag = Annotated[bool, Field(strict=True)]
PositiveInt = Annotated[Whole, Field(ge=1, le=1_000_000_000)]
PositiveFloat = Annotated[Number, Field(gt=0, le=1e12)]
Fraction = Annotated[Number, Field(ge=0, le=1)]


def docstrings_of(cls: type[Any]) -> dict[str, str]:
    """The fields of a class to the docstrings below them."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    assert isinstance(definition, ast.ClassDef), "the source of a class"  # noqa: S101 - narrows the type
    words = {}
    for field, below in itertools.pairwise(definition.body):
        if isinstance(field, ast.AnnAssign) and isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            words[ast.unparse(field.target)] = inspect.cleandoc(str(below.value.value))
    return words


def _described(cls: type[Any], schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
    """The JSON Schema of a class, each field described by its docstring.

    pydantic's own `use_attribute_docstrings` reads the sources at every start, which takes a tenth of a second.
    """
    described = handler(schema)
    properties = handler.resolve_ref_schema(described).get("properties", {})
    for base in cls.__mro__:
        if base.__module__.startswith("capsim."):
            for name, words in docstrings_of(base).items():
                # `class_` is called `class`, which Python keeps for itself.
                properties[name.rstrip("_")].setdefault("description", words)
    return described


class Section(BaseModel):
    """A mapping of a document."""

    model_config = STRICT

    __get_pydantic_json_schema__ = classmethod(_described)


if TYPE_CHECKING:

    @dataclass_transform(frozen_default=True, kw_only_default=True)
    def parameters(cls: type[T]) -> type[T]:
        """Declare a parameter class."""

else:

    def parameters(cls: type[T]) -> type[T]:
        """Declare a parameter class."""
        cls.__pydantic_config__ = STRICT
        cls.__get_pydantic_json_schema__ = classmethod(_described)
        return dataclass(frozen=True, kw_only=True)(cls)


def modules_of(package: ModuleType) -> dict[str, Any]:
    """The modules of a package by name, so that a new policy is one new file and no list to extend."""
    names = sorted(info.name for info in pkgutil.iter_modules(package.__path__))
    return {name: importlib.import_module(f"{package.__name__}.{name}") for name in names}


def choice(options: Mapping[str, Any], tag: Callable[[Any], str | None]) -> Any:
    """A union type of which `tag` names the member that an input means, so that faults speak of that one."""
    from pydantic import Discriminator, Tag

    members = tuple(Annotated[option, Tag(name)] for name, option in options.items())
    union: Any = members[0]
    for member in members[1:]:
        union |= member
    return Annotated[union, Discriminator(tag)]
