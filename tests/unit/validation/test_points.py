from __future__ import annotations

from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest
from synthetic import QUICK, TRUE, system

from capsim.engine.choice import Engine
from capsim.engine.memory import TooManyRowsError
from capsim.importer.loads.measured import LoadPoint
from capsim.validation import points
from capsim.validation.points import Prediction, guess, predict

OPEN = {"workload": {"arrivals": {"process": "poisson", "rate": "100 /s"}}}
CASES: dict[str, tuple[dict[str, Any], dict[str, Any], str, float]] = {
    "one client": ({}, {}, "clients", 1),
    "a closed loop": ({}, {}, "clients", 24),
    "a low rate": ({}, OPEN, "rate_per_s", 50),
    "an overload": ({}, OPEN, "rate_per_s", 1200),
    "some find no room": ({"queue": {"capacity": 2}}, OPEN, "rate_per_s", 500),
}


@pytest.mark.parametrize("window_s", [None, 5.0])
@pytest.mark.parametrize("case", CASES)
def test_a_guess_is_what_is_predicted(case: str, window_s: float | None) -> None:
    pool, sections, load, value = CASES[case]
    scenario, point = system(TRUE | pool, **sections), LoadPoint(load, value, {})
    predicted, guessed = predict(scenario, point, QUICK, window_s), guess(scenario, point, QUICK, window_s)
    assert guessed.values == pytest.approx(predicted.values, rel=1e-12)
    assert guessed.split == pytest.approx(predicted.split, rel=1e-9)
    assert set(guessed.values) == set(predicted.errors)


def test_requests_of_a_log_are_guessed_from_it() -> None:
    point = LoadPoint("rate_per_s", 100, {}, sent_s=np.arange(400) / 100)
    predicted, guessed = (made(system(TRUE, **OPEN), point, QUICK) for made in (predict, guess))
    assert guessed.values == pytest.approx(predicted.values, rel=1e-12)


def test_more_requests_than_rows_are_predicted_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    full = Engine("full", Mock(side_effect=TooManyRowsError), threads=False)
    monkeypatch.setattr(points, "choose_engine", lambda *_: full)
    assert isinstance(guess(system(TRUE), LoadPoint("clients", 8, {}), QUICK), Prediction)
