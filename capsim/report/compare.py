"""A comparison as a table and sentences for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from capsim.comparison import Comparison
from capsim.report.certainty import headed, probability_in_words
from capsim.report.text import NAMES, duration
from capsim.stats import Result
from capsim.stats.paired import Change


def comparison_text(found: Comparison) -> RenderableType:
    """The headline, every change with its interval, and what is doubtful."""
    return Group(*_parts(found))


def _parts(found: Comparison) -> Iterator[RenderableType]:
    yield _headline(found)
    yield Text(f"A {found.names[0]}", style="dim")
    yield Text(f"B {found.names[1]}", style="dim")
    yield ""
    yield _table(found)
    yield ""
    for letter, result in (("A", found.a), ("B", found.b)):
        yield Text(f"{letter} {_judged(result)}")
    weak = [name for name, changed in _changes(found) if changed.significant is False]
    if weak:
        yield Text(f"Not significant at 95 %: {', '.join(weak)}.")
    for warning in found.warnings:
        yield Text.assemble(("warning ", "yellow"), (warning.code, "bold"), f"  {warning.message}")
    chance = f"{found.a.replications} replications each, seed {found.a.seed}, common random numbers"
    yield Text(f"{chance}; each interval holds with 95 % on its own", style="dim")


def _headline(found: Comparison) -> Text:
    p99 = found.latency_s["p99"]
    said = {True: "", False: "no significant difference", None: "too few requests to tell the difference"}[
        p99.significant
    ]
    told = f"p99: {said} ({relative(p99)})" if said else f"p99 {relative(p99)}"
    if found.usd_per_hour is not None:
        a, b = found.usd_per_hour
        told += f", cost {signed(b / a - 1)} %" if a else f", cost ${b:,.2f}/h instead of nothing"
    return Text(told, style="bold")


def _changes(found: Comparison) -> Iterator[tuple[str, Change]]:
    for name, changed in found.latency_s.items():
        yield NAMES[name], changed
    yield "throughput", found.throughput_per_s
    for name, changed in found.utilisation.items():
        yield f"utilisation {name}", changed


def _table(found: Comparison) -> Table:
    table = Table("", "A", "B", "change", "", box=None, pad_edge=False, header_style="dim")
    for column in table.columns[1:4]:
        column.justify = "right"
    for name, changed in _changes(found):
        values = [_value(name, value) for value in (changed.a, changed.b)]
        mark = {True: "", False: "not significant", None: "interval unknown"}[changed.significant]
        table.add_row(name, *values, relative(changed), Text(mark, style="dim"))
    if found.usd_per_hour is not None:
        a, b = found.usd_per_hour
        table.add_row("cost", f"${a:,.2f}/h", f"${b:,.2f}/h", f"{signed(b / a - 1)} %" if a else "–", "")
    return table


def _value(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    if name == "throughput":
        return f"{value:.4g}/s"
    return f"{value:.1%}" if name.startswith("utilisation") else duration(value)


def relative(changed: Change) -> str:
    """A relative change with its interval in percent: `-38 % [-41, -35]`."""
    found = changed.relative
    if found.value is None:
        return "–"
    digits = _digits(found.value if found.ci95 is None else found.ci95[1] - found.ci95[0])
    interval = "" if found.ci95 is None else f" [{', '.join(signed(end, digits) for end in found.ci95)}]"
    return f"{signed(found.value, digits)} %{interval}"


def signed(share: float, digits: int = 0) -> str:
    """A share in percent with its sign; zero has none."""
    text = f"{share * 100:+.{digits}f}"
    return text[1:] if float(text) == 0 else text.replace("-", "−")


def _digits(width: float) -> int:
    """Decimals of a percentage that a width of this size bears."""
    percent = abs(width) * 100
    return 0 if percent >= 3 else 1 if percent >= 0.3 else 2


def _judged(result: Result) -> str:
    if result.objective is None:
        return result.verdict
    objective = result.objective
    told = probability_in_words(objective.probability, objective.probability_simulation)
    return f"{result.verdict}, objective {headed(objective.words, objective.assumes)}, {told}"
