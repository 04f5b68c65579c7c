from pathlib import Path

from timelines import batches_ms

POLICY = {"policy": "torchserve", "batch_size": 3, "max_batch_delay": "5 ms"}


def test_the_window_opens_with_the_first_request(tmp_path: Path) -> None:
    assert batches_ms(tmp_path, POLICY, [1, 2]) == [(6, 2)]


def test_the_window_opens_when_the_first_request_is_taken_not_when_it_arrived(tmp_path: Path) -> None:
    # 8 waits for the end of the batch at 16, and from then on 5 ms for company, of which 20 is.
    assert batches_ms(tmp_path, POLICY, [1, 8, 20, 22]) == [(6, 1), (21, 2), (36, 1)]


def test_a_full_batch_leaves_at_once(tmp_path: Path) -> None:
    assert batches_ms(tmp_path, POLICY, [1, 2, 3, 4, 5, 6]) == [(3, 3), (13, 3)]


def test_without_a_delay_one_more_request_is_looked_for(tmp_path: Path) -> None:
    assert batches_ms(tmp_path, {**POLICY, "max_batch_delay": "0 ms"}, [0, 1, 2, 3]) == [(0, 1), (10, 2), (20, 1)]
