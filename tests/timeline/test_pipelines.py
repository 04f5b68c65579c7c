"""Servers that are pipelines: of stages of the model, or of copying and computing. Instants are ms."""

from __future__ import annotations

from typing import Any

from played import Batched, Play
from systems import constant, dynamic, pool

COPYING = {"per_batch": "4 ms", "overlapped": True}


def stages(count: int, **settings: Any) -> dict[str, Any]:
    """A pool whose servers have so many stages."""
    return pool(parallel={"pipeline": count}, **settings)


def test_a_batch_may_enter_when_the_first_stage_is_free(play: Play) -> None:
    """Four stages of 2.5 each."""
    seen = play([0, 0, 1, 9], stages(4))
    assert seen.started() == [0, 2.5, 5, 9]
    assert seen.finished == [10, 12.5, 15, 19]


def test_a_request_alone_is_as_quick_as_without_stages(play: Play) -> None:
    """10."""
    assert play([0], stages(3)).finished == [10]


def test_stages_are_passed_in_order(play: Play) -> None:
    """A batch of two takes 20, 10 a stage; a single one 12, 6 a stage.

    0 and 1 enter together at 0 and leave at 20. 2 enters at 10; done with the first stage at 16, it waits for the
    second until 20, and leaves at 26.
    """
    seen = play([0, 0, 1], stages(2, batching=dynamic(2), service=constant("4 ms", per_item="8 ms")))
    assert seen.batches() == [Batched(0, 0, 20, (0, 1)), Batched(0, 10, 26, (2,))]


def test_no_more_are_inside_than_there_are_stages(play: Play) -> None:
    """As before; 3 comes at 11 and finds the first stage free at 16, but two batches inside until 20."""
    seen = play([0, 0, 1, 11], stages(2, batching=dynamic(2), service=constant("4 ms", per_item="8 ms")))
    assert seen.started() == [0, 0, 10, 20]
    assert seen.finished == [20, 20, 26, 32]


def test_what_waits_for_the_first_stage_still_forms_batches(play: Play) -> None:
    """1 and 2 have come when the first stage is free at 5, and enter together."""
    seen = play([0, 1, 2], stages(2, batching=dynamic(4)))
    assert seen.batches() == [Batched(0, 0, 10, (0,)), Batched(0, 5, 15, (1, 2))]


def test_an_overhead_is_spent_in_the_first_stage(play: Play) -> None:
    """2 and then two stages of 5."""
    seen = play([0, 0], stages(2, overhead={"per_batch": "2 ms"}))
    assert seen.started() == [0, 7]
    assert seen.finished == [12, 19]


def test_a_shared_queue_hands_batches_to_a_pipeline_that_can_be_entered(play: Play) -> None:
    """0 and 1 enter one pipeline each; 2 and 3 wait until 5, when both can be entered again: the first of equals."""
    seen = play([0, 0, 0, 0], stages(2, servers=2, queue={"shared": True}))
    assert seen.servers() == [0, 1, 0, 1]
    assert seen.started() == [0, 0, 5, 5]


def test_a_shared_queue_does_not_wait_for_the_pipeline_with_the_fewest_batches(play: Play) -> None:
    """At 5.5 server 0 has one batch inside and can be entered; server 1, entered at 3, has one and is shut until 8."""
    seen = play([0, 3, 5.5, 6], stages(2, servers=2, queue={"shared": True}))
    assert seen.servers() == [0, 1, 0, 1]
    assert seen.started() == [0, 3, 5.5, 8]


def test_the_copy_of_the_next_batch_goes_on_while_the_device_works(play: Play) -> None:
    """0 is copied until 4 and works until 14. 1 is copied from 4 to 8 and works from 14 to 24.

    2 cannot be copied before 0 has left: from 14 to 18, and it works from 24 on.
    """
    seen = play([0, 0, 0], pool(overhead=COPYING))
    assert seen.started() == [0, 4, 14]
    assert seen.finished == [14, 24, 34]


def test_where_copying_takes_longest_it_sets_the_pace(play: Play) -> None:
    """Copies of 12 follow each other; the device works 10 after each."""
    seen = play([0, 0, 0], pool(overhead={"per_batch": "12 ms", "overlapped": True}))
    assert seen.started() == [0, 12, 24]
    assert seen.finished == [22, 34, 46]


def test_copying_that_is_not_overlapped_holds_the_instance(play: Play) -> None:
    """14 each."""
    assert play([0, 0, 0], pool(overhead={"per_batch": "4 ms"})).finished == [14, 28, 42]


def test_copying_ahead_of_a_pipeline_is_one_stage_more(play: Play) -> None:
    """Copies of 2, then two stages of 5: 1 is copied from 2 to 4 and waits for the first stage until 7.

    Three can be inside: 2 is copied from 4 to 6, waits until 12, and leaves at 22; 3 enters when 0 leaves, at 12.
    """
    overhead = {"per_batch": "2 ms", "overlapped": True}
    seen = play([0, 0, 0, 0], stages(2, overhead=overhead))
    assert seen.started() == [0, 2, 4, 12]
    assert seen.finished == [12, 17, 22, 27]


def test_without_an_overhead_two_batches_can_enter_at_one_instant(play: Play) -> None:
    """Nothing is copied, and the second waits inside for the first."""
    seen = play([0, 0, 0], pool(overhead={"overlapped": True}))
    assert seen.started() == [0, 0, 10]
    assert seen.finished == [10, 20, 30]
