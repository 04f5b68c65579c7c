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


def comparison_text(comparison: Comparison) -> RenderableType:
    """The headline, every change with its interval, and what is doubtful."""
    return Group(*_parts(comparison))


def _parts(comparison: Comparison) -> Iterator[RenderableType]:
    yield _headline(comparison)
    yield Text(f"A {comparison.names[0]}", style="dim")
    yield Text(f"B {comparison.names[1]}", style="dim")
    yield ""
    yield _table(comparison)
    yield ""
    for letter, result in (("A", comparison.a), ("B", comparison.b)):
        yield Text(f"{letter} {_judged(result)}")
    weak = [name for name, changed in _changes(comparison) if changed.significant is False]
    if weak:
        yield Text(f"Not significant at 95 %: {', '.join(weak)}.")
    for warning in comparison.warnings:
        yield Text.assemble(("warning ", "yellow"), (warning.code, "bold"), f"  {warning.message}")
    chance = f"{comparison.a.replications} replications each, seed {comparison.a.seed}, common random numbers"
    yield Text(f"{chance}; each interval holds with 95 % on its own", style="dim")


def _headline(comparison: Comparison) -> Text:
    p99 = comparison.latency_s["p99"]
    said = {True: "", False: "no significant difference", None: "too few requests to tell the difference"}[
        p99.significant
    ]
    told = f"p99: {said} ({relative(p99)})" if said else f"p99 {relative(p99)}"
    if comparison.usd_per_hour is not None:
        a, b = comparison.usd_per_hour
        told += f", cost {signed(b / a - 1)} %" if a else f", cost ${b:,.2f}/h instead of nothing"
    return Text(told, style="bold")


def _changes(comparison: Comparison) -> Iterator[tuple[str, Change]]:
    for name, changed in comparison.latency_s.items():
        yield NAMES[name], changed
    yield "throughput", comparison.throughput_per_s
    for of_class, each in comparison.classes.items():
        for name in ("p50", "p99"):
            yield f"{name} {of_class}", each.latency_s[name]
        yield f"throughput {of_class}", each.throughput_per_s
        if each.goodput_per_s is not None:
            yield f"goodput {of_class}", each.goodput_per_s
    for name, changed in comparison.utilisation.items():
        yield f"utilisation {name}", changed


def _table(comparison: Comparison) -> Table:
    table = Table("", "A", "B", "change", "", box=None, pad_edge=False, header_style="dim")
    for column in table.columns[1:4]:
        column.justify = "right"
    for name, changed in _changes(comparison):
        values = [_value(name, value) for value in (changed.a, changed.b)]
        mark = {True: "", False: "not significant", None: "interval unknown"}[changed.significant]
        table.add_row(name, *values, relative(changed), Text(mark, style="dim"))
    if comparison.usd_per_hour is not None:
        a, b = comparison.usd_per_hour
        table.add_row("cost", f"${a:,.2f}/h", f"${b:,.2f}/h", f"{signed(b / a - 1)} %" if a else "–", "")
    return table


def _value(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    if name.startswith(("throughput", "goodput")):
        return f"{value:.4g}/s"
    return f"{value:.1%}" if name.startswith("utilisation") else duration(value)


def relative(changed: Change) -> str:
    """A relative change with its interval in percent: `-38 % [-41, -35]`."""
    share = changed.relative
    if share.value is None:
        return "–"
    digits = _digits(share.value if share.ci95 is None else share.ci95[1] - share.ci95[0])
    interval = "" if share.ci95 is None else f" [{', '.join(signed(end, digits) for end in share.ci95)}]"
    return f"{signed(share.value, digits)} %{interval}"


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
