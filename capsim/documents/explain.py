"""What pydantic says about a document, as faults that a person can act on."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from capsim.documents.load import Document, Path_, text_of
from capsim.errors import Fault, InputError, comma_hint, did_you_mean, nearest

T = TypeVar("T")

EXPECTED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "string_type": "text",
    "string_unicode": "text",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dataclass_type": "a mapping",
    "dataclass_exact_type": "a mapping",
}
BOUNDS = {
    "greater_than_equal": ("at least", "ge"),
    "greater_than": ("more than", "gt"),
    "less_than_equal": ("at most", "le"),
    "less_than": ("less than", "lt"),
}
SIZES = {
    "too_short": ("at least", "min_length", "entry", "entries"),
    "too_long": ("at most", "max_length", "entry", "entries"),
    "string_too_short": ("at least", "min_length", "character", "characters"),
    "string_too_long": ("at most", "max_length", "character", "characters"),
}
MOST_SHOWN = 5
"""Keys of a mapping that is told by what it holds."""
UNKNOWN = "unknown field"
UNFIT = "is not what can stand here"
"""Of what pydantic may come to say and has no words here."""
MOST_FAULTS = 200
"""A file with more is wrong as a whole; the rest is counted."""


def validate(kind: type[T], document: Document, context: dict[str, Any] | None = None) -> T:
    """The document as a value of `kind`.

    Raises:
        InputError: every fault of the document at once, each with its line.
    """
    try:
        value: T = _adapter(cast("Hashable", kind)).validate_python(document.data, context=context)
    except ValidationError as error:
        uncollected = max(0, error.error_count() - MOST_FAULTS)
        raise InputError(document.source, explain(error, document, kind), uncollected) from None
    return value


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def explain(error: ValidationError, document: Document, kind: Any) -> list[Fault]:
    """The first faults in a validation error of `kind`, in the order of the document."""
    faults: list[tuple[int, Fault]] = []
    placed = [(_resolve(detail, document.data), detail) for detail in error.errors(include_url=False)]
    placed.sort(key=lambda pair: document.line(pair[0]) or 0)
    for path, detail in placed[:MOST_FAULTS]:
        line = document.line(path)
        held = detail.get("ctx", {}).get("faults")
        if held:
            faults.extend((line or 0, _held(fault, path, document)) for fault in held)
            continue
        message = _message(detail, path, document.data, kind)
        if message == UNKNOWN and path in document.overridden:
            message += _elsewhere(str(path[-1]), document)
        faults.append((line or 0, document.fault(path, message)))
    return [fault for _, fault in sorted(faults, key=lambda pair: pair[0])]


def _held(fault: Fault, path: Path_, document: Document) -> Fault:
    """A fault found below `path` by a rule, or in a file that the document names there."""
    if fault.file is None:
        below = (*path, *fault.path.split(".")) if fault.path else path
        return document.fault(below, fault.message)
    place = f"line {fault.line}: " if fault.line else ""
    inside = f"{fault.path} " if fault.path else ""
    return replace(document.fault(path, f"{place}{inside}{fault.message}"), file=fault.file)


def _resolve(detail: ErrorDetails, data: Any) -> Path_:
    """The path in the document: the location without the names of union members that pydantic adds."""
    parts, kind, tag = detail["loc"], detail["type"], detail.get("ctx", {}).get("tag")
    path: list[str | int] = []
    for i, part in enumerate(parts):
        here = (isinstance(data, dict) and part in data) or (
            isinstance(data, list) and isinstance(part, int) and part < len(data)
        )
        if here:
            data = data[part]
            path.append(part)
        elif i == len(parts) - 1 and kind in {"missing", "extra_forbidden", "unexpected_keyword_argument"}:
            path.append(part)
    if kind == "union_tag_invalid" and isinstance(data, dict):
        path += [key for key, value in data.items() if value == tag][:1]
    return tuple(path)


def _message(detail: ErrorDetails, path: Path_, data: Any, model: Any) -> str:
    kind, context, got = detail["type"], detail.get("ctx", {}), detail["input"]
    if kind == "missing":
        return "is missing"
    if kind in {"extra_forbidden", "unexpected_keyword_argument"}:
        return UNKNOWN + did_you_mean(str(path[-1]), _fields_beside(path, data, model))
    if kind == "union_tag_invalid":
        return _unknown(str(context["tag"]), _quoted(str(context["expected_tags"])))
    if kind == "union_tag_not_found":
        return _untold(got, *_tags(path, model))
    if kind in {"literal_error", "enum"}:
        known = _quoted(str(context["expected"]))
        return _unknown(got, known) if isinstance(got, str) else f"expected {_or(known)}, got {_shown(got)}"
    if kind in EXPECTED:
        return f"expected {EXPECTED[kind]}, got {_shown(got)}{comma_hint(got)}"
    if kind in BOUNDS:
        words, bound = BOUNDS[kind]
        return f"must be {words} {context[bound]}, got {_shown(got)}"
    if kind in SIZES:
        words, bound, one, many = SIZES[kind]
        size = context[bound]
        return f"must have {words} {size} {one if size == 1 else many}, got {len(got) or 'none'}"
    if kind in {"value_error", "assertion_error"}:
        return str(context["error"])
    return f"{UNFIT}, got {_shown(got)}"


def _elsewhere(name: str, document: Document) -> str:
    """Where the file has a field whose name was set in another place."""
    places = [path for path in document.lines if len(path) > 1 and path[-1] == name]
    return f"; did you mean {text_of(places[0])}?" if places else ""


def _untold(got: Any, field: str, known: Sequence[str]) -> str:
    """What was given does not say which of the alternatives it is."""
    if not field:
        meant = {name: nearest(str(name), known) for name in got} if isinstance(got, dict) else {}
        hints = "".join(f"; is {name} meant for {other}?" for name, other in meant.items() if other)
        return f"expected a mapping with one of {', '.join(known)}, got {_keys_of(got)}{hints}"
    if isinstance(got, dict):
        near = nearest(field, (name for name in map(str, got) if name != field))
        return f"needs {field}; choose {', '.join(known)}" + (f"; is {near} meant for {field}?" if near else "")
    near = nearest(str(got), known)
    hint = f"; did you mean {{{field}: {near}, …}}?" if near else ""
    return f"expected a mapping with {field} ({', '.join(known)}), got {_shown(got)}{hint}"


def _fields_beside(path: Path_, data: Any, model: Any) -> Sequence[str]:
    """The fields that the mapping which holds the end of the path can have, by the schema."""
    schemas = _schemas_at(path[:-1], model)
    for part in path[:-1]:
        data = data[part]
    fitting = [schema for schema in schemas if _fits(schema.get("properties"), data)]
    begun = [schema for schema in fitting if schema.get("required") and data.keys() >= set(schema["required"])]
    return list(dict.fromkeys(itertools.chain(*(schema["properties"] for schema in begun or fitting))))


def _tags(path: Path_, model: Any) -> tuple[str, list[str]]:
    """The field that tells the alternatives at a path apart, and its values; or no field, and what each begins with."""
    tags = [
        (name, rule["const"])
        for schema in _schemas_at(path, model)
        for name, rule in schema.get("properties", {}).items()
        if "const" in rule
    ]
    if not tags:
        return "", [schema["required"][0] for schema in _schemas_at(path, model) if schema.get("required")]
    return tags[0][0], [str(value) for _, value in tags]


def _schemas_at(path: Path_, model: Any) -> list[dict[str, Any]]:
    """What may stand at a path, by the schema."""
    root = _schema(model)
    schemas = _alternatives([root], root)
    for part in path:
        inner = [
            schema.get("items") if isinstance(part, int) else schema.get("properties", {}).get(part)
            for schema in schemas
        ]
        schemas = _alternatives([schema for schema in inner if schema], root)
    return schemas


@cache
def _schema(model: Any) -> dict[str, Any]:
    return _adapter(model).json_schema()


def _alternatives(schemas: Sequence[Any], root: dict[str, Any]) -> list[dict[str, Any]]:
    """The schemas with references followed and unions opened."""
    alternatives = []
    for schema in schemas:
        if "$ref" in schema:
            alternatives += _alternatives([root["$defs"][schema["$ref"].rpartition("/")[2]]], root)
        elif "anyOf" in schema or "oneOf" in schema:
            alternatives += _alternatives(schema.get("anyOf", schema.get("oneOf")), root)
        else:
            alternatives.append(schema)
    return alternatives


def _fits(properties: dict[str, Any] | None, data: Any) -> bool:
    """Whether a mapping is of the kind that has these properties: what must have one value has it."""
    fixed = {name: rule["const"] for name, rule in (properties or {}).items() if "const" in rule}
    return bool(properties) and all(data.get(name) == value for name, value in fixed.items())


def _quoted(listed: str) -> list[str]:
    return [word.strip().strip("'") for word in listed.replace(" or ", ", ").split(",") if word.strip()]


def _or(words: Sequence[str]) -> str:
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _unknown(given: str, known: Sequence[str]) -> str:
    return f"unknown choice {_shown(given)}; choose {', '.join(known)}{did_you_mean(given, known)}"


def _keys_of(value: Any) -> str:
    """A mapping by what it holds."""
    if not isinstance(value, dict) or not value:
        return _shown(value)
    return f"one with {', '.join(map(str, itertools.islice(value, MOST_SHOWN)))}"


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, (dict, list)):
        return "a mapping" if isinstance(value, dict) else "a list"
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
