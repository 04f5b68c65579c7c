"""The JSON Schema of what commands print with `--json`, from the classes that hold the answers."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, get_type_hints

from pydantic import TypeAdapter

from capsim.comparison.compare import SCHEMA as COMPARISON_SCHEMA
from capsim.costing.cost import SCHEMA as COST_SCHEMA
from capsim.costing.cost import Cost
from capsim.errors import FAULTS_SCHEMA
from capsim.forecasting.forecast import SCHEMA as FORECAST_SCHEMA
from capsim.forecasting.forecast import Forecast
from capsim.importer.loads.measured import LOADS
from capsim.planner.plan import SCHEMA as PLAN_SCHEMA
from capsim.planner.plan import Plan
from capsim.planner.plans import SCHEMA as PLANS_SCHEMA
from capsim.scenario.evidence import Calibration
from capsim.stats.judgement import ObjectiveResult
from capsim.stats.paired import Change
from capsim.stats.result import SCHEMA as RESULT_SCHEMA
from capsim.stats.result import UNPRINTED, Result
from capsim.sweeping.cells import SCHEMA as SWEEP_SCHEMA
from capsim.validation.calibrate import SCHEMA as CALIBRATION_SCHEMA
from capsim.validation.compare import SCHEMA as VALIDATION_SCHEMA

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TEXT, NUMBER = {"type": "string"}, {"type": "number"}
WHOLE, TRUE_OR_FALSE = {"type": "integer"}, {"type": "boolean"}
MAPPING = {"type": "object"}
WHY_NOT = {"type": "object", "required": ["reason", "servers", "settings", "usd_per_hour"]}


def answer_schemas() -> dict[str, dict[str, Any]]:
    """Command to the schema of its JSON, and `faults` to that of bad input; fields may be added in later versions."""
    return {
        "run": _named(RESULT_SCHEMA, _fields(Result, UNPRINTED)),
        "plan": _named(PLAN_SCHEMA, {**_fields(Plan), "why_not": _list(WHY_NOT)}),
        "plans": _named(PLANS_SCHEMA, _plans()),
        "sweep": _named(SWEEP_SCHEMA, _sweep()),
        "cost": _named(COST_SCHEMA, _fields(Cost)),
        "forecast": _named(FORECAST_SCHEMA, _fields(Forecast)),
        "compare": _named(COMPARISON_SCHEMA, _comparison()),
        "validate": _named(VALIDATION_SCHEMA, _validation()),
        "calibrate": _named(CALIBRATION_SCHEMA, _calibration()),
        "faults": _named(FAULTS_SCHEMA, _faults()),
    }


def _named(name: str, properties: dict[str, Any]) -> dict[str, Any]:
    """The schema of a document that calls itself by a name; definitions inside move to its root."""
    definitions: dict[str, Any] = {}
    _collect(properties, definitions)
    needed = sorted(["schema", *properties])
    named = {
        "$schema": DIALECT,
        "title": name,
        **_object({"schema": {"const": name}, **properties}),
        "required": needed,
    }
    return {**named, "$defs": definitions} if definitions else named


def _collect(node: Any, definitions: dict[str, Any]) -> None:
    if isinstance(node, dict):
        inner = node.pop("$defs", {})
        definitions.update(inner)
        for part in (*node.values(), *inner.values()):
            _collect(part, definitions)
    elif isinstance(node, list):
        for part in node:
            _collect(part, definitions)


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": sorted(properties)}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


WARNINGS = _list(_object({"code": TEXT, "message": TEXT}))


def _maybe(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


def _fields(cls: type[Any], left_out: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The fields of a dataclass as they are printed."""
    from collections.abc import Mapping, Sequence

    import capsim.errors
    import capsim.planner.headroom

    names = {field.name for field in fields(cls)} - left_out
    known = {"Mapping": Mapping, "Sequence": Sequence, **vars(capsim.errors), **vars(capsim.planner.headroom)}
    hints = get_type_hints(cls, localns=known)
    return {name: TypeAdapter(hints[name]).json_schema(mode="serialization") for name in hints if name in names}


