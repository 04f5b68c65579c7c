"""What each class of requests had, what was sent again and what caches knew, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.table import Table
from rich.text import Text

from capsim.report.certainty import headed
from capsim.report.words import duration, percent, range_of_times
from capsim.stats import Result
from capsim.stats.classes import ClassResult


def class_table(result: Result) -> Table:
    """A row for each class: latency, throughput, goodput, what was lost, its part of the cost, its objective."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    lost = any(each.requests["completed"] < each.requests["offered"] for each in result.classes)
    table.add_column("class", no_wrap=True)
    for heading in ("p99", "95 % interval", "done/s", "in time/s", *(["lost"] if lost else []), "cost"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("objective" if any(each.objective for each in result.classes) else "verdict", no_wrap=True)
    for each in result.classes:
        p99, done = each.latency_s["p99"], each.throughput_per_s.value
        table.add_row(
            each.name,
            duration(p99.value),
            range_of_times(p99.ci95),
            "–" if done is None else f"{done:.4g}",
            _goodput(each),
            *([_lost(each)] if lost else []),
            "–" if each.cost_share is None else percent(each.cost_share),
            _judged(each),
        )
    return table


def _goodput(each: ClassResult) -> str:
    goodput = each.goodput_per_s
    return "–" if goodput is None or goodput.value is None else f"{goodput.value:.4g}"


def _lost(each: ClassResult) -> str:
    offered = each.requests["offered"]
    return percent(1 - each.requests["completed"] / offered) if offered else "–"


def _judged(each: ClassResult) -> Text:
    if each.verdict != "stable":
        return Text(each.verdict, style="red")
    if each.objective is None:
        return Text("stable")
    sure = each.objective.words == "met" and not each.objective.assumes
    words = headed(each.objective.words, each.objective.assumes).replace("if the assumptions hold", "if")
    return Text(words, style="green" if sure else "yellow")


def sending(result: Result) -> Iterator[Text]:
    """How often requests were sent, where that is not once, how long servers were up, and what caches knew."""
    sent = result.attempts
    if sent is not None and (sent.retried or sent.hedged or sent.cancelled or sent.sent != result.requests["offered"]):
        told = {"retried": sent.retried, "hedged": sent.hedged, "cancelled": sent.cancelled}
        ends = "".join(f", {count:,} {name}" for name, count in told.items() if count)
        yield Text(f"attempts    {sent.sent:,} sent{ends}")
    for pool in result.pools:
        if pool.availability is not None:
            yield Text(f"available   {pool.name}: {pool.availability:.3%} of the time of its servers")
    for cache in result.caches:
        known = "nothing was looked up" if cache.hit_ratio is None else f"{percent(cache.hit_ratio)} known"
        yield Text(f"caches      {cache.name}: {known} of {cache.look_ups:,} look-ups")
