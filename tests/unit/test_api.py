"""`import capsim`: what it offers, and that it waits for nothing."""

from __future__ import annotations

import subprocess
import sys

import capsim


def test_everything_is_listed_and_there() -> None:
    assert set(capsim.__all__) <= set(dir(capsim))
    for name in capsim.__all__:
        assert getattr(capsim, name) is not None
    assert callable(capsim.sweep)
    assert callable(capsim.plan)


def test_importing_it_imports_no_numbers() -> None:
    code = "import capsim, sys; dir(capsim); capsim.__version__; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_answer_in_a_line_and_in_a_notebook() -> None:
    scenario = capsim.load_scenario("shipped:image-classification", ["run.horizon=5 s", "name=<b>x"])
    result = capsim.simulate(scenario)
    assert repr(result).startswith("<Result '<b>x': stable, p99 ")
    assert "\n" not in repr(result)
    assert "&lt;b&gt;x" in result._repr_html_()
    assert "<b>x" not in result._repr_html_()
    assert result._repr_html_().count("<tr>") == len(result.latency_s)
