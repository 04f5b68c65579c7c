"""Plans under several circumstances as a table for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from capsim.planner import Answer, Candidate, Plans
from capsim.planner.plans import ForAll
from capsim.report.certainty import likely
from capsim.report.plan import cost, objective_of
from capsim.report.sweep import short, shown
from capsim.report.text import duration


def plans_text(plans: Plans) -> RenderableType:
    """A row for each circumstance: what to buy, or that nothing in the grid does."""
    return Group(*_parts(plans))


def _parts(plans: Plans) -> Iterator[RenderableType]:
    first = plans.answers[0].plan
    same = all(answer.plan.objective_s == first.objective_s for answer in plans.answers)
    objective = f"{objective_of(first)}, " if same else ""
    yield Text.assemble((plans.scenario, "bold"), f"  {objective}with a probability of at least {first.required:.4g}")
    yield ""
    yield _table(plans)
    yield ""
    unmet = sum(answer.plan.best is None for answer in plans.answers)
    if unmet:
        yield Text(
            f"Nothing in the grid meets the objective in {unmet} of {len(plans.answers)} rows.", style="bold red"
        )
    if plans.best is not None and len(plans.answers) > 1:
        yield Text(f"For all rows: {_for_all(plans.best)}, the cheapest of these that meets the objective in each.")
    yield Text(f"A row is a plan of its own, as nobody chooses {' and '.join(plans.given)}.", style="dim")
    if first.cost_basis == "servers":
        yield Text("No prices are given, so servers are counted as the cost.", style="dim")


def _table(plans: Plans) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    first = plans.answers[0].plan
    for path in (*plans.given, *first.candidates[0].settings):
        table.add_column(short(path), justify="right", no_wrap=True)
    for heading in ("$/h" if first.cost_basis == "usd_per_hour" else "servers", "p99", "probability"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("why nothing cheaper")
    for answer in plans.answers:
        table.add_row(*(shown(value) for value in answer.given.values()), *_row(answer))
    return table


def _row(answer: Answer) -> Iterator[RenderableType]:
    plan, best = answer.plan, answer.plan.best
    chosen = ["nothing" for _ in plan.candidates[0].settings] if best is None else map(shown, best.settings.values())
    yield from (Text(text, style="red" if best is None else "green") for text in chosen)
    if best is None:
        yield from ("–", "–", "–")
        closest = plan.closest
        yield "" if closest is None else f"nothing does; closest {_briefly(closest)}: {closest.reason}"
        return
    yield cost(best).removesuffix("/h")
    yield duration(best.p99_s)
    yield "–" if best.probability is None else likely(best.probability)
    cheaper = plan.next_cheaper
    yield "nothing in the grid is" if cheaper is None else f"{_briefly(cheaper)}: {cheaper.reason}"


def _for_all(best: ForAll) -> str:
    price = "" if best.usd_per_hour is None else f" at ${best.usd_per_hour:.2f}/h"
    return f"{_briefly(best)}{price}"


def _briefly(candidate: Candidate | ForAll) -> str:
    return ", ".join(f"{short(path)}={shown(value)}" for path, value in candidate.settings.items()) or "as it is"
