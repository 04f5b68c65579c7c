"""A plan as a table and sentences for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from capsim.planner import Candidate, Headroom, Plan
from capsim.report.sweep import short, shown
from capsim.report.text import duration, likely

MOST_ROWS = 20


def plan_text(found: Plan) -> RenderableType:
    """The answer, what was considered, and what it rests on."""
    return Group(*_parts(found))


def _parts(found: Plan) -> Iterator[RenderableType]:
    targets = ", ".join(f"{name} ≤ {duration(target)}" for name, target in found.objective_s.items())
    yield Text.assemble((found.scenario, "bold"), f"  {targets}, with a probability of at least {found.required:.4g}")
    yield ""
    if found.best is None:
        yield from _nothing(found)
    else:
        yield from _answer(found, found.best)
    yield ""
    yield _table(found)
    yield ""
    yield Text(_evidence(found), style="dim")


def _answer(found: Plan, best: Candidate) -> Iterator[Text]:
    yield Text.assemble((f"{settings(best)}", "bold green"), f"  {_cost(best)}")
    probability = "" if best.probability is None else f", met with probability {likely(best.probability)}"
    yield Text(f"p99 {duration(best.p99_s)}{_interval(best)}{probability}")
    if found.next_cheaper is None:
        yield Text("Nothing in the grid is cheaper.")
    else:
        cheaper = found.next_cheaper
        yield Text(f"The next cheaper, {settings(cheaper)} ({_cost(cheaper)}), does not do: {cheaper.reason}.")
    if found.headroom is not None:
        yield Text(_borne(found.headroom))


def _nothing(found: Plan) -> Iterator[Text]:
    yield Text("Nothing in the grid meets the objective.", style="bold red")
    if found.closest is not None:
        closest = found.closest
        yield Text(f"The closest is {settings(closest)} ({_cost(closest)}): {closest.reason}.")


def _borne(room: Headroom) -> str:
    load = f"{room.load * room.borne:.4g} {'requests/s' if room.unit == 'rate_per_s' else 'clients'}"
    if room.too_much is None:
        return f"It bears more than {room.borne:.4g} times the load ({load})."
    if room.borne == 1:
        return f"It bears hardly more load: {(room.too_much - 1):.1%} more is too much.".replace("%", " %")
    return f"It bears {room.borne - 1:.0%} more load ({load}); {room.too_much - 1:.0%} more is too much.".replace(
        "%", " %"
    )


def _table(found: Plan) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for path in found.candidates[0].settings:
        table.add_column(short(path), justify="right")
    table.add_column("$/h" if found.cost_basis == "usd_per_hour" else "servers", justify="right")
    for heading in ("p99", "probability"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for candidate in _rows(found):
        cost = candidate.cost(found.cost_basis)
        told, style = (
            ("the answer", "bold green") if candidate is found.best else (candidate.reason or "meets it", None)
        )
        table.add_row(
            *(shown(value) for value in candidate.settings.values()),
            f"{cost:,.2f}" if found.cost_basis == "usd_per_hour" else f"{cost:.0f}",
            duration(candidate.p99_s),
            "–" if candidate.probability is None else likely(candidate.probability),
            told,
            style=style,
        )
    return table


def _rows(found: Plan) -> Sequence[Candidate]:
    """The simulated ones by cost, and the dearest that a formula ruled out."""
    simulated = [candidate for candidate in found.candidates if candidate.state == "simulated"]
    ruled_out = [candidate for candidate in found.candidates if candidate.state == "ruled_out"]
    most = max(ruled_out, key=lambda candidate: (candidate.cost(found.cost_basis), candidate.number), default=None)
    by_cost = sorted(simulated, key=lambda candidate: (candidate.cost(found.cost_basis), candidate.number))
    near = by_cost if found.best is None or len(by_cost) <= MOST_ROWS else _around(by_cost, found.best)
    return [*([] if most is None else [most]), *near[:MOST_ROWS]]


def _around(by_cost: list[Candidate], best: Candidate) -> list[Candidate]:
    place = by_cost.index(best)
    return by_cost[max(0, place - MOST_ROWS * 3 // 4) :]


def _evidence(found: Plan) -> str:
    count = {
        state: sum(c.state == state for c in found.candidates) for state in ("simulated", "ruled_out", "not_needed")
    }
    basis = "" if found.cost_basis == "usd_per_hour" else "; no prices are given, so servers are counted as the cost"
    return (
        f"{len(found.candidates)} settings: {count['ruled_out']} ruled out by formulas, "
        f"{count['simulated']} simulated, {count['not_needed']} dearer than the answer{basis}"
    )


def settings(candidate: Candidate) -> str:
    """What a candidate sets, in a line."""
    return ", ".join(f"{path}={shown(value)}" for path, value in candidate.settings.items())


def _cost(candidate: Candidate) -> str:
    if candidate.usd_per_hour is None:
        return f"{candidate.servers} server{'' if candidate.servers == 1 else 's'}"
    return f"${candidate.usd_per_hour:,.2f}/h"


def _interval(candidate: Candidate) -> str:
    if candidate.p99_ci95_s is None:
        return ""
    low, high = candidate.p99_ci95_s
    return f" [{duration(low)}, {duration(high)}]"
