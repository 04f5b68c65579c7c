"""A page to attach to a request for money: question, answer, evidence, bill, and all that it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from capsim._version import VERSION
from capsim.costing import Cost
from capsim.documents.output import written_whole
from capsim.forecasting import Forecast
from capsim.forecasting.sensitivity import Sensitivity
from capsim.planner import Plan
from capsim.report.certainty import likely
from capsim.report.cost import totals, units
from capsim.report.forecast import growth_in_words, money, run_out_in_words
from capsim.report.plan import cost as cost_of
from capsim.report.plan import objective_of, settings, slope_sentences, spare_sentence
from capsim.report.sentences import verdict_of, with_range
from capsim.report.standalone import page, table
from capsim.report.text import NAMES, duration, evidence
from capsim.stats import Result

MOST_REASONS = 12


@dataclass(frozen=True)
class Request:
    """What a page is made of.

    Attributes:
        result: the answer to the scenario, or to the best that was found.
        cost: what that costs.
        command: that makes the page again.
        plan: what else could be bought; nothing where nobody asked.
        forecast: what comes; nothing where nobody asked.
    """

    result: Result
    cost: Cost
    command: str
    plan: Plan | None = None
    forecast: Forecast | None = None


def write_request(request: Request, path: Path) -> None:
    """Write the page.

    Raises:
        InputError: the file cannot be written.
        MissingExtraError: what draws is not installed.
    """
    with written_whole(path, "--output") as file:
        file.write_bytes(_page(request).encode())


def _page(request: Request) -> str:
    result, cost = request.result, request.cost
    body = [
        "<h2>Question</h2>",
        f"<p>{escape(_question(request))}</p>",
        "<h2>Answer</h2>",
        f"<p><b>{escape(_answer(request))}</b></p>",
        *(f"<p>{escape(told)}</p>" for told in _sentences(request)),
    ]
    after = [*_bill(cost), *_plan(request.plan), *_forecast(request.forecast), *_evidence(result), *_rests_on(request)]
    return page(f"{result.scenario}: what to buy, and what it costs", body, _charts(request), after)


def _charts(request: Request) -> list[Any]:
    from capsim.report.charts.frontier import frontier_chart
    from capsim.report.charts.latency import latency_chart
    from capsim.report.charts.money import bill_chart, cash_chart, demand_chart

    charts = [latency_chart(request.result), bill_chart(request.cost)]
    if request.plan is not None:
        charts.append(frontier_chart(request.plan))
    if request.forecast is not None:
        charts += [demand_chart(request.forecast), cash_chart(request.forecast)]
    return [chart for chart in charts if chart is not None]


def _question(request: Request) -> str:
    load = f"{request.cost.throughput_per_s:.4g} completed requests per second"
    if request.plan is not None:
        return f"What is the cheapest that keeps {objective_of(request.plan)}, under {load}, and what does it cost?"
    targets = {} if request.result.objective is None else request.result.objective.targets_s
    asked = ", ".join(f"{NAMES[name]} ≤ {duration(target)}" for name, target in targets.items())
    met = f"is {asked} met, and what does it cost?" if asked else "how fast is it, and what does it cost?"
    return f"Under {load}, {met}"


def _answer(request: Request) -> str:
    best = None if request.plan is None else request.plan.best
    if request.plan is not None and best is None:
        return "Nothing that was considered does."
    if best is not None:
        met = f"p99 {duration(best.p99_s)}, with probability {likely(best.probability)}"
        return f"{settings(best)}: {met}, at {totals(request.cost)}."
    return f"{verdict_of(request.result).sentence} It costs {totals(request.cost)}."


def _sentences(request: Request) -> list[str]:
    told = [f"{part[0].upper()}{part[1:]}." for part in units(request.cost)]
    if request.plan is not None and request.plan.survive is not None:
        told.append(spare_sentence(request.plan.survive))
    if request.forecast is not None:
        months = len(request.forecast.months)
        told.append(
            f"In {months} months: cash {money(request.forecast.total_cash_usd)}, present value "
            f"{money(request.forecast.npv_usd)} (80 % ranges)."
        )
    return told


def _bill(cost: Cost) -> list[str]:
    rows = [[escape(line.name), f"{line.usd_per_month:,.2f}", escape(line.formula)] for line in cost.lines]
    rows.append(["<b>together</b>", f"<b>{cost.usd_per_month:,.2f}</b>", ""])
    terms = [
        [
            escape(f"{term.term}{' (as now)' if term.given else ''}"),
            "–" if term.usd_per_year is None else f"{term.usd_per_year:,.0f}",
            "" if term.break_even_utilisation is None else f"{term.break_even_utilisation:.1%}",
            escape("; ".join(term.notes)),
        ]
        for term in cost.terms
    ]
    return [
        "<h2>The bill</h2>",
        table(("line", "$ per month", "how"), rows),
        "<h2>The servers, paid otherwise</h2>",
        table(("terms", "$ per year", "break-even utilisation", ""), terms),
    ]


def _plan(plan: Plan | None) -> list[str]:
    if plan is None:
        return []
    frontier = [
        [escape(settings(c)), escape(cost_of(c)), duration(c.p99_s), likely(c.probability), "yes" if c.met else "no"]
        for c in plan.frontier
    ]
    reasons = [
        [escape(settings(c)), escape(cost_of(c)), escape(c.reason or "")] for c in plan.candidates if c.met is False
    ]
    return [
        "<h2>The frontier of cost and p99</h2>",
        table(("settings", "cost", "p99", "probability", "meets it"), frontier),
        *(f"<p>{escape(told)}</p>" for told in slope_sentences(plan)),
        "<h2>Why not</h2>",
        table(("settings", "cost", "why not"), reasons[-MOST_REASONS:]),
    ]


def _forecast(told: Forecast | None) -> list[str]:
    if told is None:
        return []
    rows = [
        [
            m.calendar or str(m.month),
            *(_range(values, form) for values, form in ((m.demand_per_s, ".4g"), (m.servers, ",.0f"))),
            *(_range(values, ",.0f") for values in (m.cash_usd, m.amortised_usd)),
        ]
        for m in told.months
        if len(told.months) <= 12 or m.month % 3 == 0 or m.month == 1
    ]
    moves = [
        [
            escape(s.name),
            f"{s.low:.4g} to {s.high:.4g}",
            *(f"{usd:,.0f}" for usd in _ends(s)),
            f"{s.share:.0%}",
        ]
        for s in told.sensitivity
    ]
    return [
        "<h2>What comes</h2>",
        f"<p>{escape(growth_in_words(told))}</p>",
        *(f"<p>{escape(' '.join(line.split()))}</p>" for line in run_out_in_words(told)),
        table(("month", "requests/s", "servers", "cash $", "amortised $"), rows),
        "<h2>What moves the present value</h2>",
        table(("assumption", "range", "$ at the low end", "$ at the high end", "of variance"), moves),
    ]


def _ends(each: Sensitivity) -> tuple[float, float]:
    return each.npv_low_usd, each.npv_high_usd


def _range(values: dict[str, float], form: str) -> str:
    low, middle, high = (format(values[name], form) for name in ("p10", "p50", "p90"))
    return middle if low == high else f"{middle} [{low}, {high}]"


def _evidence(result: Result) -> list[str]:
    rows = [[NAMES[name], with_range(interval)] for name, interval in result.latency_s.items()]
    pools = [
        [escape(p.name), str(p.servers), f"{p.utilisation:.1%}", f"{p.load_over_capacity:.1%}"] for p in result.pools
    ]
    warnings = [f'<div class="warning"><b>{escape(w.code)}</b> {escape(w.message)}</div>' for w in result.warnings]
    return [
        "<h2>Evidence</h2>",
        f"<p>{escape(evidence(result))}; {result.provenance['requests_simulated']:,} requests simulated, "
        f"{result.replications} replications, seed {result.seed}. Intervals are of 95 %, with all that is known to be "
        "uncertain.</p>",
        table(("latency", "with its interval"), rows),
        table(("pool", "servers", "utilisation", "of capacity"), pools),
        *warnings,
    ]


def _rests_on(request: Request) -> list[str]:
    cost = request.cost
    prices = [
        [escape(p.offer), "" if p.usd_per_hour is None else f"{p.usd_per_hour:,.6g}", escape(p.age), escape(p.source)]
        for p in cost.prices
    ]
    numbers = [
        [q.name, f"{q.value:,.6g}", escape(q.unit), q.origin, escape(q.source)]
        for q in cost.assumptions
        if q.value is not None
    ]
    assumed: Sequence[str] = [q.source for q in cost.absent] if request.forecast is None else request.forecast.assumes
    return [
        "<h2>Prices</h2>",
        table(("price", "$/h", "date", "source"), prices),
        "<h2>Assumptions</h2>",
        table(("name", "value", "unit", "origin", "source"), numbers),
        "<h2>Absent, or taken for granted</h2>",
        f"<ul>{''.join(f'<li>{escape(told)}</li>' for told in assumed)}</ul>",
        "<h2>Made by</h2>",
        f'<p class="quiet">capsim {VERSION}: <code>{escape(request.command)}</code></p>',
    ]
