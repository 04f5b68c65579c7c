"""PyTorch profiler: Chrome or TensorBoard traces; durations of a `record_function` span.

A span on the processor ends when the last kernel is launched, not when it is done. Where the trace has the same span on
the GPU (category `gpu_user_annotation`), that one is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from capsim.errors import CodedWarning
from capsim.importer.imported import Imported
from capsim.importer.lanes import joined, of_lane
from capsim.importer.spans import Options, Span, gather, named, read_spans

TOOL = "PyTorch profiler"
FILES = "Traces: .json or .json.gz."
ON_GPU, ON_CPU, KERNEL = "gpu_user_annotation", "user_annotation", "kernel"
HOLDS = {
    ON_GPU: "time on the GPU, from the first to the last kernel of the span",
    ON_CPU: "time on the processor within the span, while the profiler was on",
}


def read(files: Sequence[Path], options: Options) -> Imported:
    """Samples by batch size.

    Raises:
        InputError: no such file, no trace, no such span, no batch size, or durations that make no sense.
    """
    taken: dict[Path, list[Span]] = {}
    warnings = []
    for file in files:
        spans = read_spans(file)
        named_so = of_lane(named(spans, options.span, str(file)), options.lane, str(file))
        taken[file] = _of_one_kind(named_so)
        if taken[file][0].category == ON_GPU:
            taken[file] = joined(taken[file], str(file))
        if taken[file][0].category != ON_GPU and any(span.category == KERNEL for span in spans):
            said = f"{file}: the spans are of the processor alone, and kernels of the GPU may run on after them"
            warnings.append(CodedWarning("gpu_work_left_out", said))
    gathered = gather(taken, options.span, options.batch_sizes, options.skip)
    kinds = {spans[0].category for spans in taken.values()}
    holds = "; ".join(sorted(HOLDS.get(kind, HOLDS[ON_CPU]) for kind in kinds))
    return Imported(
        samples=gathered.samples,
        measured={"span": options.span, "latency_holds": holds, "left_out_of_each_file": options.skip},
        warnings=[*warnings, *gathered.warnings],
    )


def _of_one_kind(spans: Sequence[Span]) -> list[Span]:
    kinds = {span.category for span in spans}
    kind = next((kind for kind in (ON_GPU, ON_CPU) if kind in kinds), min(kinds))
    return [span for span in spans if span.category == kind]
