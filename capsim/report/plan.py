"""A plan as a table and sentences for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from capsim.planner import Candidate, Headroom, Plan
from capsim.planner.search import Survive
from capsim.prices import HOURS_PER_MONTH
from capsim.report.certainty import headed, likely, probability_in_words
from capsim.report.sentences import load_borne
from capsim.report.sweep import short, shown
from capsim.report.text import duration

MOST_ROWS = 20


def plan_text(plan: Plan) -> RenderableType:
    """The answer, what was considered, and what it rests on."""
    return Group(*_parts(plan))


def _parts(plan: Plan) -> Iterator[RenderableType]:
    asked = f"{objective_of(plan)}, with a probability of at least {plan.required:.4g}"
    yield Text.assemble((plan.scenario, "bold"), f"  {asked}")
    yield ""
    if plan.best is None:
        yield from _nothing(plan)
    else:
        yield from _answer(plan, plan.best)
    yield ""
    yield _table(plan)
    yield ""
    yield from map(Text, slope_sentences(plan))
    for warning in plan.warnings:
        yield Text.assemble(("warning ", "yellow"), (warning.code, "bold"), f"  {warning.message}")
    yield Text(_evidence(plan), style="dim")


def _answer(plan: Plan, best: Candidate) -> Iterator[Text]:
    style = "bold yellow" if best.assumes else "bold green"
    yield Text.assemble((f"{settings(best)}", style), f"  {cost(best)}")
    told = probability_in_words(best.probability, best.probability_simulation)
    yield Text(f"p99 {duration(best.p99_s)}{_interval(best)}, {headed('met', best.assumes)}, {told}")
    for assumed in best.assumes:
        yield Text(f"Assumed: {assumed}.", style="yellow")
    if plan.next_cheaper is None:
        yield Text("Nothing in the grid is cheaper.")
    else:
        cheaper = plan.next_cheaper
        yield Text(f"The next cheaper, {settings(cheaper)} ({cost(cheaper)}), does not do: {cheaper.reason}.")
    if plan.headroom is not None:
        yield Text(_borne(plan.headroom))
    if plan.survive is not None:
        yield Text(spare_sentence(plan.survive))


def _nothing(plan: Plan) -> Iterator[Text]:
    yield Text("Nothing in the grid meets the objective.", style="bold red")
    if plan.closest is not None:
        closest = plan.closest
        yield Text(f"The closest is {settings(closest)} ({cost(closest)}): {closest.reason}.")
    for path, servers in (plan.least or {}).items():
        said = f"By the formulas alone {path}={servers} is the least that can do: vary up to there and beyond."
        yield Text(said)


def _borne(room: Headroom) -> str:
    if room.too_much is None:
        return f"It bears more than {room.borne:.4g} times the load ({load_borne(room)})."
    if room.borne == 1:
        return f"It bears hardly more load: {_percent(room.too_much - 1)} more is too much."
    more = f"{_percent(room.borne - 1)} more load ({load_borne(room)})"
    return f"It bears {more}; {_percent(room.too_much - 1)} more is too much."


def spare_sentence(survive: Survive) -> str:
    """What the spare costs."""
    lost = f"{survive.servers} server{'' if survive.servers == 1 else 's'} of any pool may fail"
    if survive.spare_servers is None:
        return f"No setting bears that {lost}."
    usd = survive.spare_usd_per_hour
    money = "" if usd is None else f", ${usd:,.2f}/h or ${usd * HOURS_PER_MONTH:,.0f}/month"
    more = f"{survive.spare_servers} server{'' if survive.spare_servers == 1 else 's'}{money}"
    return (
        f"{lost.capitalize()}: the spare is {more}."
        if survive.spare_servers or usd
        else f"{lost.capitalize()}, at no cost."
    )


def slope_sentences(plan: Plan) -> Iterator[str]:
    """What a millisecond costs on each segment of the frontier."""
    for slope in plan.usd_per_ms:
        way = f"from {_set(slope.cheaper)} to {_set(slope.dearer)}: ${slope.more_usd_per_hour:,.4g}/h more"
        if slope.usd_per_hour_per_ms is None or slope.usd_per_hour_per_ms_ci95 is None:
            yield f"p99 {way}; what it does to p99 is not resolvable"
            continue
        low, high = (end * HOURS_PER_MONTH for end in slope.usd_per_hour_per_ms_ci95)
        monthly = slope.usd_per_hour_per_ms * HOURS_PER_MONTH
        each = f"${monthly:,.3g}/month [{low:,.3g}, {high:,.3g}] for each ms"
        yield f"p99 {way} for {slope.less_ms:.3g} ms less: {each}"


def _set(settings: Mapping[str, Any]) -> str:
    return ", ".join(f"{short(path)}={shown(value)}" for path, value in settings.items())


def _percent(share: float) -> str:
    """Whole percents, and a digit more below ten."""
    return f"{share * 100:.0f} %" if share >= 0.1 else f"{share * 100:.2g} %"


def _table(plan: Plan) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for path in plan.candidates[0].settings:
        table.add_column(short(path), justify="right")
    table.add_column("$/h" if plan.cost_basis == "usd_per_hour" else "servers", justify="right")
    for heading in ("p99", "probability"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for candidate in _rows(plan):
        value = candidate.cost(plan.cost_basis)
        told, style = ("the answer", "bold green") if candidate is plan.best else (candidate.reason or "meets it", None)
        table.add_row(
            *(shown(value) for value in candidate.settings.values()),
            f"{value:,.2f}" if plan.cost_basis == "usd_per_hour" else f"{value:.0f}",
            duration(candidate.p99_s),
            "–" if candidate.probability is None else likely(candidate.probability),
            told,
            style=style,
        )
    return table


def _rows(plan: Plan) -> Sequence[Candidate]:
    """The simulated ones by cost, and the dearest that a formula ruled out."""
    simulated = [candidate for candidate in plan.candidates if candidate.state == "simulated"]
    ruled_out = [candidate for candidate in plan.candidates if candidate.state == "ruled_out"]
    most = max(ruled_out, key=lambda candidate: (candidate.cost(plan.cost_basis), candidate.number), default=None)
    by_cost = sorted(simulated, key=lambda candidate: (candidate.cost(plan.cost_basis), candidate.number))
    near = by_cost if plan.best is None or len(by_cost) <= MOST_ROWS else _around(by_cost, plan.best)
    return [*([] if most is None else [most]), *near[:MOST_ROWS]]


def _around(by_cost: list[Candidate], best: Candidate) -> list[Candidate]:
    place = by_cost.index(best)
    return by_cost[max(0, place - MOST_ROWS * 3 // 4) :]


def _evidence(plan: Plan) -> str:
    count = {
        state: sum(c.state == state for c in plan.candidates) for state in ("simulated", "ruled_out", "not_needed")
    }
    basis = "" if plan.cost_basis == "usd_per_hour" else "; no prices are given, so servers are counted as the cost"
    return (
        f"{len(plan.candidates)} settings: {count['ruled_out']} ruled out by formulas, "
        f"{count['simulated']} simulated, {count['not_needed']} dearer than the answer{basis}"
    )


def settings(candidate: Candidate) -> str:
    """What a candidate sets, in a line."""
    return ", ".join(f"{path}={shown(value)}" for path, value in candidate.settings.items())


def objective_of(plan: Plan) -> str:
    """The latencies to keep below, in a line."""
    return ", ".join(f"{name.replace('.', ' ')} ≤ {duration(target)}" for name, target in plan.objective_s.items())


def cost(candidate: Candidate) -> str:
    """What a candidate costs: dollars by the hour, or its servers."""
    if candidate.usd_per_hour is None:
        return f"{candidate.servers} server{'' if candidate.servers == 1 else 's'}"
    return f"${candidate.usd_per_hour:,.2f}/h"


def _interval(candidate: Candidate) -> str:
    if candidate.p99_ci95_s is None:
        return ""
    low, high = candidate.p99_ci95_s
    return f" [{duration(low)}, {duration(high)}]"
