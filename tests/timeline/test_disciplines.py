"""Who goes first, and batches of several classes. Service takes 10 ms unless a test says otherwise; instants are ms."""

from __future__ import annotations

from played import Batched, Play
from systems import constant, dynamic, pool

PRIORITY = {"discipline": "priority"}
URGENT = {"slow": {"priority": 1}, "fast": {"priority": 0}}
SIZES = {"small": {"items_per_request": 1}, "big": {"items_per_request": 6}}


def test_the_lower_priority_goes_first_once_the_server_is_idle(play: Play) -> None:
    """slow 0 runs until 10; then fast, which came last, and the slow ones in their order."""
    seen = play({"slow": [0, 1, 2], "fast": [3]}, pool(queue=PRIORITY), classes=URGENT)
    assert seen.started() == [0, 20, 30, 10]
    assert seen.finished == [10, 30, 40, 20]


def test_within_a_priority_requests_go_in_the_order_of_coming(play: Play) -> None:
    """Classes a and b have the same one."""
    seen = play({"a": [0, 2], "b": [1, 3]}, pool(queue=PRIORITY))
    assert seen.started() == [0, 10, 20, 30]


def test_priorities_mean_nothing_where_first_come_is_first_served(play: Play) -> None:
    """The default."""
    seen = play({"slow": [0, 1, 2], "fast": [3]}, classes=URGENT)
    assert seen.started() == [0, 10, 20, 30]


def test_the_earliest_deadline_goes_first_and_who_has_none_last(play: Play) -> None:
    """At 10 wait: none (at 1), late until 52 (2), soon until 24 and 25 (4 and 5)."""
    classes = {"late": {"deadline": "50 ms"}, "soon": {"deadline": "20 ms"}}
    seen = play({"none": [0, 1], "late": [2], "soon": [4, 5]}, pool(queue={"discipline": "edf"}), classes=classes)
    assert seen.started() == [0, 40, 30, 10, 20]


def test_a_deadline_counts_from_being_sent_and_not_from_coming(play: Play) -> None:
    """Both have 20 ms; far is sent at 1 and is 5 ms on its way, near is sent at 2 and is there before."""
    classes = {"far": {"deadline": "20 ms", "request_size": "5 kB"}, "near": {"deadline": "20 ms"}}
    network = {"client": {"bandwidth": "8 Mbit/s"}}
    seen = play({"near": [0, 2], "far": [1]}, pool(queue={"discipline": "edf"}), classes=classes, network=network)
    assert seen.enqueued() == [0, 2, 6]
    assert seen.started() == [0, 20, 10]


def test_a_batch_takes_whole_requests_from_the_front_while_they_fit(play: Play) -> None:
    """At most 8 items, 10 ms and 1 an item. Behind big (6) the first small fits, the next big does not.

    So the second small waits behind that, though there would be room for it.
    """
    serving = pool(service=constant("10 ms", per_item="1 ms"), batching=dynamic(8))
    seen = play({"small": [0, 2, 4], "big": [1, 3]}, serving, classes=SIZES)
    assert seen.batch_sizes() == [1, 7, 7, 7, 7]
    assert [(batch.started, batch.finished) for batch in seen.batches()] == [(0, 11), (11, 28), (28, 45)]


def test_a_preferred_size_counts_items_and_is_filled_by_whole_requests(play: Play) -> None:
    """Seven items wait at 1, and 6 are preferred: big leaves alone, and small follows when it has waited 5 ms."""
    serving = pool(instances=2, sharing={"overlap": 1.0}, batching=dynamic(8, "5 ms", [6]))
    seen = play({"big": [1], "small": [1]}, serving, classes=SIZES)
    assert seen.batch_sizes() == [6, 1]
    assert seen.started() == [1, 6]


def test_an_overhead_per_request_counts_requests_and_not_items(play: Play) -> None:
    """A batch of big and small: 10 ms, and 2 ms for each of the two."""
    serving = pool(batching=dynamic(8, "1 ms"), overhead={"per_request": "2 ms"})
    seen = play({"big": [0], "small": [0]}, serving, classes=SIZES)
    assert seen.batches() == [Batched(0, 1, 15, (0, 1))]


def test_who_goes_last_has_no_place(play: Play) -> None:
    """There is one: slow waits from 1 until fast comes, at 2."""
    seen = play({"slow": [0, 1], "fast": [2]}, pool(queue={**PRIORITY, "capacity": 1}), classes=URGENT)
    assert seen.outcomes == ["completed", "rejected", "completed"]
    assert seen.finished == [10, 2, 20]


def test_who_came_first_times_out_first_whatever_its_rank(play: Play) -> None:
    """slow waits from 1 to 6, behind fast, which waits from 2 to 7."""
    seen = play({"slow": [0, 1], "fast": [2]}, pool(queue={**PRIORITY, "timeout": "5 ms"}), classes=URGENT)
    assert seen.outcomes == ["completed", "timed_out", "timed_out"]
    assert seen.finished == [10, 6, 7]


def test_a_delay_counts_from_the_oldest_whatever_its_rank(play: Play) -> None:
    """slow has waited 5 ms at 5, fast came at 4: both leave then, fast first."""
    serving = pool(queue=PRIORITY, batching=dynamic(4, "5 ms"))
    seen = play({"slow": [0], "fast": [4]}, serving, classes=URGENT)
    assert seen.started() == [5, 5]


def test_clients_of_closed_loops_come_before_others_and_classes_as_they_are_written(play: Play) -> None:
    """All at 0: the client of the class written last is first."""
    seen = play(
        None,
        classes=[
            {"name": name, "arrivals": {"process": "closed_loop", "clients": 1, "think_time": "1 s"}}
            if name == "client"
            else {"name": name, "arrivals": {"process": "deterministic", "rate": "1000 /s"}}
            for name in ("b", "a", "client")
        ],
        run={"horizon": "1.5 ms"},
    )
    assert seen.ledger.requests["class"].tolist() == [2, 0, 1]
