"""A look a millisecond; a batch of the trained dispatcher takes what it fitted: in ms, n a + b."""

from pathlib import Path
from typing import Any

from timelines import NS_PER_MS, batches_ms, played

from capsim.engine import Outcome

ALONE = [0, 50, 100, 150, 200, 250, 300, 350, 400]
"""The first nine batches of the training, one request each."""
TRAINED = [*ALONE, 450, 450, 500, 500, 500]
TRAINING = [*((at, 1) for at in ALONE), (450, 2), (500, 3)]


def bentoml(most: int = 4, late_ms: int = 60_000) -> dict[str, Any]:
    return {"policy": "bentoml", "max_batch_size": most, "max_latency_ms": late_ms}


def timed_out_ms(folder: Path, policy: dict[str, Any], sent_ms: list[float], mean: str) -> list[tuple[float, float]]:
    """(sent, turned away) of each request that was."""
    requests = played(folder, policy, sent_ms, mean).requests
    rows = zip(requests["arrived_ns"].tolist(), requests["finished_ns"].tolist(), strict=True)
    ended = zip(rows, requests["outcome"], strict=True)
    return [(sent / NS_PER_MS, end / NS_PER_MS) for (sent, end), outcome in ended if outcome == Outcome.timed_out]


def test_a_batch_begins_at_a_look_and_looks_begin_with_the_first_that_waits(tmp_path: Path) -> None:
    # The dispatcher looks at 3.5, 4.5 … 10.5; the first batch has ended at 10.
    assert batches_ms(tmp_path, bentoml(), [0, 3.5, 9]) == [(0, 1), (10.5, 2)]


def test_what_does_not_fit_begins_at_the_look_after_the_end(tmp_path: Path) -> None:
    assert batches_ms(tmp_path, bentoml(2), [0.5, 0.5, 0.5], mean="9.5 ms") == [(0.5, 2), (10.5, 1)]


def test_the_tenth_and_eleventh_batch_wait_for_two_and_three(tmp_path: Path) -> None:
    # All nine took 10 with one request, so a = b = 5. The tenth is worth 2 · 5 + 5 and may come to 5 · 5 + 5: 460 waits
    # through 475. The eleventh is worth 20 and may come to 40: 500 waits through 520. The twelfth waits for none.
    sent = [*ALONE, 460, 500, 600]
    assert batches_ms(tmp_path, bentoml(), sent)[9:] == [(476, 1), (521, 1), (600, 1)]


def test_the_size_that_training_waits_for_leaves_at_the_next_look(tmp_path: Path) -> None:
    sent = [*ALONE, 460, 465.5, 500, 501, 502]
    assert batches_ms(tmp_path, bentoml(), sent)[9:] == [(466, 2), (502, 3)]


def test_training_waits_for_no_more_than_the_maximum(tmp_path: Path) -> None:
    assert batches_ms(tmp_path, bentoml(2), [*ALONE, 460, 461, 500, 501])[9:] == [(461, 2), (501, 2)]


def test_the_newest_is_waited_for_as_the_last_batches_waited(tmp_path: Path) -> None:
    # The burst at 1000 waits 0, 40, 80, 120. When 6000 ends, more than 5 s after the first fit (140, the third batch),
    # 14 batches of 40 ms have waited 240 / 14 in the mean, and a is the least there is, 1 µs. 7000 waits while
    # w + 1.001 <= 0.95 · 240 / 14 = 16.28, through 7015; 8000 and 8003 while 2 (w + 1.001) <= 16.28, through 8010.
    sent = [*TRAINED, *[1000] * 16, 6000, 7000, 8000, 8003]
    burst = [(1000, 4), (1040, 4), (1080, 4), (1120, 4)]
    later = [(6000, 1), (7016, 1), (8011, 2)]
    assert batches_ms(tmp_path, bentoml(), sent, mean="40 ms") == [*TRAINING, *burst, *later]


def test_nothing_new_is_used_within_five_seconds(tmp_path: Path) -> None:
    # The same, but a batch that ends at 5139 is not told apart from the training yet: 5200 begins at once.
    sent = [*TRAINED, *[1000] * 16, 5099, 5200]
    assert batches_ms(tmp_path, bentoml(), sent, mean="40 ms")[-2:] == [(5099, 1), (5200, 1)]
    sent = [*TRAINED, *[1000] * 16, 5100, 5200]
    assert batches_ms(tmp_path, bentoml(), sent, mean="40 ms")[-2:] == [(5100, 1), (5216, 1)]


def test_a_full_batch_waits_for_nobody(tmp_path: Path) -> None:
    sent = [*TRAINED, *[1000] * 16, 6000, 7000, 7001, 7001.5, 7002]
    assert batches_ms(tmp_path, bentoml(), sent, mean="40 ms")[-1] == (7002, 4)


def test_the_oldest_is_turned_away_while_it_would_be_late(tmp_path: Path) -> None:
    # a = 1 µs, b = 10 ms: at 1020, three of the last four would be answered 30 ms after they came or later; the last
    # is not turned away, as an instance is idle.
    sent: list[float] = [*TRAINED, *[1000] * 12]
    policy = bentoml(late_ms=30)
    assert batches_ms(tmp_path, policy, sent)[11:] == [(1000, 4), (1010, 4), (1020, 1)]
    assert timed_out_ms(tmp_path, policy, sent, "10 ms") == [(1000, 1020)] * 3


def test_one_that_waits_alone_is_turned_away_when_it_has_waited_so_long_and_a_batch_runs(tmp_path: Path) -> None:
    policy, sent = bentoml(late_ms=30), [*TRAINED, 1000.0, 1001]
    assert batches_ms(tmp_path, policy, sent, mean="40 ms")[11:] == [(1000, 1)]
    assert timed_out_ms(tmp_path, policy, sent, "40 ms") == [(1001, 1031)]


def test_training_keeps_as_many_as_it_needs(tmp_path: Path) -> None:
    # Of the four that have waited 30 at 30, one is still needed for its second batch.
    policy, sent = bentoml(late_ms=30), [0.0] * 8
    assert batches_ms(tmp_path, policy, sent, mean="40 ms") == [(0, 4), (40, 1)]
    assert timed_out_ms(tmp_path, policy, sent, "40 ms") == [(0, 30)] * 3
