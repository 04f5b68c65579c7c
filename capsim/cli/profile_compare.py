"""`capsim profile compare`: what changed from one latency profile to another."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from capsim.cli.options import AsJson
from capsim.cli.profile_show import ProfileFile, read

if TYPE_CHECKING:
    from capsim.profile.comparison import ProfileComparison


def compare(
    a: ProfileFile,
    b: ProfileFile,
    fail_above: Annotated[
        str | None,
        typer.Option(
            metavar="PERCENT", help="Exit with 1 if p50 or p99 of B is higher by more, and not by chance; e.g. 5%."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare two latency profiles: fp32 with int8, or last year's measurement with today's.

    Says how much p50 and p99 change, with 95 % intervals, and whether chance explains it: samples that resemble their
    neighbours count as fewer, and the tests are corrected for their number.
    """
    from rich.console import Console

    from capsim.profile.comparison import compare_profiles
    from capsim.report.profile_compare import profile_comparison_text

    limit = None if fail_above is None else _share(fail_above)
    comparison = compare_profiles(read(a), read(b))
    if as_json:
        typer.echo(json.dumps(comparison.to_dict(), indent=2, allow_nan=False))
    else:
        Console().print(profile_comparison_text(comparison))
    if limit is not None and _slower(comparison, limit):
        raise typer.Exit(1)


def _slower(comparison: ProfileComparison, limit: float) -> bool:
    """Whether B is slower by more than the limit somewhere, which is told."""
    beyond = comparison.beyond(limit)
    for row, name in beyond:
        change = row.changes[name]
        place = f"{name} at batch size {row.a.batch_size}"
        doubt = "" if change.p is not None else " (not tested)"
        said = f"{place} is higher by {(change.ratio.value - 1) * 100:.1f} %, above {limit * 100:g} %{doubt}."
        typer.echo(said, err=True)
    return bool(beyond)


def _share(text: str) -> float:
    from capsim.units import SHARE

    try:
        return float(SHARE.parse(text.replace("%", " %")))
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--fail-above") from None
