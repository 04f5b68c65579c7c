"""Pages as Streamlit runs them, without a browser."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("streamlit", reason="the explorer needs the extra `ui`")

from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parents[2]
QUICK = ("run.horizon=10 s", "run.replications=3")
Page = Callable[..., AppTest]


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Page:
    """Opens the explorer at an address: settings, and `scenario` where it names one.

    What takes longest, the curve and the headroom, is left out unless `whole`.
    """
    monkeypatch.delenv("CAPSIM_EXPLORE", raising=False)
    # Streamlit reads what all installed packages say of themselves, for each page that is tried.
    monkeypatch.setattr("streamlit.components.v2.manifest_scanner.scan_component_manifests", list, raising=False)

    def opened(*settings: str, scenario: str | None = None, whole: bool = False) -> AppTest:
        if not whole:
            monkeypatch.setattr("capsim.ui.answer.CURVE_REQUESTS", 0)
            monkeypatch.setattr("capsim.ui.simulated.HEADROOM_REQUESTS", 0)
        test = AppTest.from_file(ROOT / "app.py", default_timeout=120)
        if settings:
            test.query_params["set"] = list(settings)
        if scenario is not None:
            test.query_params["scenario"] = scenario
        return test.run()

    return opened


def numbers(test: AppTest) -> list[tuple[str, str, str]]:
    """The key numbers that a page shows, each with what stands below."""
    return [(metric.label, metric.value, metric.delta) for metric in test.metric]


def settings_of(test: AppTest) -> list[str]:
    """The settings in the address."""
    found: Any = test.query_params.get("set", [])
    return [found] if isinstance(found, str) else list(found)


def verdict(test: AppTest) -> str:
    """The sentence at the top, without what Markdown needs."""
    boxes: Sequence[Any] = [*test.success, *test.error, *test.info, *test.warning]
    return str(boxes[0].value).replace("\\", "").strip("*")
