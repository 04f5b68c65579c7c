"""A scenario written as YAML and read again is the same scenario."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import given
from strategies import documents

from capsim.documents import parse_yaml
from capsim.scenario import scenario_from


@given(documents(loads=["closed_loop", "deterministic", "poisson", "mmpp"]))
def test_what_is_written_reads_as_the_same_scenario(document: dict[str, Any]) -> None:
    scenario = scenario_from(document)
    text = yaml.safe_dump(scenario.to_document(), sort_keys=False)
    assert scenario_from(parse_yaml(text, "written").data) == scenario


@given(documents(loads=["trace"]))
def test_a_trace_is_written_by_its_name(document: dict[str, Any]) -> None:
    trace = document["workload"]["arrivals"]
    written = scenario_from(document).to_document()
    assert written["workload"]["arrivals"] == {"process": "trace", "file": "trace.csv"}
    written["workload"]["arrivals"]["file"] = trace["file"]
    assert scenario_from(written) == scenario_from(document)
