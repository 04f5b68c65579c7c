"""What the terminal says of classes, attempts and caches."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from capsim import Result, load_scenario, simulate
from capsim.report.text import answer

SHORT = ["run.horizon=20 s", "run.replications=3"]


def said(result: Result, width: int = 80) -> str:
    out = io.StringIO()
    Console(file=out, width=width).print(answer(result))
    return out.getvalue()


@pytest.fixture(scope="module")
def mixed() -> Result:
    strict = "workload.classes.interactive.objective.p99=50 ms"
    return simulate(load_scenario("shipped:interactive-and-bulk", [*SHORT, strict]))


def rows(text: str, start: str) -> list[list[str]]:
    """The rows of a table that begin with a word, cell by cell."""
    return [[cell for cell in line.split("  ") if cell.strip()] for line in text.splitlines() if line.startswith(start)]


def test_each_class_has_a_row_that_fits_a_narrow_terminal(mixed: Result) -> None:
    text = said(mixed)
    head, interactive, bulk = (rows(text, name)[0] for name in ("class", "interactive ", "bulk "))
    assert [cell.strip() for cell in head] == [
        "class", "p99", "95 % interval", "done/s", "in time/s", "cost", "objective"
    ]  # fmt: skip
    assert len(interactive) == len(bulk) == len(head)
    objective = mixed.classes[0].objective
    assert objective
    assert interactive[-1].strip() == objective.words
    assert bulk[-1].strip() == "stable"
    assert "…" not in text


def test_a_single_class_has_no_table() -> None:
    text = said(simulate(load_scenario("shipped:cascade", SHORT)))
    assert not rows(text, "class")
    assert "attempts" not in text


def test_attempts_and_wasted_work_are_said_where_requests_are_sent_again() -> None:
    result = simulate(load_scenario("shipped:retry-storm", ["run.replications=1"]))
    text = said(result, 120)
    assert result.attempts is not None
    assert f"attempts    {result.attempts.sent:,} sent, {result.attempts.retried:,} retried" in text
    assert "wasted" in rows(text, "pool")[0]
    assert text.startswith("retry-storm  metastable")
    assert "the run does not come back after it" in text


def test_caches_say_what_they_knew() -> None:
    result = simulate(load_scenario("shipped:cached-ranking", ["run.horizon=6 s", "run.warmup=1 s"]))
    (cache,) = result.caches
    text: Any = said(result)
    assert cache.hit_ratio is not None
    assert f"caches      answers: {cache.hit_ratio:.1%} known".replace("%", " %") in text