def _plans() -> dict[str, Any]:
    answer = {name: schema for name, schema in _fields(Plan).items() if name != "scenario"}
    best = _object({"settings": MAPPING, "usd_per_hour": _maybe(NUMBER), "servers": WHOLE})
    answers = _list(_object({"given": MAPPING, **answer}))
    return {"scenario": TEXT, "given": _list(TEXT), "best": _maybe(best), "answers": answers}


def _sweep() -> dict[str, Any]:
    answer = {"settings": MAPPING, **_fields(Result, UNPRINTED)}
    return {"scenario": TEXT, "variables": _list(TEXT), "cells": _list(_object(answer))}


def _comparison() -> dict[str, Any]:
    changes = {"type": "object", "additionalProperties": TypeAdapter(Change).json_schema()}
    objective = _maybe(TypeAdapter(ObjectiveResult).json_schema())
    side = _object({"name": TEXT, "scenario": TEXT, "verdict": TEXT, "objective": objective})
    change, maybe = TypeAdapter(Change).json_schema(), _maybe(TypeAdapter(Change).json_schema())
    of_class = {"latency_s": changes, "throughput_per_s": change, "goodput_per_s": maybe}
    cost = _object({"a": NUMBER, "b": NUMBER, "difference": NUMBER, "relative": _maybe(NUMBER)})
    return {
        "a": side,
        "b": side,
        "seed": WHOLE,
        "replications": WHOLE,
        "latency_s": changes,
        "throughput_per_s": change,
        "goodput_per_s": maybe,
        "utilisation": changes,
        "classes": {"type": "object", "additionalProperties": _object(of_class)},
        "cost": _maybe(_object({"usd_per_hour": cost})),
        "warnings": WARNINGS,
    }


def _validation() -> dict[str, Any]:
    numbers = {"type": "object", "additionalProperties": NUMBER}
    pairs = {"type": "object", "additionalProperties": {"type": "array", "items": NUMBER, "minItems": 2, "maxItems": 2}}
    error = _object({"median": NUMBER, "p90": NUMBER, "bias": NUMBER, "coverage": NUMBER, "points": WHOLE})
    errors = {"type": "object", "additionalProperties": error}
    point = _object(
        {
            "measured": numbers,
            "predicted": numbers,
            "predicted_pi90": pairs,
            "error": numbers,
            "load": _maybe(NUMBER),
            "region": TEXT,
            "used_for_calibration": TRUE_OR_FALSE,
            "verdict": TEXT,
            "saturated": TRUE_OR_FALSE,
        }
    )
    # Each has its load by the name of what it is.
    loads = [{"properties": {name: NUMBER}, "required": [name]} for name in LOADS]
    return {
        "scenario": TEXT,
        "measured": TEXT,
        "origin": _maybe(MAPPING),
        "evidence": TEXT,
        "points": _list({**point, "oneOf": loads}),
        "error": errors,
        "error_by_region": {"type": "object", "additionalProperties": errors},
        "warnings": WARNINGS,
    }


def _calibration() -> dict[str, Any]:
    told = Calibration.model_json_schema(mode="serialization")
    return {
        "scenario": TEXT,
        "output": TEXT,
        **{name: {**schema, "$defs": told["$defs"]} for name, schema in told["properties"].items()},
        "left_at_zero": _list(TEXT),
        "left_as_given": _list(TEXT),
        "changed": {"type": "object", "additionalProperties": TEXT},
        "trials": WHOLE,
        "warnings": WARNINGS,
    }


def _faults() -> dict[str, Any]:
    fault = {"file": _maybe(TEXT), "line": _maybe(WHOLE), "path": TEXT, "message": TEXT}
    return {"source": TEXT, "faults": _list(_object(fault)), "more": WHOLE}
