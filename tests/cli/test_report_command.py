"""`capsim report` as a user calls it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from commanded import capsim

SCENARIO = """\
name: small & quick
workload: {arrivals: {process: poisson, rate: 200 /s}}
pools:
  - name: gpu
    servers: 1
    service: {distribution: exponential, mean: 10 ms}
    price: {offer: aws/g5.xlarge/us-east-1/on-demand}
objective: {p99: 100 ms}
run: {horizon: 10 s, warmup: 1 s, replications: 3, seed: 1}
plan: {vary: {pools.gpu.servers: 2:5}, survive: {servers: 1}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "small.yaml").write_text(SCENARIO)
    return tmp_path


def test_the_page_has_all_that_is_signed_and_needs_no_network(folder: Path) -> None:
    done = capsim(folder, "report", "small.yaml", "--output", "r.html", "--growth", "3 %/month", "--months", "6")
    assert done.returncode == 0, done.stderr
    page = (folder / "r.html").read_text()
    for part in (
        "<title>small &amp; quick: what to buy, and what it costs</title>",
        "What is the cheapest that keeps p99 ≤ 100 ms",
        "<b>pools.gpu.servers=",
        "may fail: the spare is",
        "frontier of cost and p99",
        "Why not",
        "The servers, paid otherwise",
        "What moves the present value",
        "2026-07-20",
        "capsim report small.yaml --output r.html",
        "× $1.006/h × 730 h ×",
        "is not given",
    ):
        assert part in page, part
    assert page.count("<svg") == 5
    assert "<script" not in page
    assert re.findall(r'(?:src|href)="https?:', page) == []


def test_without_a_plan_it_is_about_the_scenario(folder: Path) -> None:
    done = capsim(
        folder, "report", "small.yaml", "--output", "r.html", "--set", "plan=null", "--set", "pools.gpu.servers=4"
    )
    assert done.returncode == 0, done.stderr
    page = (folder / "r.html").read_text()
    assert "is p99 ≤ 100 ms met, and what does it cost?" in page
    assert "frontier" not in page


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--output", "r.pdf"), "expected a name ending in .html"),
        (("--output", "small.html", "--growth", "quick"), "expected a growth"),
        (("--output", "no/r.html"), "there is no folder"),
    ],
)
def test_bad_input_exits_with_2(folder: Path, words: tuple[str, ...], said: str) -> None:
    done = capsim(folder, "report", "small.yaml", *words)
    assert done.returncode == 2
    assert said in done.stderr
