"""Faults in words: bounded, however many and however long they are."""

from __future__ import annotations

import pytest

from capsim.errors import Fault, InputError, comma_hint


def test_of_one_kind_ten_are_told_and_how_many_more() -> None:
    error = InputError("t.csv", [Fault(f"c{i}", f"column {i} is given '{i}' times", 1) for i in range(100_000)])
    assert str(error).startswith("t.csv has 100,000 problems")
    assert str(error).endswith("and 99,990 more")
    assert len(str(error).splitlines()) == 12
    assert len(error.faults) == 100_000
    told = error.to_dict()
    assert (len(told["faults"]), told["more"]) == (10, 99_990)


def test_faults_of_many_kinds_are_told_all() -> None:
    error = InputError("s.yaml", [Fault("a", f"kind {letter}") for letter in "abcdefghijklmnopqrst"])
    assert len(str(error).splitlines()) == 21


def test_long_words_are_cut() -> None:
    error = InputError("n" * 10_000, [Fault("p" * 10_000, "m" * 1_000_000, file="f" * 10_000)])
    assert len(str(error)) < 3000
    assert len(str(error.to_dict())) < 3000


def test_faults_as_data() -> None:
    found = InputError("s.yaml", [Fault("a.b", "is missing", 3), Fault("", "is odd", file="p.yaml")]).to_dict()
    assert found["schema"] == "capsim.faults/1"
    assert found["faults"] == [
        {"file": "s.yaml", "line": 3, "path": "a.b", "message": "is missing"},
        {"file": "p.yaml", "line": None, "path": "", "message": "is odd"},
    ]


@pytest.mark.parametrize(("text", "point"), [("0,5", "0.5"), ("80,5 /s", "80.5 /s"), (" -1,25 ms ", "-1.25 ms")])
def test_a_decimal_comma_is_seen(text: str, point: str) -> None:
    assert comma_hint(text) == f"; write a point in place of the comma: {point}"


@pytest.mark.parametrize("text", ["1,2,3", "1.5", "1,", "a,b", 5, None, "5 ms, 6 ms"])
def test_what_is_no_decimal_comma(text: object) -> None:
    assert comma_hint(text) == ""
