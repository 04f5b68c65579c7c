"""Two latency profiles side by side for a terminal: what differs, by how much, and whether chance explains it."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from capsim.profile.comparison import Change, Compared, ProfileComparison
from capsim.report.compare import signed
from capsim.report.profile import rate
from capsim.report.text import duration

HEADS = ("p50 A", "B", "change", "p99 A", "B", "change")
COARSE = 0.2
"""From this change on, tenths of a percent say nothing."""
LEGEND = (
    "[95 % interval], each on its own; differs: beyond chance, all tests together raise a false alarm in at most "
    "5 % of comparisons. How a machine differs from one sitting to the next is not in it: measure twice to know."
)


def profile_comparison_text(comparison: ProfileComparison) -> RenderableType:
    """The headline, every batch size, the conditions that differ, and what is doubtful."""
    return Group(*_parts(comparison))


def _parts(comparison: ProfileComparison) -> Iterator[RenderableType]:
    yield Text(headline(comparison), style="bold")
    yield Text(f"A {comparison.a.profile.file}", style="dim")
    yield Text(f"B {comparison.b.profile.file}", style="dim")
    yield ""
    yield _table(comparison)
    yield ""
    yield from _throughput(comparison)
    for name, (a, b) in comparison.conditions().items():
        yield Text(f"{name}: {a} → {b}")
    for side, sizes in zip("AB", comparison.only(), strict=True):
        if sizes:
            yield Text(f"only in {side}: batch sizes {', '.join(map(str, sizes))}")
    for warning in comparison.warnings():
        yield Text.assemble(("warning ", "yellow"), (warning.code, "bold"), f"  {warning.message}")
    if comparison.tested:
        yield Text(LEGEND, style="dim")


def headline(comparison: ProfileComparison) -> str:
    """What a reader looks for first."""
    changes = [row.p50.ratio.value - 1 for row in comparison.rows]
    least, most = (f"{signed(end, 1)} %" for end in (min(changes), max(changes)))
    span = f"B's median is {least} at every batch size" if least == most else f"B's median is {least} to {most}"
    if all(row.p50.p is None for row in comparison.rows):
        return f"{span}; not tested"
    significant = [row for row in comparison.rows if any(change.significant for change in row.changes.values())]
    if not significant:
        within = (
            "" if comparison.agreement == inf else f": the medians agree to within {comparison.agreement * 100:.1f} %"
        )
        return f"No significant difference{within}"
    return f"{span}; significant at {len(significant)} of {len(comparison.rows)} batch sizes"


def _table(comparison: ProfileComparison) -> Table:
    together = any(row.a.instances > 1 for row in comparison.rows)
    place = ["batch size", *(["instances"] if together else [])]
    table = Table(*place, *HEADS, box=None, pad_edge=False, header_style="dim")
    for column in table.columns:
        column.justify = "right"
        column.no_wrap = True
    table.add_column("differs", no_wrap=True)
    for row in comparison.rows:
        instances = [str(row.a.instances)] if together else []
        table.add_row(str(row.a.batch_size), *instances, *_sides(row, "p50"), *_sides(row, "p99"), _mark(row))
    return table


def _sides(row: Compared, name: str) -> list[str | Text]:
    """A, B and the change of a percentile."""
    if name not in row.changes:
        return ["–", "–", "–"]
    a, b, change = row.a.latency_ms[name], row.b.latency_ms[name], row.changes[name]
    told = Text(change_text(change), style="" if not change.significant else "bold")
    return [duration(a.value / 1e3), duration(b.value / 1e3), told]


def change_text(change: Change) -> str:
    """`+3.2 % [−0.5, +7.9]`; an end that the samples do not give is open, and without samples there is none."""
    ratio = change.ratio
    if change.p is None and ratio.high == inf:
        return f"{_percent(ratio.value - 1)} %"
    low = f"[{_percent(ratio.low - 1)}" if ratio.low else "(…"
    high = f"{_percent(ratio.high - 1)}]" if ratio.high < inf else "∞)"
    return f"{_percent(ratio.value - 1)} % {low}, {high}"


def _percent(share: float) -> str:
    return signed(share, 0 if abs(share) >= COARSE else 1)


def _mark(row: Compared) -> Text:
    """Which percentiles differ beyond chance."""
    names = [name for name, change in row.changes.items() if change.significant]
    if names:
        return Text(", ".join(names), style="bold")
    return Text("no" if row.p50.p is not None else "untested", style="dim")


def _throughput(comparison: ProfileComparison) -> Iterator[Text]:
    rows = [row for row in comparison.rows if row.a.instances == 1]
    if rows:
        a, b = (max(getattr(row, side).throughput_per_s for row in rows) for side in "ab")
        yield Text(f"highest throughput: {rate(a)} → {rate(b)} items/s ({signed(b / a - 1, 1)} %)")
