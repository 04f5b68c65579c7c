"""`capsim compare`: what changes from one scenario to another."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from capsim.cli.limits import OPTION
from capsim.cli.options import AsJson, ScenarioFile, Settings
from capsim.cli.run import Engine

if TYPE_CHECKING:
    from capsim.comparison import Comparison


def compare(
    scenario: ScenarioFile,
    other: Annotated[
        str | None, typer.Argument(metavar="[OTHER]", help="The scenario to compare with; the same one if not given.")
    ] = None,
    changes: Annotated[
        list[str],
        typer.Option("--with", metavar="PATH=VALUE", help="A value that only the second one has. Repeatable."),
    ] = [],  # noqa: B006 - typer copies it
    settings: Settings = [],  # noqa: B006 - typer copies it
    workers: Annotated[
        int, typer.Option(min=1, help="Processes in parallel; one keeps the processors busy with replications.")
    ] = 1,
    engine: Annotated[Engine, typer.Option(help="Which engine simulates.")] = Engine.auto,
    as_json: AsJson = False,
    fail_above: Annotated[
        list[str],
        typer.Option(
            metavar="METRIC=PERCENT",
            help="Exit with 1 if the second is worse by more: mean, p50 … p999, cost, throughput or goodput lost; "
            "of a class CLASS.p99. Repeatable.",
        ),
    ] = [],  # noqa: B006 - typer copies it
) -> None:
    """Compare two scenarios, or one with itself under other settings, and say which differences are significant.

    Both see the same chance: `capsim compare s.yaml --with pools.cpu.servers=8`. As a gate:
    `capsim compare old.yaml new.yaml --fail-above p99=5%`.
    """
    from rich.console import Console

    from capsim.cli.bars import shared
    from capsim.comparison import compare as run
    from capsim.errors import Fault, InputError
    from capsim.report.compare import comparison_text
    from capsim.scenario import load_scenario

    if other is None and not changes:
        said = "needs a second scenario, or what differs: capsim compare s.yaml --with pools.cpu.servers=8"
        raise InputError("capsim compare", [Fault("", said)])
    first = load_scenario(scenario, settings)
    second = load_scenario(other or scenario, settings, changes)
    limits = _limits(fail_above, [each.name for each in first.workload.classes or []])
    names = (scenario, " ".join([other or scenario, *(f"--with {change}" for change in changes)]))
    with shared("simulating") as progress:
        comparison = run(first, second, names, workers, engine.value, progress)
    if as_json:
        typer.echo(json.dumps(comparison.to_dict(), indent=2, allow_nan=False))
    else:
        Console().print(comparison_text(comparison))
    if _beyond(comparison, limits):
        raise typer.Exit(1)


def _limits(texts: list[str], classes: list[str]) -> list[tuple[str, float]]:
    from capsim.cli.limits import limit_of
    from capsim.report.text import NAMES

    lost = ("throughput", "goodput")
    of_classes = [f"{each}.{name}" for each in classes for name in (*NAMES, *lost)]
    return [limit_of(text, {name: name for name in (*NAMES, *lost, "cost", *of_classes)}) for text in texts]


def _beyond(comparison: Comparison, limits: list[tuple[str, float]]) -> bool:
    """Whether the second is worse by more than allowed; a limit for what both do not have is bad input."""
    failed = False
    for metric, most in limits:
        worse = comparison.worse(metric)
        if worse is None:
            said = f"{metric} is not known of both"
            raise typer.BadParameter(said, param_hint=OPTION)
        if worse > most:
            what = "lost" if metric.endswith(("throughput", "goodput")) else "more"
            typer.echo(f"{metric}: {worse:.1%} {what}, above {most:.1%}.".replace("%", " %"), err=True)
            failed = True
    return failed
