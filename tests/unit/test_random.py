from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capsim.random import Stream, in_order


def test_the_generator_is_splitmix64() -> None:
    # The first five outputs for seed 1234567, as published with the reference code (Vigna, splitmix64.c).
    published = [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]
    expected = [((value >> 12) + 0.5) * 2.0**-52 for value in published]
    assert Stream(1234567).uniforms(0, 5).tolist() == expected


@given(st.integers(0, 2**64 - 1), st.integers(0, 1000), st.integers(0, 50), st.integers(0, 50))
def test_a_draw_does_not_depend_on_what_is_drawn_with_it(key: int, start: int, before: int, after: int) -> None:
    stream = Stream(key)
    alone = stream.uniforms(start, start + 1)[0]
    among = stream.uniforms(max(0, start - before), start + 1 + after)[min(before, start)]
    assert alone == among


@given(st.integers(0, 2**64 - 1))
def test_uniforms_are_inside_the_open_interval(key: int) -> None:
    drawn = Stream(key).uniforms(0, 1000)
    assert drawn.min() > 0
    assert drawn.max() < 1


def test_uniforms_are_spread_evenly() -> None:
    drawn = Stream.named(0, 0, "any").uniforms(0, 200_000)
    counts, _ = np.histogram(drawn, bins=100, range=(0, 1))
    # Chi-square with 99 degrees of freedom lies within these bounds 99.99 % of the time.
    assert 53 < float(((counts - 2000) ** 2 / 2000).sum()) < 160


@pytest.mark.parametrize("other", [(0, 0, "service/gpu/1"), (1, 0, "service/gpu/0"), (0, 1, "service/gpu/0")])
def test_streams_of_another_name_seed_or_replication_are_unrelated(other: tuple[int, int, str]) -> None:
    mine = Stream.named(0, 0, "service/gpu/0").uniforms(0, 10_000)
    theirs = Stream.named(*other).uniforms(0, 10_000)
    assert abs(np.corrcoef(mine, theirs)[0, 1]) < 4 / 100


def test_names_that_look_alike_are_different_streams() -> None:
    assert Stream.named(1, 11, "a") != Stream.named(11, 1, "a")
    assert Stream.named(0, 0, "pool/1") != Stream.named(0, 0, "pool/10")


def test_a_name_has_the_same_stream_in_every_version() -> None:
    """What was simulated with a seed can be simulated again."""
    assert Stream.named(7, 0, "arrivals").uniforms(0, 3).tolist() == [
        0.9256148529573175,
        0.1577870661174584,
        0.07302666370136002,
    ]


def test_no_draws_are_an_empty_array() -> None:
    assert Stream(1).uniforms(5, 5).tolist() == []


@given(st.integers(1, 20))
def test_draws_come_in_order_whatever_the_block(block: int) -> None:
    stream = Stream(42)
    assert list(itertools.islice(in_order(stream.uniforms, block), 50)) == stream.uniforms(0, 50).tolist()
