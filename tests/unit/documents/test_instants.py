"""Columns of times: what they are taken for, and how far apart their rows then lie."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from capsim.documents.instants import clock_of


@pytest.mark.parametrize(
    ("texts", "words", "seconds"),
    [
        (["0", "0.5", "12"], "seconds", [0, 0.5, 12]),
        (["99999999", "99999999.5"], "seconds", [99999999, 99999999.5]),
        (["1795799717.25", "1795799718"], "Unix times in s", [0, 0.75]),
        (["1795799717250", "1795799718000"], "Unix times in ms", [0, 0.75]),
        (["1795799717250000", "1795799717250001"], "Unix times in µs", [0, 1e-6]),
        (["1795799717250000000", "1795799717250000007"], "Unix times in ns", [0, 7e-9]),
        (["2023-11-16 18:17:03.9799600", "2023-11-16 18:17:04.0319600"], "without a time zone", [0, 0.052]),
        (["2023-11-16T18:17:03Z", "2023-11-16T20:17:05+02:00"], "ISO 8601 times", [0, 2]),
        (["2023-10-29T02:59:59+02:00", "2023-10-29T02:00:00+01:00"], "ISO 8601 times", [0, 1]),
        (["2026-01-01 10:00:00,123", "2026-01-01 10:00:00,223"], "without a time zone", [0, 0.1]),
        (["2026-01-02T10:00:00Z", "2026-01-01T10:00:00Z"], "ISO 8601 times", [0, -86400]),
    ],
)
def test_times_of_a_kind(texts: list[str], words: str, seconds: list[float]) -> None:
    column = pd.Series(texts)
    clock = clock_of(column)
    assert clock.kind_words.endswith(words)
    assert clock.seconds(column) == pytest.approx(seconds, abs=1e-6 if "in s" in words else 1e-12)


def test_a_time_of_another_kind_is_none() -> None:
    column = pd.Series(["2023-11-16T18:17:03Z", "2023-11-16T18:17:04Z", "2023-11-16T18:17:05", "20231116T181706Z"])
    assert np.isfinite(clock_of(column).seconds(column)).tolist() == [True, True, False, True]


def test_the_first_time_is_told() -> None:
    assert clock_of(pd.Series(["1795799717250"])).words == (
        "Unix times in ms, counted from the first, 2026-11-27T17:15:17.250Z"
    )
    assert clock_of(pd.Series(["2023-11-16 18:17:03.97"])).words.endswith("2023-11-16T18:17:03.970")
    assert clock_of(pd.Series(["1e30"])).kind == "seconds"
    assert clock_of(pd.Series(["words"])).kind == "seconds"


@pytest.mark.parametrize(
    ("texts", "whole"),
    [
        (["1795799717", "1795799718.0"], True),
        (["1795799717.250", "1795799718.250"], False),
        (["1795799717000", "1795799718000"], True),
        (["1795799717010", "1795799718000"], False),
        (["1795799717000000000", "1795799718000000001"], False),
        (["2026-01-01T00:00:00Z", "2026-01-01T00:00:01.000Z"], True),
        (["2026-01-01T00:00:00.5Z", "2026-01-01T00:00:01.5Z"], False),
    ],
)
def test_whole_seconds_are_told_from_others(texts: list[str], whole: bool) -> None:
    column = pd.Series(texts)
    assert clock_of(column).in_whole_seconds(column) == whole


def test_a_unit_that_the_column_names_is_taken() -> None:
    clock = clock_of(pd.Series(["1000", "2500"]), "ms")
    assert clock.seconds(pd.Series(["1000", "2500"])).tolist() == [0, 1.5]


@pytest.mark.parametrize("far", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2610-07-23T00:00:00Z"])
def test_a_time_beyond_64_bits_of_nanoseconds_is_none(far: str) -> None:
    column = pd.Series(["2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z", far])
    assert np.isfinite(clock_of(column).seconds(column)).tolist() == [True, True, False]
    assert clock_of(pd.Series([far, far])).kind == "seconds"
