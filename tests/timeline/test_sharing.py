"""Instances of a server share its device. The work takes 10 ms alone; instants are ms."""

from __future__ import annotations

import pytest
from played import Batched, Play
from systems import constant, dynamic, pool


def test_with_full_overlap_instances_do_not_feel_each_other(play: Play) -> None:
    """Both take 10."""
    seen = play([0, 4], pool(instances=2, sharing={"overlap": 1}))
    assert seen.finished == [10, 14]


def test_without_overlap_two_run_at_half_speed(play: Play) -> None:
    """0 has done 4 when 1 begins: its other 6 take 12, until 16. 1 has then done 6: 4 more alone, until 20."""
    seen = play([0, 4], pool(instances=2, sharing={"overlap": 0}))
    assert seen.finished == [16, 20]


def test_with_half_overlap_two_run_at_two_thirds(play: Play) -> None:
    """The other 6 of 0 take 6 · 1.5 = 9, until 13. 1 has then done 9 / 1.5 = 6: 4 more alone, until 17."""
    seen = play([0, 4], pool(instances=2, sharing={"overlap": 0.5}))
    assert seen.finished == [13, 17]


def test_instances_that_take_turns_run_one_batch_at_a_time(play: Play) -> None:
    """1 begins at 10, when 0 has ended."""
    seen = play([0, 4], pool(instances=2, sharing={"turns": True}))
    assert seen.finished == [10, 20]


def test_unless_given_the_device_is_shared_fully(play: Play) -> None:
    """As with overlap 0."""
    seen = play([0, 4], pool(instances=2))
    assert seen.finished == [16, 20]


def test_three_instances_are_timed_anew_at_each_start_and_end(play: Play) -> None:
    """Work left at 6: 5.5 of 0 (3 alone, 1.5 of 3 shared), 8.5 of 1, 10 of 2; from then on a third of the speed.

    0 ends at 6 + 3 · 5.5 = 22.5, when 3 of 1 and 4.5 of 2 are left, at half speed. 1 ends at 22.5 + 2 · 3 = 28.5,
    when 1.5 of 2 are left: 30.
    """
    seen = play([0, 3, 6], pool(instances=3, sharing={"overlap": 0}))
    assert seen.finished == [22.5, 28.5, 30]


def test_three_together_end_together(play: Play) -> None:
    """Overlap 0.5: each takes 1 + 2 · 0.5 = 2 times longer."""
    seen = play([0, 0, 0], pool(instances=3, sharing={"overlap": 0.5}))
    assert seen.finished == [20, 20, 20]


def test_a_start_and_an_end_at_one_instant_leave_the_speed_as_it_is(play: Play) -> None:
    """0 and 1 end at 20, when 2 begins; alone it runs to 30."""
    seen = play([0, 0, 0], pool(instances=2, sharing={"overlap": 0}))
    assert seen.batches() == [Batched(0, 0, 20, (0,)), Batched(0, 0, 20, (1,)), Batched(0, 20, 30, (2,))]


def test_whoever_follows_an_end_shares_with_what_still_runs(play: Play) -> None:
    """0 ends at 16 as above. 2 begins then, while 1 has 4 left: 8 more, until 24. 2 has done 4: 6 alone, until 30."""
    seen = play([0, 4, 5], pool(instances=2, sharing={"overlap": 0}))
    assert seen.started() == [0, 4, 16]
    assert seen.finished == [16, 24, 30]


def test_times_round_to_whole_nanoseconds(play: Play) -> None:
    """In ns: work 10, overlap 0.5. At 3 request 0 has 7 left: 10.5, rounded up to 11, until 14.

    By then 1 has done 11 / 1.5 = 7.3, rounded down to 7: 3 left, until 17.
    """
    seen = play([0, 3e-6], pool(instances=2, sharing={"overlap": 0.5}, service=constant("10 ns")))
    assert seen.finished == [14e-6, 17e-6]


def test_overheads_come_first_and_do_not_use_the_device(play: Play) -> None:
    """Overhead 4. 0 works from 4 on, alone while 1 is at its overhead (6-10): 4 left at 10, 8 more, until 18.

    1 has then done 4: 6 alone, until 24.
    """
    seen = play([0, 6], pool(instances=2, sharing={"overlap": 0}, overhead={"per_batch": "4 ms"}))
    assert seen.finished == [18, 24]


def test_an_overhead_is_not_slowed(play: Play) -> None:
    """0 works from 4 to 14, just as the overhead of 1 (10-14) ends: neither shared the device."""
    seen = play([0, 10], pool(instances=2, sharing={"overlap": 0}, overhead={"per_batch": "4 ms"}))
    assert seen.finished == [14, 24]


def test_servers_do_not_share_with_each_other(play: Play) -> None:
    """Two devices, a batch on each."""
    seen = play([0, 0], pool(servers=2, instances=2, sharing={"overlap": 0}))
    assert seen.finished == [10, 10]


def test_an_instance_takes_a_batch_as_a_server_does(play: Play) -> None:
    """Two full batches at 0 share the device, until 20; the fifth request waits its delay of 25."""
    seen = play([0] * 5, pool(instances=2, batching=dynamic(2, "25 ms")))
    assert seen.batches() == [Batched(0, 0, 20, (0, 1)), Batched(0, 0, 20, (2, 3)), Batched(0, 25, 35, (4,))]


@pytest.mark.parametrize(("overlap", "finished"), [(0.25, 17.5), (0.75, 12.5), (0.9, 11)])
def test_the_rate_is_one_over_one_plus_what_does_not_overlap(play: Play, overlap: float, finished: float) -> None:
    """Two that begin together take 10 · (1 + (1 - overlap))."""
    seen = play([0, 0], pool(instances=2, sharing={"overlap": overlap}))
    assert seen.finished == [finished, finished]
