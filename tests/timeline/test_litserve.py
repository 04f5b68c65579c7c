from pathlib import Path

from timelines import batches_ms

POLICY = {"policy": "litserve", "max_batch_size": 3, "batch_timeout": "5 ms"}


def test_windows_follow_one_another_while_nothing_comes(tmp_path: Path) -> None:
    # The windows of an idle worker are 0 to 5, 5 to 10, 10 to 15: 7 and 8 leave at 10.
    assert batches_ms(tmp_path, POLICY, [7, 8]) == [(10, 2)]


def test_the_window_opens_when_the_worker_becomes_idle(tmp_path: Path) -> None:
    # The first batch ends at 12, and 6, which came before, waits until 17.
    assert batches_ms(tmp_path, POLICY, [0, 1, 2, 6]) == [(2, 3), (17, 1)]


def test_a_full_batch_leaves_at_once(tmp_path: Path) -> None:
    assert batches_ms(tmp_path, POLICY, [0, 1, 2, 3, 4, 5]) == [(2, 3), (12, 3)]


def test_without_a_timeout_what_waits_leaves(tmp_path: Path) -> None:
    assert batches_ms(tmp_path, {**POLICY, "batch_timeout": "0 ms"}, [0, 1, 2, 3]) == [(0, 1), (10, 3)]
