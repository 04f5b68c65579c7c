"""Ledgers as files: requests, visits and attempts, all of them or none."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from capsim import InputError, Result, Scenario, load_scenario, simulate
from capsim.report.ledgers import check_ledger_file, write_ledger

SHORT = ["run.horizon=4 s", "run.warmup=1 s", "run.replications=2"]


def asked(name: str, *settings: str) -> Scenario:
    return load_scenario(f"shipped:{name}", [*SHORT, *settings])


@pytest.fixture(scope="module")
def hedged() -> Result:
    clients = "clients={timeout: 60 ms, retry: {most: 2}, hedge: {after: 30 ms}}"
    return simulate(asked("interactive-and-bulk", clients), rows=True)


def test_attempts_lie_beside_requests_and_visits(hedged: Result, tmp_path: Path) -> None:
    written = write_ledger(hedged, tmp_path / "rows.parquet")
    assert [path.name for path in written] == ["rows.parquet", "rows.visits.parquet", "rows.attempts.parquet"]
    requests, visits, attempts = map(pd.read_parquet, written)
    assert set(requests["class"]) == {"interactive", "bulk"}
    assert len(attempts) == requests.attempts.sum() > len(requests)
    sent = attempts.groupby(["replication", "request"]).size()
    assert (sent == requests.set_index(["replication", "request"]).attempts.loc[sent.index]).all()
    # Every visit is of an attempt that was sent, and each request with an answer has one attempt that has it.
    kept = visits.merge(attempts, on=["replication", "request", "attempt"], how="left", suffixes=("", "_sent"))
    assert (kept.enqueued_ns >= kept.sent_ns).all()
    answered = attempts[attempts.outcome == "completed"].groupby(["replication", "request"]).size()
    assert (answered == 1).all()
    assert len(answered) == (requests.outcome == "completed").sum()
    assert {"cancelled", "timed_out", "completed"} <= set(attempts.outcome)


def test_without_clients_that_send_again_there_are_two_files(tmp_path: Path) -> None:
    result = simulate(asked("ensemble"), rows=True)
    written = write_ledger(result, tmp_path / "rows.csv")
    assert [path.name for path in written] == ["rows.csv", "rows.visits.csv"]
    visits = pd.read_csv(written[1])
    # Three branches, each at a pool of its own.
    assert visits.groupby("pool").branch.nunique().eq(1).all()
    assert visits.branch.nunique() == 3


@pytest.mark.parametrize(("kind", "refused"), [("", True), (".visits", True), (".attempts", True), (".other", False)])
def test_nothing_that_is_there_is_written_over(tmp_path: Path, kind: str, *, refused: bool) -> None:
    (tmp_path / f"rows{kind}.csv").write_text("kept")
    storm = asked("retry-storm")
    if refused:
        with pytest.raises(InputError, match=f"rows{kind}.csv.*exists already"):
            check_ledger_file(tmp_path / "rows.csv", storm)
    check_ledger_file(tmp_path / "rows.csv", storm, force=True)


def test_a_file_of_attempts_is_in_nobodys_way_who_writes_none(tmp_path: Path) -> None:
    (tmp_path / "rows.attempts.csv").write_text("kept")
    check_ledger_file(tmp_path / "rows.csv", asked("ensemble"))
