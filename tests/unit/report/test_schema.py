"""What commands print with `--json` is what `capsim schema` says."""

from __future__ import annotations

import json
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # its stubs are a package of their own
import pytest

from capsim import (
    Asked,
    Scenario,
    compare,
    cost,
    forecast,
    given_growth,
    load_grid,
    load_scenario,
    plan,
    plans,
    simulate,
    sweep,
)
from capsim.costing.staircase import Knot, Staircase
from capsim.errors import Fault, InputError
from capsim.report.schema import answer_schemas
from capsim.report.sweep import sweep_json
from capsim.validation import LoadPoint, calibrate
from capsim.validation import compare as predicted
from capsim.validation.points import Effort

SMALL = ["run.horizon=5 s", "run.replications=2"]
SHIPPED = "shipped:image-classification"
QUICK = Effort(requests=60, replications=1)
SERVERS = "pools.cpu.servers=5:6"


def small(*more: str) -> Scenario:
    return load_scenario(SHIPPED, [*SMALL, *more])


def printed(command: str) -> Any:
    if command == "run":
        return simulate(small()).to_dict()
    if command == "compare":
        return compare(small(), small("pools.cpu.servers=5")).to_dict()
    if command == "plan":
        return plan(load_grid(SHIPPED, [SERVERS], SMALL), 0.5).to_dict()
    if command == "plans":
        return plans(load_grid(SHIPPED, [SERVERS, "objective.p99=1 ms,2 s"], SMALL), 0.5).to_dict()
    if command == "sweep":
        grid = load_grid(SHIPPED, [SERVERS], SMALL)
        return json.loads(sweep_json(grid.base.name, sweep(grid)))
    if command == "validate":
        return predicted(
            small(), [LoadPoint("rate_per_s", 20, {"throughput_per_s": 20, "p99_ms": 900})], effort=QUICK
        ).to_dict()
    if command == "calibrate":
        points = [LoadPoint("clients", clients, {"mean_ms": 300}) for clients in (1, 2)]
        return {**calibrate(small(), points, effort=QUICK).to_dict(), "output": "new.yaml"}
    if command in {"cost", "forecast"}:
        costs = cost(small(), simulate(small()))
        knots = [Knot(1, 0.5, 6.0, 1), Knot(8, 0.8, 78.0, 1)]
        stairs = Staircase({"cpu": 1}, 10, 12.2, knots)
        asked = Asked(months=3, growth=given_growth(100, 0.05, 0.02, 0.1), futures=100)
        return (costs if command == "cost" else forecast(small(), simulate(small()), costs, stairs, asked)).to_dict()
    return InputError("s.yaml", [Fault("a", "is missing", 3)]).to_dict()


@pytest.mark.parametrize("command", list(answer_schemas()))
def test_answers_are_as_described(command: str) -> None:
    schema = answer_schemas()[command]
    jsonschema.Draft202012Validator.check_schema(schema)
    document = json.loads(json.dumps(printed(command), allow_nan=False))
    validator = jsonschema.Draft202012Validator(schema)
    assert [error.message for error in validator.iter_errors(document)] == []
    assert set(document) == set(schema["properties"])
    assert not validator.is_valid({**document, "schema": "capsim.other/1"})


def as_described(command: str, printed: Any) -> list[str]:
    document = json.loads(json.dumps(printed, allow_nan=False))
    return [error.message for error in jsonschema.Draft202012Validator(answer_schemas()[command]).iter_errors(document)]


def test_answers_of_several_classes_are_as_described() -> None:
    mixed = load_scenario("shipped:interactive-and-bulk", SMALL)
    assert as_described("run", simulate(mixed).to_dict()) == []
    fifo = load_scenario("shipped:interactive-and-bulk", [*SMALL, "pools.gpu.queue.discipline=fifo"])
    assert as_described("compare", compare(mixed, fifo).to_dict()) == []
    storm = load_scenario("shipped:retry-storm", ["run.replications=1"])
    assert as_described("run", simulate(storm).to_dict()) == []


def test_a_number_that_is_text_is_not_as_described() -> None:
    document = printed("run")
    assert not jsonschema.Draft202012Validator(answer_schemas()["run"]).is_valid({**document, "seed": "one"})
