"""What tests of every room share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from played import Play, Played, Sent
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

    def recorded(name: str, sent: Sequence[float]) -> dict[str, Any]:
        rows = "".join(f"{instant / 1000:.9f}\n" for instant in sent)
        (tmp_path / f"{name}.csv").write_text(f"timestamp_s\n{rows}")
        return {"process": "trace", "file": f"{name}.csv", "resolution": "0 s"}

    def play(sent: Sent, *pools: dict[str, Any], **changes: Any) -> Played:
        if isinstance(sent, Mapping):
            settings = changes.pop("classes", {})
            changes["classes"] = [
                {"name": name, "arrivals": recorded(name, times), **settings.get(name, {})}
                for name, times in sent.items()
            ]
        elif sent is not None:
            changes["arrivals"] = recorded("trace", sent)
        return Played(engine, lower(scenario(*pools, folder=tmp_path, **changes)))

    return play
