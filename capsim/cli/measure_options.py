"""The options of `capsim profile measure`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from capsim.profiler.architectures import ARCHITECTURES

_WHAT, _HOW, _LONG, _SAID = "What is measured", "How it runs", "How long", "What the profile says"

Architecture = Annotated[
    str | None,
    typer.Option(rich_help_panel=_WHAT, help=f"A built-in one with random weights: {', '.join(ARCHITECTURES)}."),
]
Model = Annotated[
    Path | None,
    typer.Option(
        rich_help_panel=_WHAT,
        help="An ONNX, TorchScript or .pt2 file. A file of PyTorch is code: it can do what any program can.",
    ),
]
Function = Annotated[
    str | None,
    typer.Option(
        "--callable",
        rich_help_panel=_WHAT,
        metavar="MODULE:FUNCTION",
        help="A Python function that is given a batch size and runs a batch to its end.",
    ),
]
Inputs = Annotated[
    list[str],
    typer.Option(
        "--input",
        rich_help_panel=_WHAT,
        metavar="TYPE:SIZES",
        help="One item of an input of a file of PyTorch, for example float32:3x224x224. Repeatable.",
    ),
]
Precision = Annotated[
    str | None,
    typer.Option(
        rich_help_panel=_WHAT,
        help="Of an architecture: fp32, int8 or int8-static (quantised by onnxruntime), fp16 or bf16 (torch), "
        "tf32 (CUDA). Of a file or a function: a word for the profile.",
    ),
]
Width = Annotated[
    float,
    typer.Option(
        rich_help_panel=_WHAT,
        help="Structured pruning: the share of its channels, heads and neurons that every layer keeps.",
    ),
]
SequenceLength = Annotated[
    str | None,
    typer.Option(rich_help_panel=_WHAT, help="Tokens per item; several, such as 64,128, give a profile each."),
]
BatchSizes = Annotated[str, typer.Option(rich_help_panel=_WHAT, help="Batch sizes to measure.")]
Instances = Annotated[
    str,
    typer.Option(
        rich_help_panel=_WHAT, help="How many instances share the device at once, for example 1,2,4: gives the overlap."
    ),
]
Runtime = Annotated[
    str | None,
    typer.Option(rich_help_panel=_HOW, help="For an architecture: onnxruntime, if not given, or torch."),
]
Device = Annotated[str, typer.Option(rich_help_panel=_HOW, help="cpu or cuda.")]
Threads = Annotated[int, typer.Option(rich_help_panel=_HOW, help="Threads that compute within one operator.")]
Cores = Annotated[
    str | None,
    typer.Option(
        rich_help_panel=_HOW,
        help="Cores to pin to, such as 0-7 or 0,2,4; if not given, one per thread, and with CUDA none.",
    ),
]
Samples = Annotated[int, typer.Option(rich_help_panel=_LONG, help="Least number of measured batches of each size.")]
MostSamples = Annotated[
    int, typer.Option(rich_help_panel=_LONG, help="Most of them, where the intervals do not become narrow before.")
]
Tolerance = Annotated[
    str,
    typer.Option(
        rich_help_panel=_LONG,
        help="The 95 % intervals of the median and of p99 are narrow when they end this near to the value.",
    ),
]
TimeLimit = Annotated[
    str | None,
    typer.Option(rich_help_panel=_LONG, help="Stop after this time, for example '10 min'; the same command resumes."),
]
Seed = Annotated[int, typer.Option(rich_help_panel=_LONG, help="Of the order of the batch sizes.")]
HardwareKind = Annotated[
    str | None, typer.Option(rich_help_panel=_SAID, help="cpu, gpu or edge; if not given, by the device.")
]
HardwareName = Annotated[str | None, typer.Option(rich_help_panel=_SAID, help="What the hardware is called.")]
Force = Annotated[
    bool, typer.Option("--force", rich_help_panel=_SAID, help="Measure anew in place of a profile that is there.")
]
Output = Annotated[
    Path | None, typer.Option(rich_help_panel=_SAID, help="The profile; its samples go beside it as CSV.")
]
