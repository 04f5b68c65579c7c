"""`capsim schema`: what a scenario may say."""

from __future__ import annotations

import json

import typer


def schema() -> None:
    """Print the JSON Schema of a scenario, for editors and scripts."""
    from capsim.scenario import Scenario

    document = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Scenario.model_json_schema()}
    typer.echo(json.dumps(document, indent=2))
