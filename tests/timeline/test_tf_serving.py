from pathlib import Path

from timelines import batches_ms

POLICY = {"policy": "tf_serving", "max_batch_size": 3, "batch_timeout_micros": 5_000}


def test_the_open_batch_waits_for_its_timeout(tmp_path: Path) -> None:
    assert batches_ms(tmp_path, POLICY, [0, 2]) == [(5, 2)]


def test_a_full_batch_leaves_at_once(tmp_path: Path) -> None:
    assert batches_ms(tmp_path, POLICY, [0, 1, 2, 3]) == [(2, 3), (12, 1)]


def test_the_open_batch_goes_on_filling_while_all_threads_are_busy(tmp_path: Path) -> None:
    # 6 has waited its 5 ms at 11, and 13 still joins, because the thread is busy until 15.
    assert batches_ms(tmp_path, POLICY, [0, 6, 13]) == [(5, 1), (15, 2)]


def test_requests_beyond_the_enqueued_batches_are_rejected(tmp_path: Path) -> None:
    bounded = {**POLICY, "max_enqueued_batches": 1}
    assert batches_ms(tmp_path, bounded, [0, 1, 2, 3, 4, 5, 6, 7]) == [(2, 3), (12, 3)]
