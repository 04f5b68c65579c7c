"""How what pydantic says becomes something to act on."""

from __future__ import annotations

import time
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from capsim.documents import parse_yaml, validate
from capsim.documents.explain import MOST_FAULTS
from capsim.errors import Fault, InputError, did_you_mean
from capsim.parameters import Flag, Number, PositiveInt, Whole, choice, parameters
from capsim.units import Duration


@parameters
class Circle:
    """One of two shapes."""

    kind: Literal["circle"]
    radius: Number


@parameters
class Square:
    """The other one."""

    kind: Literal["square"]
    side: Number
    corners: Whole = 4


def _kind(value: Any) -> str | None:
    return value.get("kind") if isinstance(value, dict) else None


Word = Annotated[str, Field(min_length=2, max_length=9)]
Shape: Any = choice({"circle": Circle, "square": Square}, _kind)


@parameters
class Drawing:
    """A document."""

    title: str
    shapes: Annotated[list[Shape], Field(max_length=100_000)] = Field(default_factory=list)
    copies: PositiveInt = 1
    share: Annotated[Number, Field(ge=0, lt=1)] = 0
    colour: Literal["red", "green"] = "red"
    framed: Flag = False
    dries_in: Duration = 0
    words: Annotated[list[Word], Field(min_length=1, max_length=3)] | None = None
    weights: Annotated[dict[str, Number], Field(min_length=2)] | None = None


def told(text: str) -> list[tuple[int | None, str, str]]:
    """The faults of a drawing."""
    with pytest.raises(InputError) as caught:
        validate(Drawing, parse_yaml(text, "drawing.yaml"))
    return [(fault.line, fault.path, fault.message) for fault in caught.value.faults]


def test_a_document_without_faults_is_its_value() -> None:
    drawing = validate(Drawing, parse_yaml("title: x\nshapes: [{kind: circle, radius: 1}]\n", "drawing.yaml"))
    assert drawing == Drawing(title="x", shapes=[Circle(kind="circle", radius=1)])


@pytest.mark.parametrize(
    ("line", "path", "message"),
    [
        ("colours: red", "colours", "unknown field; did you mean colour?"),
        ("frmaed: true", "frmaed", "unknown field; did you mean framed?"),
        ("qqq: 1", "qqq", "unknown field"),
        ("copies: 0", "copies", "must be at least 1, got 0"),
        ("copies: 2.5", "copies", "expected a whole number, got 2.5"),
        ("copies: '2'", "copies", "expected a whole number, got '2'"),
        ("copies: many", "copies", "expected a whole number, got 'many'"),
        ("copies: true", "copies", "expected a whole number, got true"),
        ("copies:", "copies", "expected a whole number, got nothing"),
        ("copies: [1]", "copies", "expected a whole number, got a list"),
        ("share: 1", "share", "must be less than 1.0, got 1"),
        ("share: -0.5", "share", "must be at least 0.0, got -0.5"),
        ("share: .nan", "share", "expected a finite number, got nan"),
        ("share: .inf", "share", "expected a finite number, got inf"),
        ("share: half", "share", "expected a number, got 'half'"),
        ("colour: gren", "colour", "unknown choice 'gren'; choose red, green; did you mean green?"),
        ("framed: 1", "framed", "expected true or false, got 1"),
        ("framed: yes", "framed", "expected true or false, got 'yes'"),
        ("words: []", "words", "must have at least 1 entry, got none"),
        ("words: [ab, ab, ab, ab, ab]", "words", "must have at most 3 entries, got 5"),
        ("words: [a]", "words[0]", "must have at least 2 characters, got 1"),
        ("words: ['']", "words[0]", "must have at least 2 characters, got none"),
        ("words: [abcdefghijk]", "words[0]", "must have at most 9 characters, got 11"),
        ("weights: {a: 1}", "weights", "must have at least 2 entries, got 1"),
        ("weights: [1, 2]", "weights", "expected a mapping, got a list"),
        ("weights: {a: 1, b: x}", "weights.b", "expected a number, got 'x'"),
        ("dries_in: 5", "dries_in", "expected a time with its unit such as '5 ms', got 5"),
        ("shapes: {}", "shapes", "expected a list, got a mapping"),
        ("shapes: [5]", "shapes[0]", "expected a mapping with kind (circle, square), got 5"),
        (
            "shapes: [sqare]",
            "shapes[0]",
            "expected a mapping with kind (circle, square), got 'sqare'; did you mean {kind: square, …}?",
        ),
        ("shapes: [{side: 1}]", "shapes[0]", "needs kind; choose circle, square"),
        ("shapes: [{kinds: 1}]", "shapes[0]", "needs kind; choose circle, square; is kinds meant for kind?"),
        ("shapes: [{kind: box}]", "shapes[0].kind", "unknown choice 'box'; choose circle, square"),
        ("shapes: [{kind: square}]", "shapes[0].side", "is missing"),
        ("shapes: [{kind: circle, radius: 1, side: 2}]", "shapes[0].side", "unknown field"),
        ("shapes: [{kind: square, side: 1, corner: 2}]", "shapes[0].corner", "unknown field; did you mean corners?"),
    ],
)
def test_a_fault_says_where_what_was_expected_and_what_was_found(line: str, path: str, message: str) -> None:
    assert told(f"title: x\n{line}\n") == [(2, path, message)]


