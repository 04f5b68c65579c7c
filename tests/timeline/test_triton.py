from pathlib import Path

from timelines import batches_ms


def triton(most: int, delay: str = "0 ms", preferred: tuple[int, ...] = ()) -> dict[str, object]:
    return {
        "policy": "triton",
        "max_batch_size": most,
        "max_queue_delay": delay,
        "preferred_batch_sizes": list(preferred),
    }


def test_without_a_delay_the_open_batch_takes_all_that_came_while_the_instance_was_busy(tmp_path: Path) -> None:
    # 0 starts alone; 1 and 9 join the open batch, 10.02 comes at the very instant in which it is taken.
    assert batches_ms(tmp_path, triton(8), [0, 1, 9, 10.02]) == [(0.02, 1), (10.02, 2), (20.02, 1)]


def test_requests_that_come_while_the_thread_wakes_share_a_batch(tmp_path: Path) -> None:
    # The thread takes 20 µs to look after 0, and again after 0.03, which finds the other instance idle.
    assert batches_ms(tmp_path, triton(8), [0, 0.02, 0.03], instances=2) == [(0.02, 2), (0.05, 1)]


def test_without_a_delay_the_open_batch_closes_at_the_first_preferred_size(tmp_path: Path) -> None:
    # 1 and 2 close a batch of 2. 3 opens the next, and with that both slots are taken: it grows no more until
    # the instance takes the first, when it gets up to the largest preferred size at once.
    sent = [0, 1, 2, 3, 4, 5, 6, 7, 8]
    assert batches_ms(tmp_path, triton(4, preferred=(2, 4)), sent) == [(0.02, 1), (10.02, 2), (20.02, 4), (30.02, 2)]


def test_with_a_delay_an_idle_instance_waits_for_company(tmp_path: Path) -> None:
    assert batches_ms(tmp_path, triton(8, "5 ms"), [0, 1, 2]) == [(5, 3)]


def test_a_preferred_size_ends_the_delay(tmp_path: Path) -> None:
    assert batches_ms(tmp_path, triton(8, "5 ms", (2, 8)), [0, 1, 2]) == [(1, 2), (11, 1)]


def test_the_delay_freezes_a_batch_while_the_instance_is_busy(tmp_path: Path) -> None:
    # 0 leaves at 2 and runs to 12. 3 and 4 freeze at 5; 6, 7 and 8 come too late for it, though it starts at 12.
    # They have waited their delay when the instance takes it, and make the next batch, which the thread did not
    # have to wait for: it has no size in mind, and 13 joins.
    assert batches_ms(tmp_path, triton(8, "2 ms"), [0, 3, 4, 6, 7, 8, 13]) == [(2, 1), (12, 2), (22, 4)]


def test_a_frozen_batch_is_topped_up_when_a_preferred_size_of_others_waits(tmp_path: Path) -> None:
    # 3 freezes at 5. With 9 the four that wait are the preferred size the thread looked for: 3 of them fill the
    # frozen batch up to it, the fourth opens the next batch.
    assert batches_ms(tmp_path, triton(4, "2 ms"), [0, 3, 6, 7, 8, 9]) == [(2, 1), (12, 4), (22, 1)]


def test_an_instance_that_takes_a_batch_closes_the_next_if_that_is_late(tmp_path: Path) -> None:
    # 0 leaves at 2. The four of 3 fill a batch, 5 opens the next and freezes at 7. When the instance takes the first
    # at 12, 5 has waited for more than 2 ms and stays alone, though four others wait: they fill a batch behind it.
    sent = [0, 3, 3, 3, 3, 5, 8, 9, 9.5, 10]
    assert batches_ms(tmp_path, triton(4, "2 ms"), sent) == [(2, 1), (12, 4), (22, 1), (32, 4)]


def test_a_closed_batch_and_the_next_are_taken_as_one_where_they_fit(tmp_path: Path) -> None:
    # As above, but 8 is the only other at 12 and opens a batch; 13 finds both places taken. At 22 that batch is late
    # too and fits: 5 and 8 start together.
    assert batches_ms(tmp_path, triton(4, "2 ms"), [0, 3, 3, 3, 3, 5, 8, 13]) == [(2, 1), (12, 4), (22, 2), (32, 1)]


def test_a_next_batch_that_is_not_late_stays_open(tmp_path: Path) -> None:
    # The two of 11 are a preferred size and open a batch, which is 1 ms old when the instance takes the one before it:
    # two of those of 14 still join.
    sent = [0, 3, 3, 3, 3, 11, 11, 14, 14, 14]
    assert batches_ms(tmp_path, triton(4, "2 ms", (2, 4)), sent) == [(2, 1), (12, 4), (22, 4), (32, 1)]


def test_two_batches_an_instance_are_formed_ahead_and_no_more(tmp_path: Path) -> None:
    # Two full batches of 2 wait ahead; 5 and 6 wait outside until the instance takes the first.
    assert batches_ms(tmp_path, triton(2), [0, 1, 2, 3, 4, 5, 6, 12]) == [
        (0.02, 1),
        (10.02, 2),
        (20.02, 2),
        (30.02, 2),
        (40.02, 1),
    ]


def test_two_instances_share_what_is_formed_ahead(tmp_path: Path) -> None:
    # 0 and 1 start, one each; 2 and 3 join the open batch, 4 and 5 fill it, 6 opens the next.
    found = batches_ms(tmp_path, triton(4), [0, 1, 2, 3, 4, 5, 6], instances=2)
    assert found == [(0.02, 1), (1.02, 1), (10.02, 4), (11.02, 1)]


def test_a_delay_shorter_than_the_thread_takes_to_look_has_passed_when_it_looks(tmp_path: Path) -> None:
    # Published for nnUNet (delay 1 µs, preferred sizes 2 and 4): one client is served alone, the three others
    # make the next batch, which stays open though its first request was late at once.
    sent = [0, 0.1, 0.2, 0.3]
    assert batches_ms(tmp_path, triton(4, "1 us", (2, 4)), sent) == [(0.02, 1), (10.02, 3)]
