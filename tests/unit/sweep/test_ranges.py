from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capsim.scenario.ranges import values_of


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1:4", ["1", "2", "3", "4"]),
        ("1:10:3", ["1", "4", "7", "10"]),
        ("2:2", ["2"]),
        ("0.1:0.3:0.1", ["0.1", "0.2", "0.3"]),
        ("1e3:2e3:500", ["1000", "1500", "2000"]),
        ("100 /s:300 /s:100 /s", ["100 /s", "200 /s", "300 /s"]),
        ("1:3:1 ms", ["1 ms", "2 ms", "3 ms"]),
        ("1 ms:3 ms", ["1 ms", "2 ms", "3 ms"]),
        ("1,2,4,8", ["1", "2", "4", "8"]),
        ("1:3, 8", ["1", "2", "3", "8"]),
        ("[4, 8],[16]", ["[4, 8]", "[16]"]),
        (
            "{policy: none},{policy: dynamic, max_batch_size: 2}",
            ["{policy: none}", "{policy: dynamic, max_batch_size: 2}"],
        ),
        ("shipped:a,b.csv", ["shipped:a", "b.csv"]),
    ],
)
def test_values(text: str, values: list[str]) -> None:
    assert values_of(text) == values


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "one of them is empty"),
        ("1,,2", "one of them is empty"),
        ("5:1", "is empty: it ends below its start"),
        ("1:5:0", "the step must be more than zero"),
        ("1:", "expected a range"),
        (":5", "expected a range"),
        ("1:five", "expected a range"),
        ("0.5:1.5", "needs a step"),
        ("1 ms:1 s", "keeps to one unit, got ms and s"),
        ("1:3,2", "names 2 twice"),
        ("1:1e9", "has 1,000,000,000 values"),
        ("1e999:2e999", "at most 15 digits are taken, got 1e999"),
        (f"{'1' * 5000}:2", "at most 15 digits are taken, got 111111111111111…"),
        ("0:1:1e-30", "at most 15 digits are taken, got 1e-30"),
    ],
)
def test_what_is_no_list_of_values(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        values_of(text)


@given(st.integers(-50, 50), st.integers(0, 40), st.integers(1, 7))
def test_a_range_is_that_of_python_with_both_ends(low: int, more: int, step: int) -> None:
    assert values_of(f"{low}:{low + more}:{step}") == [str(i) for i in range(low, low + more + 1, step)]
