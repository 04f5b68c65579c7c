"""A latency profile for a terminal: its origin, statistics, shape and warnings on one screen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import inf, log

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from capsim.profile.inspection import Inspection, Row
from capsim.profile.model import LatencyProfile
from capsim.profile.quantiles import Quantile
from capsim.report.text import duration

LEGEND = "[95 % interval]; indep.: so many independent samples tell as much of p50 (neighbours are alike)"
CONDITIONS = ("threads", "cores", "clock_mhz", "machine", "database")
LINE = 32
BAR = 24


def profile_text(inspection: Inspection, within_ms: float | None = None) -> RenderableType:
    """Everything about a profile; `within_ms` asks for the largest batch whose p99 is at most this."""
    return Group(*_parts(inspection, within_ms))


def _parts(inspection: Inspection, within_ms: float | None) -> Iterator[RenderableType]:
    yield Text(headline(inspection.profile), style="bold")
    for line in origin(inspection.profile):
        yield Text(line, style="dim")
    yield ""
    yield _statistics(inspection)
    if any(row.p50.independent for row in inspection.rows):
        yield Text(LEGEND, style="dim")
    yield ""
    yield _chart(inspection)
    yield ""
    table = Table.grid(padding=(0, 2))
    for name, said in findings(inspection, within_ms).items():
        table.add_row(name, said)
    yield table
    for warning in inspection.warnings():
        yield Text.assemble(("warning ", "yellow"), (warning.code, "bold"), f"  {warning.message}")


def headline(profile: LatencyProfile) -> str:
    """What was measured: model, precision, hardware, runtime, as far as they are known."""
    hardware = f"on {profile.hardware.name} ({profile.hardware.kind})" if profile.hardware else None
    known = [part for part in (profile.model, profile.precision, hardware, profile.runtime) if part]
    return ", ".join(known) or profile.file


def origin(profile: LatencyProfile) -> Iterator[str]:
    """When, with which command and under which conditions."""
    yield profile.file
    told = profile.measured
    if not told:
        yield "nothing is said of when and how it was measured"
        return
    made = f"imported from {told['imported_from']}" if "imported_from" in told else "measured"
    date = told.get("at", told.get("imported"))
    when = f" {date}" if date else ", nobody says when"
    yield f"{made}{when}: {told.get('command', 'the command is not told')}"
    plain = [f"{name} {_plain(told[name])}" for name in CONDITIONS if name in told]
    if plain:
        yield ", ".join(plain)
    if "latency_holds" in told:
        yield f"latency holds {told['latency_holds']}"


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _statistics(inspection: Inspection) -> Table:
    together = bool(inspection.together)
    names = ["batch size", "samples", "indep.", "p50", "p99", "p99/p50", "items/s"]
    if together:
        names.insert(1, "instances")
    table = Table(*names, box=None, pad_edge=False, header_style="dim")
    for column in table.columns:
        column.justify = "right"
    for row in inspection.rows:
        instances = [str(row.instances)] if together else []
        cells = cells_of(row)
        table.add_row(str(row.batch_size), *instances, *cells)
    return table


def cells_of(row: Row) -> list[str]:
    """Samples, as how many independent ones they count, p50, p99, noise and throughput of a batch size."""
    known = row.samples > 0
    return [
        f"{row.samples:,}" if known else "–",
        f"{row.p50.independent:,}" if row.p50.independent else "–",
        with_interval(row.p50),
        with_interval(row.p99) if row.p99 else "–",
        f"{row.noise:.2f}" if row.noise else "–",
        rate(row.throughput_per_s),
    ]


def rate(per_s: float) -> str:
    """Items per second with four digits, or all that stand before the point."""
    return f"{per_s:,.4g}" if per_s < 1e4 else f"{per_s:,.0f}"


def with_interval(quantile: Quantile) -> str:
    """A quantile with its interval: `238 ms [233, 243]`, `238 ms [233, ∞)` where the samples give no upper end."""
    value = duration(quantile.value / 1e3)
    if not quantile.independent:
        return value
    low = duration(quantile.low / 1e3) if quantile.low else "0"
    high = f"{duration(quantile.high / 1e3)}]" if quantile.high < inf else "∞)"
    unit = value.rpartition(" ")[2]
    return f"{value} [{low.removesuffix(f' {unit}')}, {high.replace(f' {unit}]', ']')}"


def _chart(inspection: Inspection) -> Table:
    """A line from p50 to p99 on a scale of factors, and a bar of throughput, for each batch size."""
    table = Table(
        "batch size",
        "p50 ●──╴ p99, logarithmic",
        "items/s",
        box=None,
        pad_edge=False,
        header_style="dim",
        padding=(0, 2),
    )
    table.columns[0].justify = "right"
    rows = inspection.alone
    ends = [row.p99.value if row.p99 else row.p50.value for row in rows]
    least, most = min(row.p50.value for row in rows), max(ends)
    top = max(row.throughput_per_s for row in rows)
    for row, end in zip(rows, ends, strict=True):
        start, stop = (_place(value, least, most) for value in (row.p50.value, end))
        line = f"{' ' * start}●{'─' * (stop - start)}"
        bar = "█" * max(1, round(row.throughput_per_s / top * BAR))
        mark = " ◂ knee" if inspection.knee and inspection.knee.batch_size == row.batch_size else ""
        table.add_row(str(row.batch_size), Text(line, style="cyan"), Text.assemble((bar, "green"), (mark, "bold")))
    return table


def _place(value: float, least: float, most: float) -> int:
    return round(log(value / least) / log(most / least) * (LINE - 1)) if most > least else 0


def findings(inspection: Inspection, within_ms: float | None) -> Mapping[str, str]:
    """The knee, the law, instances, and what fits into a limit, each in a sentence."""
    told = {"knee": _knee(inspection), "law": _law(inspection), "instances": _instances(inspection)}
    if within_ms is not None:
        told[f"p99 ≤ {duration(within_ms / 1e3)}"] = _within(inspection, within_ms)
    return {name: said for name, said in told.items() if said}


def _knee(inspection: Inspection) -> str:
    knee = inspection.knee
    if knee is None:
        return ""
    rows = {row.batch_size: row for row in inspection.alone}
    top, at = max((row.throughput_per_s, row.batch_size) for row in inspection.alone)
    highest = f"{rate(top)} items/s at {at}"
    if not knee.reached:
        said = f"not reached at batch size {knee.batch_size}: throughput still grows where measuring ended"
    elif knee.batch_size == at:
        said = f"batch size {at}, the highest throughput measured: {highest}"
    else:
        gain = (top / rows[knee.batch_size].throughput_per_s - 1) * 100
        said = f"batch size {knee.batch_size}; larger batches bring at most {gain:.1f} % more: {highest}"
    balanced = f"; most throughput for its latency at {knee.balanced}" if knee.balanced != knee.batch_size else ""
    return said + balanced


def _law(inspection: Inspection) -> str:
    law = inspection.law
    if law is None:
        return ""
    fixed = f"{duration(law.per_batch_ms / 1e3)} + "
    limit = f", so at most {rate(1e3 / law.per_item_ms)} items/s" if law.per_item_ms > 0 else ""
    off = f"off by up to {abs(law.worst) * 100:.1f} %, at batch size {law.worst_batch_size}"
    return f"median = {fixed}{duration(law.per_item_ms / 1e3)} per item{limit}; {off}"


def _instances(inspection: Inspection) -> str:
    overlap = inspection.profile.measured_overlap()
    return "" if overlap is None else f"overlap {overlap:.2f} (0: they share the device fully; 1: they do not feel it)"


def _within(inspection: Inspection, within_ms: float) -> str:
    row = inspection.largest_within(within_ms)
    if row is None:
        return "no batch size measured, even without any waiting"
    unsure = row.p99 is not None and row.p99.independent and row.p99.high > within_ms
    doubt = "; the interval of p99 reaches beyond" if unsure else ""
    return f"batches of up to {row.batch_size}: {rate(row.throughput_per_s)} items/s without any waiting{doubt}"
