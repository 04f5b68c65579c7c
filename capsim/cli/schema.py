"""`capsim schema`: what a scenario may say, and what answers hold."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated, Any

import typer


class Described(StrEnum):
    """What there is a schema of."""

    scenario = "scenario"
    run = "run"
    plan = "plan"
    plans = "plans"
    sweep = "sweep"
    compare = "compare"
    faults = "faults"


def schema(
    what: Annotated[
        Described, typer.Argument(help="A scenario, the JSON that a command prints, or faults as JSON.")
    ] = Described.scenario,
) -> None:
    """Print the JSON Schema of a scenario, or of what a command prints with --json, for editors and scripts."""
    typer.echo(json.dumps(_schema(what), indent=2))


def _schema(what: Described) -> dict[str, Any]:
    if what is not Described.scenario:
        from capsim.report.schema import answer_schemas

        return answer_schemas()[what.value]
    from capsim.scenario import Scenario

    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Scenario.model_json_schema()}
