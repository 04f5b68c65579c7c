from __future__ import annotations

import numpy as np
import pytest

from capsim.errors import InputError
from capsim.profiler.inputs import Input, described, draw, parse, with_length


def test_inputs_are_drawn_by_type() -> None:
    drawn = draw(
        [
            Input("image", "float32", (3, 4)),
            Input("ids", "int64", (8,), 100),
            Input("attention_mask", "int64", (8,)),
            Input("half", "float16", (2,)),
        ],
        5,
    )
    assert {name: (value.shape, value.dtype.name) for name, value in drawn.items()} == {
        "image": ((5, 3, 4), "float32"),
        "ids": ((5, 8), "int64"),
        "attention_mask": ((5, 8), "int64"),
        "half": ((5, 2), "float16"),
    }
    assert (drawn["attention_mask"] == 1).all()
    ids = drawn["ids"].astype(int)
    assert 2 < ids.max() < 100
    assert len(np.unique(ids)) > 10


def test_the_same_values_each_time() -> None:
    inputs = [Input("x", "float32", (3,))]
    assert np.array_equal(draw(inputs, 2)["x"], draw(inputs, 2)["x"])


def test_the_sequence_length_fills_every_gap() -> None:
    inputs = with_length([Input("ids", "int64", (None,)), Input("x", "float32", (None, 4))], 16)
    assert described(inputs) == {"ids": ["batch", 16], "x": ["batch", 16, 4]}
    with pytest.raises(InputError, match="has a free dimension: give --sequence-length"):
        with_length([Input("x", "float32", (None,))], None)


def test_inputs_are_written_as_type_and_sizes() -> None:
    assert parse("float32:3x224x224", 0) == Input("input0", "float32", (3, 224, 224))
    for text in ("float32", "float32:", "3x4", "float33:3", "float32:3x", "float32:-1", "float32:3 x 4"):
        with pytest.raises(InputError, match="expected TYPE:SIZExSIZE"):
            parse(text, 0)


@pytest.mark.parametrize("size", [10**12, 10**19])
def test_inputs_beyond_memory_are_a_memory_error(size: int) -> None:
    with pytest.raises(MemoryError):
        draw([Input("x", "float32", (1000,))], size)
