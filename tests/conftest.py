"""What tests of every room share."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from played import Play, Played
from systems import ENGINES, Engine, scenario

from capsim.engine import lower

# The same examples in every run; `--hypothesis-profile=search` looks for new ones.
settings.register_profile("same", deadline=None, derandomize=True, database=None, max_examples=30)
settings.register_profile("search", deadline=None, max_examples=2000)
settings.load_profile("same")


@pytest.fixture(scope="session", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each engine in turn, so that whoever asks for it runs on all of them."""
    return ENGINES[request.param]


@pytest.fixture
def play(engine: Engine, tmp_path: Path) -> Play:
    """Replays send times through a CSV file, as a user would, on each engine."""

    def play(sent: Sequence[float] | None, *pools: dict[str, Any], **changes: Any) -> Played:
        if sent is not None:
            rows = "".join(f"{instant / 1000:.9f}\n" for instant in sent)
            (tmp_path / "trace.csv").write_text(f"timestamp_s\n{rows}")
            changes["arrivals"] = {"process": "trace", "file": "trace.csv"}
        return Played(engine, lower(scenario(*pools, folder=tmp_path, **changes)))

    return play
