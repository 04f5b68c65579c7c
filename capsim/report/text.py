"""A `Result` as tables and sentences for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from capsim.report.certainty import headed, probability_in_words
from capsim.report.classes import class_table, sending
from capsim.report.words import NAMES, duration, range_of_times
from capsim.stats import Result
from capsim.stats.judgement import ObjectiveResult
from capsim.stats.pools import PoolResult

__all__ = ["NAMES", "answer", "duration", "evidence"]

BAR = 24
MOST_BATCH_SIZES = 6
MOST_POOLS = 8
"""Of which the evidence is told one by one."""


def answer(result: Result) -> RenderableType:
    """Everything that a result says, from the verdict to the evidence."""
    return Group(*_parts(result))


def _parts(result: Result) -> Iterator[RenderableType]:
    yield _headline(result)
    yield ""
    yield _latencies(result)
    yield ""
    if len(result.classes) > 1:
        yield class_table(result)
        yield ""
    yield _pools(result)
    yield ""
    yield _breakdown(result)
    yield ""
    yield from _sentences(result)
    for warning in result.warnings:
        yield Text.assemble(("warning ", "yellow"), (warning.code, "bold"), f"  {warning.message}")
    yield Text(_effort(result), style="dim")


def _headline(result: Result) -> Text:
    style = "bold green" if result.verdict == "stable" else "bold red"
    spans = f"{result.replications} × {result.horizon_s:g} s, warm-up {result.warmup_s:.3g} s"
    return Text.assemble((result.scenario, "bold"), "  ", (result.verdict, style), (f"  {spans}", "dim"))


def _latencies(result: Result) -> Table:
    wider = any(interval.pi95 != interval.ci95 for interval in result.latency_s.values())
    headings = ["", "latency", "95 % interval", *(["with all known"] if wider else []), "waiting"]
    table = Table(*headings, box=None, pad_edge=False, header_style="dim")
    for column in table.columns[1:]:
        column.justify = "right"
    for name, interval in result.latency_s.items():
        target = result.objective.targets_s.get(name) if result.objective else None
        label = NAMES[name] if target is None else f"{NAMES[name]} ≤ {duration(target)}"
        waiting = result.waiting_s[name].value
        table.add_row(
            label,
            duration(interval.value),
            range_of_times(interval.ci95),
            *([range_of_times(interval.pi95)] if wider else []),
            duration(waiting),
            style="bold" if target is not None else None,
        )
    return table


def _pools(result: Result) -> Table:
    table = Table(
        "pool",
        "servers",
        "utilisation",
        "of capacity",
        "mean batch",
        "waiting",
        box=None,
        pad_edge=False,
        header_style="dim",
    )
    wasted = any(pool.wasted for pool in result.pools)
    if wasted:
        table.add_column("wasted")
    for column in table.columns[1:]:
        column.justify = "right"
    table.add_column("batch sizes")
    for pool in result.pools:
        batch = "–" if pool.mean_batch_size is None else f"{pool.mean_batch_size:.3g}"
        table.add_row(
            pool.name,
            str(pool.servers),
            f"{pool.utilisation:.1%}",
            f"{pool.load_over_capacity:.1%}",
            batch,
            duration(pool.mean_waiting_s),
            *([f"{pool.wasted:.1%}" if pool.wasted is not None else "–"] if wasted else []),
            _batch_sizes(pool),
        )
    return table


def _batch_sizes(pool: PoolResult) -> str:
    total = sum(pool.batch_size_counts.values())
    common = sorted(pool.batch_size_counts.items(), key=lambda pair: -pair[1])[:MOST_BATCH_SIZES]
    told = "  ".join(f"{size}: {count / total:.0%}" for size, count in sorted(common))
    return told + ("  …" if len(pool.batch_size_counts) > MOST_BATCH_SIZES else "")


def _breakdown(result: Result) -> Table:
    table = Table("where the time goes", "mean", "", box=None, pad_edge=False, header_style="dim")
    table.columns[1].justify = "right"
    total = sum(result.breakdown_s.values())
    for name, seconds in result.breakdown_s.items():
        if seconds > 0:
            share = seconds / total
            table.add_row(name.replace("_", " "), duration(seconds), f"{'█' * round(share * BAR)} {share:.0%}")
    return table


def _sentences(result: Result) -> Iterator[Text]:
    yield Text(f"throughput  {result.throughput_per_s} requests/s{_items(result)}")
    lost = {name: count for name, count in result.requests.items() if name not in {"offered", "completed"} and count}
    offered = result.requests["offered"]
    ends = ", ".join(f"{name.replace('_', ' ')} {count:,} ({count / offered:.2%})" for name, count in lost.items())
    yield Text(f"requests    {offered:,} offered, {result.requests['completed']:,} completed{ends and ', ' + ends}")
    yield from sending(result)
    for rule in result.admission:
        yield Text(f"admission   {rule.pool}: {rule.admitted:,} let in, {rule.turned_away:,} turned away")
    if result.objective:
        yield from _objective(result.objective)
    if result.cost:
        million = result.cost.usd_per_million_requests
        each = "" if million is None else f", ${million:,.2f} per million requests"
        yield Text(f"cost        ${result.cost.usd_per_hour:,.2f}/h, ${result.cost.usd_per_month:,.0f}/month{each}")


def _objective(objective: ObjectiveResult) -> Iterator[Text]:
    sure = objective.words == "met" and not objective.assumes
    style = "bold green" if sure else "bold red" if objective.words == "not met" else "bold yellow"
    said = probability_in_words(objective.probability, objective.probability_simulation)
    yield Text.assemble("objective   ", (headed(objective.words, objective.assumes), style), f", {said}")
    for assumed in objective.assumes:
        yield Text(f"assumed     {assumed}", style="yellow")


def _items(result: Result) -> str:
    items = result.throughput_items_per_s.value
    return f", {items:.4g} items/s" if result.items_per_request > 1 and items is not None else ""


def evidence(result: Result) -> str:
    """What the answer rests on, pool by pool; where there are many, how many pools rest on what."""
    entries = result.provenance["evidence"]
    if len(entries) <= MOST_POOLS:
        return ", ".join(f"{entry['pool']}: {entry['level']}" for entry in entries)
    levels = Counter(entry["level"] for entry in entries)
    said = [f"{often} pools: {level}" for level, often in levels.most_common(MOST_POOLS)]
    return ", ".join([*said, *([f"{len(levels) - MOST_POOLS} more kinds"] if len(levels) > MOST_POOLS else [])])


def _effort(result: Result) -> str:
    told = result.provenance
    effort = f"{told['requests_simulated']:,} requests simulated ({result.engine}, {told['engine_s']:.2f} CPU s)"
    trace = f"; trace in {told['trace']}" if told.get("trace") else ""
    return f"evidence    {evidence(result)}{trace}; {effort}, seed {result.seed}"
