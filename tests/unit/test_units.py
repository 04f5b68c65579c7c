from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from capsim.units import BANDWIDTH, LEAST, RATE, SHARE, SIZE, TIME, Duration, Unit


@pytest.mark.parametrize(
    ("unit", "text", "value"),
    [
        (TIME, "5 ms", 5_000_000),
        (TIME, "2.5ms", 2_500_000),
        (TIME, "  1   us ", 1_000),
        (TIME, "1 µs", 1_000),
        (TIME, "1e3 ns", 1_000),
        (TIME, "+.5 s", 500_000_000),
        (TIME, "1.4 ns", 1),
        (TIME, "2 min", 120 * 10**9),
        (TIME, "2 h", 7200 * 10**9),
        (TIME, "1 d", 86_400 * 10**9),
        (TIME, "0 ms", 0),
        (RATE, "200 /s", 200.0),
        (RATE, "5 /ms", 5000.0),
        (RATE, "90 /min", 1.5),
        (RATE, "3600 /h", 1.0),
        (RATE, "86400 /d", 1.0),
        (SIZE, "150 kB", 150_000),
        (SIZE, "2 KiB", 2048),
        (SIZE, "1.5 GiB", 3 * 2**29),
        (BANDWIDTH, "1 Gbit/s", 1e9),
        (BANDWIDTH, "1 MB/s", 8e6),
        (SHARE, "2 %", 0.02),
    ],
)
def test_a_quantity_is_read_in_base_units(unit: Unit, text: str, value: float) -> None:
    assert unit.parse(text) == value
    assert isinstance(unit.parse(text), int) == unit.whole


@pytest.mark.parametrize("bare", [5, 5.0, True, None, [], {}, float("nan"), "5", "ms", "", " ", "five ms", "1 2 ms"])
def test_a_quantity_without_its_unit_is_refused_with_an_example(bare: object) -> None:
    with pytest.raises(ValueError, match=r"expected a time with its unit such as '5 ms'|unknown unit"):
        TIME.parse(bare)


@pytest.mark.parametrize("text", ["nan ms", "inf ms", "0x5 ms", "٥ ms", "1_000 ms", "1e1000 ms", "1" * 100 + " ms"])
def test_what_is_no_plain_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected a time with its unit|unknown unit"):
        TIME.parse(text)


@pytest.mark.parametrize(
    ("unit", "text", "words"),
    [
        (TIME, "5 parsecs", "unknown unit 'parsecs' for a time; choose one of ns, us, µs, ms, s, min, h, d"),
        (TIME, "5 MS", "unknown unit 'MS'"),
        (RATE, "200 Hz", "unknown unit 'Hz' for a rate"),
        (BANDWIDTH, "1 kB", "unknown unit 'kB' for a bandwidth"),
        (TIME, "-1 ms", "must not be negative, got '-1 ms'"),
        (TIME, "3661 d", "must be at most 3660 d, got '3661 d'"),
        (TIME, "1e999 ns", "must be at most 3660 d"),
        (RATE, "1e10 /s", "must be at most"),
        (SIZE, "2000 GB", "must be at most 1000 GB"),
        (SHARE, "101 %", "must be at most 100 %"),
        (TIME, "0.1 ns", "must be at least one ns"),
        (SIZE, "0.1 B", "must be at least one B"),
        (RATE, "1e-300 /s", "must be zero or at least"),
        (RATE.positive, "1e-999 /s", "must be at least"),
        (TIME.positive, "0 ms", "must be more than zero"),
        (RATE.positive, "0 /s", "must be more than zero"),
        (BANDWIDTH, "0 bit/s", "must be more than zero"),
    ],
)
def test_what_makes_no_sense_is_refused(unit: Unit, text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words.replace("(", r"\(")):
        unit.parse(text)


@pytest.mark.parametrize(
    ("unit", "value", "text"),
    [
        (TIME, 0, "0 ms"),
        (TIME, 2_500_000, "2.5 ms"),
        (TIME, 1_500, "1.5 µs"),
        (TIME, 60 * 10**9, "60 s"),
        (TIME, 86_400 * 10**9, "1 d"),
        (TIME, 1, "1 ns"),
        (RATE, 200.0, "200 /s"),
        (SIZE, 150_000, "150 kB"),
        (SIZE, 2048, "2 KiB"),
        (BANDWIDTH, 1e9, "1 Gbit/s"),
        (SHARE, 0.02, "2 %"),
    ],
)
def test_a_quantity_is_written_as_short_as_is_exact(unit: Unit, value: float, text: str) -> None:
    assert unit.format(value) == text


@given(st.integers(0, int(TIME.most)))
def test_a_time_that_is_written_reads_the_same(value: int) -> None:
    assert TIME.parse(TIME.format(value)) == value


@given(st.integers(0, int(SIZE.most)))
def test_a_size_that_is_written_reads_the_same(value: int) -> None:
    assert SIZE.parse(SIZE.format(value)) == value


@given(st.sampled_from([RATE, BANDWIDTH, SHARE]), st.floats(LEAST, 1))
def test_a_number_that_is_written_reads_the_same(unit: Unit, value: float) -> None:
    assert unit.parse(unit.format(value)) == value


@given(st.text(max_size=80))
def test_any_text_is_a_time_or_refused(text: str) -> None:
    try:
        value = TIME.parse(text)
    except ValueError:
        return
    assert 0 <= value <= TIME.most


def test_a_field_says_its_unit_in_the_schema() -> None:
    schema = TypeAdapter(Duration).json_schema()
    assert schema["type"] == "string"
    assert schema["examples"] == ["5 ms"]
    assert TypeAdapter(Duration).dump_python(5_000_000, mode="json") == "5 ms"
