"""`capsim schema`: what a scenario may say, and what answers hold."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

SCENARIO = "scenario"


def schema(
    what: Annotated[
        str,
        typer.Argument(
            metavar="[WHAT]",
            help="A scenario; the JSON of a command: run, plan, sweep, compare, cost, forecast, validate, calibrate; "
            "plans, for a plan of several circumstances; or faults.",
        ),
    ] = SCENARIO,
) -> None:
    """Print the JSON Schema of a scenario, or of what a command prints with --json, for editors and scripts."""
    typer.echo(json.dumps(_schema(what), indent=2))


def _schema(what: str) -> dict[str, Any]:
    if what == SCENARIO:
        from capsim.scenario import Scenario

        return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Scenario.model_json_schema()}
    from capsim.errors import Fault, InputError, did_you_mean
    from capsim.report.schema import answer_schemas

    schemas = answer_schemas()
    # Answers call themselves by another name than their command: capsim.result/1 is that of `run`.
    schemas |= {told["title"].removeprefix("capsim.").partition("/")[0]: told for told in schemas.values()}
    if what not in schemas:
        said = f"expected one of {', '.join([SCENARIO, *schemas])}, got '{what[:80]}'{did_you_mean(what, schemas)}"
        raise InputError("the command line", [Fault("WHAT", said)])
    return schemas[what]
