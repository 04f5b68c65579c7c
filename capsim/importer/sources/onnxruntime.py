"""onnxruntime: profiling JSON (`enable_profiling`); durations of `model_run`.

The batch size is what recurrent nodes say, else the leading dimension of most outputs of the nodes that ran within a
`model_run`, unless it is told; where a sequence may stand before the batch it must be.
Profiling of every node takes time itself, which the durations hold.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from capsim.errors import Fault, InputError
from capsim.importer.imported import Imported
from capsim.importer.spans import ARGUMENT, Span, gather, named, read_spans
from capsim.parameters import parameters

TOOL = "onnxruntime profiling"
FILES = "Profiles: onnxruntime_profile_….json."
RUN, NODE = "model_run", "Node"
SURE = 0.5
"""The share of outputs that must agree on the batch size."""
ALL = 0.9
"""The share of outputs from which a second dimension is in all of them."""
DIRECTIONS = (1, 2)
"""Of a recurrent node: forward, or both."""


@parameters
class Options:
    """What to take of the file."""

    batch_sizes: str | None = None
    """The batch size of each file, where it is not to be taken from the shapes: 1,4,8."""
    skip: int = 0
    """First runs of each file and batch size to leave out, as warm-up."""


def read(files: Sequence[Path], options: Options) -> Imported:
    """Samples by batch size.

    Raises:
        InputError: no such file, no profile, no run, shapes that do not tell the batch size, or durations that make no
            sense.
    """
    taken = {file: _runs(file, told=bool(options.batch_sizes)) for file in files}
    gathered = gather(taken, RUN, options.batch_sizes, options.skip)
    providers = sorted(
        {str(span.arguments["provider"]) for spans in taken.values() for span in spans if "provider" in span.arguments}
    )
    return Imported(
        samples=gathered.samples,
        measured={
            "latency_holds": "a whole run of the session, and what profiling of its nodes takes",
            "batch_size_from": "the user" if options.batch_sizes else "outputs of nodes",
            **({"providers": providers} if providers else {}),
            "left_out_of_each_file": options.skip,
        },
        runtime="onnxruntime",
        warnings=gathered.warnings,
    )


def _runs(file: Path, *, told: bool) -> list[Span]:
    """The runs, each with the batch size that its nodes show and the provider they ran on."""
    spans = read_spans(file)
    runs = named(spans, RUN, str(file))
    nodes = sorted((span for span in spans if span.category == NODE), key=lambda span: span.start_us)
    starts = [node.start_us for node in nodes]
    runs_of_model = []
    for run in runs:
        inside = nodes[bisect_left(starts, run.start_us) : bisect_right(starts, run.start_us + run.duration_us)]
        arguments: dict[str, Any] = {} if told else {ARGUMENT: _batch_size(inside, run, str(file))}
        providers = {node.arguments["provider"] for node in inside if "provider" in node.arguments}
        if providers:
            arguments["provider"] = ", ".join(sorted(map(str, providers)))
        runs_of_model.append(replace(run, arguments=arguments))
    return runs_of_model


def _batch_size(nodes: Sequence[Span], run: Span, source: str) -> int:
    """What recurrent nodes say, else the leading dimension that most outputs of at least two dimensions share."""
    outputs = [list(_shapes(node)) for node in nodes]
    recurrent = Counter(size for shapes in outputs if (size := _of_recurrent(shapes)) is not None)
    shapes = [shape for each in outputs for shape in each if len(shape) >= 2]
    leading = Counter(shape[0] for shape in shapes)
    said = "its nodes do not tell the batch size"
    if len(recurrent) == 1:
        return next(iter(recurrent))
    if leading and not recurrent:
        size, count = leading.most_common(1)[0]
        other = _second_axis(shapes, size) or _unfolded(shapes, size)
        if other is not None:
            said = f"the outputs of its nodes begin with {size} and {other}, either of which may be the batch size"
        elif count > SURE * leading.total():
            return size
    raise InputError(source, [Fault(f"[{run.place}] {RUN}", f"{said}; say --batch-sizes, one for each file")])


def _of_recurrent(shapes: Sequence[Sequence[int]]) -> int | None:
    """The batch size by the outputs of LSTM, GRU or RNN: the sequence Y and its last state Y_h.

    Y is [steps, directions, batch, hidden] and Y_h [directions, batch, hidden]; or, with layout 1, [batch, steps,
    directions, hidden] and [batch, directions, hidden] (ONNX operators LSTM, GRU and RNN).
    """
    if len(shapes) < 2 or len(shapes[0]) != 4 or len(shapes[1]) != 3:
        return None
    y, last = shapes[0], shapes[1]
    directions, batch, _ = last
    if y[1:] == last and directions in DIRECTIONS:
        return batch
    batch, directions, _ = last
    return batch if [y[0], *y[2:]] == last and directions in DIRECTIONS else None


def _second_axis(shapes: Sequence[Sequence[int]], size: int) -> int | None:
    """The second dimension where it is as common as the first in outputs of three, and none of two tells them apart."""
    deep = [shape for shape in shapes if len(shape) >= 3]
    threes = [shape for shape in deep if len(shape) == 3]
    if not deep or len(threes) < SURE * len(deep):
        return None
    second, often = Counter(shape[1] for shape in deep).most_common(1)[0]
    told = any(shape[0] == size != second and shape[1] != second for shape in shapes if len(shape) == 2)
    return second if often >= ALL * len(deep) and not told else None


def _unfolded(shapes: Sequence[Sequence[int]], size: int) -> int | None:
    """What the last output begins with, where most begin with a multiple of it: batch and sequence folded into one."""
    last = shapes[-1][0]
    return last if last not in {0, size} and size % last == 0 else None


def _shapes(node: Span) -> Iterator[list[int]]:
    listed: Any = node.arguments.get("output_type_shape", [])
    for typed in listed if isinstance(listed, list) else []:
        for shape in typed.values() if isinstance(typed, dict) else []:
            if isinstance(shape, list) and all(isinstance(part, int) for part in shape):
                yield shape
