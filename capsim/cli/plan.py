"""`capsim plan`: the cheapest setting that meets the objective."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from capsim.cli.asking import MOST_UNASKED, effort_of
from capsim.cli.executing import Cluster, Executor, Where, executing
from capsim.cli.options import AsJson, ScenarioFile, Settings, Vary, Workers, Yes
from capsim.cli.run import Engine

if TYPE_CHECKING:
    from capsim.planner import Plans
    from capsim.planner.search import Told

_NO, _INTERRUPTED = 1, 130
ENOUGH = 0.95
Survive = Annotated[
    int | None,
    typer.Option(help="Servers of any one pool that may fail, the objective still being met.", min=0, max=1000),
]


def plan(
    scenario: ScenarioFile,
    vary: Vary = [],  # noqa: B006 - typer copies it
    settings: Settings = [],  # noqa: B006 - typer copies it
    probability: Annotated[
        float | None,
        typer.Option(
            help="With which the objective must be met in the long run; 0.95 if not given.", min=0.5, max=0.9999
        ),
    ] = None,
    survive: Survive = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Simulate the dearer settings too, for the whole frontier of cost and p99.")
    ] = False,
    workers: Workers = None,
    executor: Where = Executor.processes,
    cluster: Cluster = None,
    yes: Yes = False,
    engine: Annotated[Engine, typer.Option(help="Which engine simulates.")] = Engine.auto,
    as_json: AsJson = False,
) -> None:
    """Find the cheapest of the varied settings that meets the objective; exit with 1 if none does.

    How many servers: `capsim plan s.yaml --vary pools.cpu.servers=1:64`; without --vary, what the section plan of the
    scenario says, which also has budgets and what may fail. A load, an objective or a price is not
    chosen: vary it as well, and there is an answer for each of its values.
    """
    from rich.console import Console

    from capsim.planner import Plan, circumstances
    from capsim.planner import plan as run
    from capsim.planner import plans as run_each
    from capsim.planner.limits import Limits
    from capsim.report.plan import plan_text
    from capsim.report.plans import plans_text
    from capsim.scenario.grid import load_plan

    grid = load_plan(scenario, vary, settings)
    planning = grid.base.plan
    limits = Limits.of(planning, survive)
    required = probability or (planning.probability if planning else None) or ENOUGH
    if len(grid) > MOST_UNASKED:
        effort_of(grid, workers, engine.value, yes=yes)
    answer: Plan | Plans
    try:
        with executing(executor, cluster, workers) as at_once, _progress() as told:
            choose = run_each if circumstances(grid) else run
            answer = choose(grid, required, at_once, engine.value, told, everything=everything, limits=limits)
    except KeyboardInterrupt:
        Console(stderr=True).print("Stopped before there was an answer.")
        raise typer.Exit(_INTERRUPTED) from None
    if as_json:
        typer.echo(json.dumps(answer.to_dict(), indent=2, allow_nan=False))
    else:
        text = plan_text(answer) if isinstance(answer, Plan) else plans_text(answer)
        Console().print(text, highlight=False)
    if not answer.all_met:
        raise typer.Exit(_NO)


@contextmanager
def _progress() -> Iterator[Told]:
    """What is being simulated, on standard error; nothing where that is not a terminal."""
    from rich.console import Console

    console = Console(stderr=True)
    done = {"setting": 0, "load": 0, "failure": 0}
    with console.status("reading") as status:

        def tell(what: str, most: int) -> None:
            done[what] += 1
            if what == "failure":
                status.update("looked at what happens when servers fail")
            elif what == "setting":
                status.update(f"simulated {done[what]} of at most {most} settings, in the order of cost")
            else:
                status.update(f"how much more load it bears: {done[what]} simulated")

        yield tell
