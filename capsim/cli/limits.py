"""`--fail-above METRIC=PERCENT`: what makes a command exit with 1."""

from __future__ import annotations

from collections.abc import Mapping

import typer

OPTION = "--fail-above"


def limit_of(text: str, known: Mapping[str, str]) -> tuple[str, float]:
    """The metric and the share that a limit names; `known` has what metrics are called, and may be called.

    Raises:
        typer.BadParameter: it is no limit, or of a metric that is not known.
    """
    from capsim.units import SHARE

    name, equals, percent = (part.strip() for part in text.partition("="))
    if not equals:
        raise typer.BadParameter(f"expected METRIC=PERCENT such as p99=15%, got '{text}'", param_hint=OPTION)
    metric = known.get(name, name)
    if metric not in known.values():
        raise typer.BadParameter(f"unknown metric '{name}'; choose {', '.join(known)}", param_hint=OPTION)
    try:
        return metric, float(SHARE.parse(percent.replace("%", " %")))
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=OPTION) from None