def test_what_is_missing_has_the_line_of_what_lacks_it() -> None:
    assert told("copies: 1\n") == [(1, "title", "is missing")]


def test_a_document_of_another_form_is_refused() -> None:
    assert told("[1]") == [(1, "", "expected a mapping, got a list")]
    assert told("5") == [(1, "", "expected a mapping, got 5")]


def test_all_faults_come_at_once_in_the_order_of_the_document() -> None:
    text = """title: 5
shapes:
  - {kind: circle}
  - kind: triangle
  - kind: square
    side: big
    sides: 1
copies: -1
framd: true
"""
    assert told(text) == [
        (1, "title", "expected text, got 5"),
        (3, "shapes[0].radius", "is missing"),
        (4, "shapes[1].kind", "unknown choice 'triangle'; choose circle, square"),
        (6, "shapes[2].side", "expected a number, got 'big'"),
        (7, "shapes[2].sides", "unknown field; did you mean side?"),
        (8, "copies", "must be at least 1, got -1"),
        (9, "framd", "unknown field; did you mean framed?"),
    ]


def test_a_long_value_is_shown_in_part() -> None:
    [(_, _, message)] = told(f"title: x\ncopies: '{'9' * 500}'\n")
    assert len(message) < 100
    assert message.endswith("…")


def test_countless_faults_are_counted() -> None:
    text = "title: x\n" + "".join(f"frame{i}: 1\n" for i in range(10_000))
    started = time.process_time()
    found = told(text)
    assert time.process_time() - started < 3
    assert len(found) == MOST_FAULTS
    assert found[0] == (2, "frame0", "unknown field; did you mean framed?")
    with pytest.raises(InputError) as caught:
        validate(Drawing, parse_yaml(text, "drawing.yaml"))
    assert str(caught.value).splitlines()[0].endswith(" has 10,000 problems")
    assert str(caught.value).endswith("  and 9,990 more")
    assert caught.value.to_dict()["more"] == 9_990


def test_an_error_reads_as_a_table_of_faults() -> None:
    faults = [Fault("pools[0].servers", "must be at least 1, got 0", 4), Fault("name", "is missing")]
    assert str(InputError("vision.yaml", faults)) == (
        "vision.yaml has 2 problems\n"
        "  line   4  pools[0].servers  must be at least 1, got 0\n"
        "  name              is missing"
    )
    elsewhere = Fault("pools[0].profile", "no such file", 4, "absent.csv")
    assert str(InputError("vision.yaml", [elsewhere])) == (
        "vision.yaml has 1 problem\n  line   4  pools[0].profile  absent.csv: no such file"
    )


def test_the_nearest_word_is_meant_if_any_is_near() -> None:
    assert did_you_mean("max_bacth_size", ["policy", "max_batch_size"]) == "; did you mean max_batch_size?"
    assert did_you_mean("qqq", ["policy", "max_batch_size"]) == ""
    assert did_you_mean("x" * 10_000_000, ["policy"] * 10) == ""
