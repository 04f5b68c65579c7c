"""JAX profiler: Chrome traces (`.trace.json.gz`); durations of a `TraceAnnotation` span.

A JAX call returns before its work is done: the span holds the work only where the program waits for it inside
(`block_until_ready`). `TraceAnnotation("predict", batch_size=8)` tells the batch size in the trace.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from capsim.importer.imported import Imported
from capsim.importer.lanes import of_lane
from capsim.importer.spans import Options, gather, named, read_spans

TOOL = "JAX profiler"
FILES = "Traces: .trace.json.gz or .json."


def read(files: Sequence[Path], options: Options) -> Imported:
    """Samples by batch size.

    Raises:
        InputError: no such file, no trace, no such span, no batch size, or durations that make no sense.
    """
    taken = {file: of_lane(named(read_spans(file), options.span, str(file)), options.lane, str(file)) for file in files}
    gathered = gather(taken, options.span, options.batch_sizes, options.skip)
    return Imported(
        samples=gathered.samples,
        measured={
            "span": options.span,
            "latency_holds": "time on the host within the span, while the profiler was on",
            "left_out_of_each_file": options.skip,
        },
        warnings=gathered.warnings,
    )
