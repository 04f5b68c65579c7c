"""Ledgers as files: all of them written whole, or none."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from capsim.documents.output import check_outputs
from capsim.report.tables import check_ending, write_tables
from capsim.scenario import Scenario
from capsim.stats import Result

OPTION = "--ledger"


def check_ledger_file(path: Path, scenario: Scenario, *, force: bool = False, read: Collection[Path] = ()) -> None:
    """See before a long run whether the ledger of a scenario can be written.

    Raises:
        InputError: an ending that is not known, or what `check_outputs` has against one of its files.
    """
    check_ending(path, OPTION)
    kinds = ["visits", *(["attempts"] if scenario.sends_again else [])]
    beside: dict[str, Path | None] = {f"{OPTION} ({kind})": _beside(path, kind) for kind in kinds}
    check_outputs({OPTION: path, **beside}, force=force, read=read)


def write_ledger(result: Result, path: Path) -> list[Path]:
    """Write the requests to `path` and beside it the visits, and the attempts where there are any; gives the names.

    Raises:
        InputError: the file system refused; then none is written.
    """
    frames = {path: result.request_frame(), _beside(path, "visits"): result.visit_frame()}
    attempts = result.attempt_frame()
    if attempts is not None:
        frames[_beside(path, "attempts")] = attempts
    write_tables(frames, OPTION)
    return list(frames)


def _beside(path: Path, kind: str) -> Path:
    return path.with_name(f"{path.stem}.{kind}{path.suffix}")
