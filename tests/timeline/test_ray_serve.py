from pathlib import Path

from timelines import batches_ms

POLICY = {"policy": "ray_serve", "max_batch_size": 3, "batch_wait_timeout_s": 0.005}


def test_the_window_opens_with_the_first_request(tmp_path: Path) -> None:
    assert batches_ms(tmp_path, POLICY, [1, 2]) == [(6, 2)]


def test_the_window_opens_when_the_first_request_is_taken_not_when_it_arrived(tmp_path: Path) -> None:
    # 8 waits for the end of the batch at 16, and from then on 5 ms for company, of which 20 is.
    assert batches_ms(tmp_path, POLICY, [1, 8, 20, 22]) == [(6, 1), (21, 2), (36, 1)]


def test_a_full_batch_leaves_at_once(tmp_path: Path) -> None:
    assert batches_ms(tmp_path, POLICY, [1, 2, 3, 4, 5, 6]) == [(3, 3), (13, 3)]


def test_without_a_timeout_what_waits_leaves(tmp_path: Path) -> None:
    assert batches_ms(tmp_path, {**POLICY, "batch_wait_timeout_s": 0}, [0, 1, 2, 3]) == [(0, 1), (10, 3)]
