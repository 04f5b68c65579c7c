from pathlib import Path

from timelines import batches_ms

POLICY = {"policy": "mlserver", "max_batch_size": 4, "max_batch_time": "5 ms"}


def test_a_batch_stays_open_for_its_time(tmp_path: Path) -> None:
    assert batches_ms(tmp_path, POLICY, [0, 1]) == [(5, 2)]


def test_the_time_counts_from_the_first_request(tmp_path: Path) -> None:
    # 1 and 2 join without moving the end at 5; 5.5 opens the next batch, which leaves at 10.5 and waits until 15.
    assert batches_ms(tmp_path, POLICY, [0, 1, 2, 5.5]) == [(5, 3), (15, 1)]


def test_batches_form_while_the_worker_is_busy(tmp_path: Path) -> None:
    # The second batch closes at 11 and waits until 15; 12 comes too late for it.
    assert batches_ms(tmp_path, POLICY, [0, 6, 12]) == [(5, 1), (15, 1), (25, 1)]


def test_a_full_batch_does_not_wait(tmp_path: Path) -> None:
    assert batches_ms(tmp_path, POLICY, [0, 0.25, 0.5, 0.75]) == [(0.75, 4)]
