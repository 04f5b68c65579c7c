from pathlib import Path

from timelines import batches_ms


def frozen(most: int, delay: str = "0 ms", preferred: tuple[int, ...] = ()) -> dict[str, object]:
    return {
        "policy": "triton_frozen",
        "max_batch_size": most,
        "max_queue_delay": delay,
        "preferred_batch_sizes": list(preferred),
    }


def test_a_batch_is_formed_of_what_has_come_when_the_thread_looks_and_grows_no_more(tmp_path: Path) -> None:
    # The thread takes 20 µs to look. 1 and 1.01 share a batch; 2 comes later, though none has begun since.
    assert batches_ms(tmp_path, frozen(8), [0, 1, 1.01, 2]) == [(0.02, 1), (10.02, 2), (20.02, 1)]


def test_two_batches_an_instance_are_formed_ahead_and_what_comes_then_makes_one(tmp_path: Path) -> None:
    # 1 and 2 are formed ahead. 3, 4 and 5 wait outside until the instance takes 1: then they make one batch.
    assert batches_ms(tmp_path, frozen(8), [0, 1, 2, 3, 4, 5]) == [(0.02, 1), (10.02, 1), (20.02, 1), (30.02, 3)]


def test_a_batch_is_at_most_the_maximum(tmp_path: Path) -> None:
    sent = [0, 1, 2, 3, 4, 5, 6]
    assert batches_ms(tmp_path, frozen(3), sent) == [(0.02, 1), (10.02, 1), (20.02, 1), (30.02, 3), (40.02, 1)]


def test_without_a_delay_the_largest_preferred_size_that_waits_is_taken(tmp_path: Path) -> None:
    # At 10.04 five wait: four make a batch, and the fifth, for which there is no room, makes one 10 ms later.
    sent = [0, 1, 2, 3, 4, 5, 6, 7]
    starts = [(0.02, 1), (10.02, 1), (20.02, 1), (30.02, 4), (40.02, 1)]
    assert batches_ms(tmp_path, frozen(8, preferred=(2, 4)), sent) == starts


def test_with_a_delay_an_idle_instance_waits_for_company(tmp_path: Path) -> None:
    assert batches_ms(tmp_path, frozen(8, "5 ms"), [0, 1, 2]) == [(5, 3)]


def test_a_preferred_size_ends_the_delay(tmp_path: Path) -> None:
    assert batches_ms(tmp_path, frozen(8, "5 ms", (2, 8)), [0, 1, 2]) == [(1, 2), (11, 1)]


def test_an_instance_takes_late_batches_as_one(tmp_path: Path) -> None:
    # 0 leaves at 2. 3 and 4 are formed at 5, 6 at 8: at 12 both are older than 2 ms and start together.
    assert batches_ms(tmp_path, frozen(8, "2 ms"), [0, 3, 4, 6]) == [(2, 1), (12, 3)]


def test_batches_that_do_not_fit_the_maximum_are_not_joined(tmp_path: Path) -> None:
    # 3 and 4 are formed at 5, 6 and 7 at 8; together they are more than 3.
    assert batches_ms(tmp_path, frozen(3, "2 ms"), [0, 3, 4, 6, 7]) == [(2, 1), (12, 2), (22, 2)]


def test_a_batch_that_is_not_late_is_not_joined(tmp_path: Path) -> None:
    # 3 is formed at 5. The two of 11 are a preferred size and 1 ms old when the instance takes 3.
    assert batches_ms(tmp_path, frozen(8, "2 ms", (2, 8)), [0, 3, 11, 11]) == [(2, 1), (12, 1), (22, 2)]


def test_without_a_delay_batches_are_not_joined(tmp_path: Path) -> None:
    assert batches_ms(tmp_path, frozen(8), [0, 1, 2]) == [(0.02, 1), (10.02, 1), (20.02, 1)]


def test_instances_that_take_turns_still_have_two_batches_ahead_each(tmp_path: Path) -> None:
    # 1, 2, 3 and 4 are formed ahead one by one; 5 and 6 wait outside until the first of them begins.
    starts = [(0.02, 1), (10.02, 1), (20.02, 1), (30.02, 1), (40.02, 1), (50.02, 2)]
    found = batches_ms(tmp_path, frozen(8), [0, 1, 2, 3, 4, 5, 6], instances=2, turns=True)
    assert found == starts


def test_each_instance_has_two_batches_ahead(tmp_path: Path) -> None:
    # Two instances: 2, 3, 4 and 5 are formed ahead one by one, 6 and 7 wait outside until the first ends.
    sent = [0, 1, 2, 3, 4, 5, 6, 7]
    starts = [(0.02, 1), (1.02, 1), (10.02, 1), (11.02, 1), (20.02, 1), (21.02, 1), (30.02, 2)]
    assert batches_ms(tmp_path, frozen(8), sent, instances=2) == starts
