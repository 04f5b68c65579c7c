"""What serving adds to the work of the device. Instants are ms."""

from __future__ import annotations

from played import Batched, Play
from systems import constant, dynamic, pool


def test_overheads_per_batch_and_per_request_hold_the_instance(play: Play) -> None:
    """10 + 2 + 3 · 1 for three requests; the fourth begins when they end, and takes 10 + 2 + 1."""
    overhead = {"per_batch": "2 ms", "per_request": "1 ms"}
    seen = play([0, 0, 0, 1], pool(batching=dynamic(3), overhead=overhead))
    assert seen.batches() == [Batched(0, 0, 15, (0, 1, 2)), Batched(0, 15, 28, (3,))]


def test_an_overhead_per_request_counts_requests_not_items(play: Play) -> None:
    """Two requests of 4 items: 10 + 2 · 1."""
    seen = play([0, 0], pool(batching=dynamic(8), overhead={"per_request": "1 ms"}), items=4)
    assert seen.finished == [12, 12]


def test_the_front_end_handles_one_request_at_a_time_before_the_queue(play: Play) -> None:
    """2 each: the three enter the queue at 2, 4 and 6."""
    seen = play([0, 0, 0], pool(front_end={"before": "2 ms"}, service=constant("1 ms")))
    assert seen.enqueued() == [2, 4, 6]
    assert seen.finished == [3, 5, 7]


def test_an_idle_front_end_begins_with_the_arrival(play: Play) -> None:
    """2 after each of them."""
    seen = play([0, 10], pool(front_end={"before": "2 ms"}, service=constant("1 ms")))
    assert seen.enqueued() == [2, 12]


def test_a_batch_fills_with_what_has_passed_the_front_end(play: Play) -> None:
    """0 and 1 have passed at 2 and 4: the batch is full at 4."""
    seen = play([0, 0], pool(front_end={"before": "2 ms"}, batching=dynamic(2, "50 ms")))
    assert seen.batches() == [Batched(0, 4, 14, (0, 1))]


def test_the_front_end_hands_over_one_answer_at_a_time(play: Play) -> None:
    """0 and 1 are served until 10 and handed over at 13 and 16; the instance went on at 10 with 2, until 20 + 3."""
    seen = play([0, 0, 0], pool(front_end={"after": "3 ms"}, batching=dynamic(2)))
    assert seen.batches() == [Batched(0, 0, 10, (0, 1)), Batched(0, 10, 20, (2,))]
    assert seen.finished == [13, 16, 23]


def test_answers_of_several_batches_wait_for_each_other(play: Play) -> None:
    """Served at 1 and 2; the second waits for the first, handed over at 4: 7."""
    seen = play([0, 0], pool(front_end={"after": "3 ms"}, service=constant("1 ms")))
    assert seen.served() == [1, 2]
    assert seen.finished == [4, 7]


def test_before_and_after_do_not_wait_for_each_other(play: Play) -> None:
    """1 is before the queue from 4 to 8, while the answer of 0 is handed over from 5 to 9."""
    front_end = {"before": "4 ms", "after": "4 ms"}
    seen = play([0, 0], pool(front_end=front_end, service=constant("1 ms")))
    assert seen.enqueued() == [4, 8]
    assert seen.finished == [9, 13]


def test_each_server_has_a_front_end_of_its_own(play: Play) -> None:
    """Round robin over two servers."""
    route = [{"pools": ["gpu"], "balancer": "round_robin"}]
    seen = play([0, 0, 0], pool(servers=2, front_end={"before": "2 ms"}, service=constant("1 ms")), route=route)
    assert seen.enqueued() == [2, 2, 4]


def test_the_instances_of_a_server_have_one_front_end(play: Play) -> None:
    """Both are served until 10, and handed over one after the other."""
    seen = play([0, 0], pool(instances=2, sharing={"overlap": 1}, front_end={"after": "3 ms"}))
    assert seen.served() == [10, 10]
    assert seen.finished == [13, 16]
