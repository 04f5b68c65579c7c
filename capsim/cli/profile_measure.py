"""`capsim profile measure`: a latency profile taken on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from capsim.profiler.architectures import ARCHITECTURES

if TYPE_CHECKING:
    from rich.table import Table

    from capsim.profiler.measure import Measurement

_INTERRUPTED = 130


def measure(
    architecture: Annotated[
        str | None, typer.Option(help=f"A built-in one with random weights: {', '.join(ARCHITECTURES)}.")
    ] = None,
    model: Annotated[Path | None, typer.Option(help="An ONNX file to measure instead.")] = None,
    batch_sizes: Annotated[str, typer.Option(help="Batch sizes to measure.")] = "1,2,4,8,16,32",
    samples: Annotated[int, typer.Option(help="Least number of measured batches of each size.")] = 200,
    threads: Annotated[int, typer.Option(help="Threads that compute within one operator.")] = 1,
    cores: Annotated[str | None, typer.Option(help="Cores to pin to; if not given, one per thread.")] = None,
    sequence_length: Annotated[int | None, typer.Option(help="Tokens per item.", min=1)] = None,
    precision: Annotated[str | None, typer.Option(help="Of an ONNX file's weights; fp32 if not given.")] = None,
    hardware_name: Annotated[str | None, typer.Option(help="What the hardware is called.")] = None,
    output: Annotated[Path | None, typer.Option(help="The profile; its samples go beside it as CSV.")] = None,
    seed: Annotated[int, typer.Option(help="Of the order of the batch sizes.")] = 1,
) -> None:
    """Measure how long batches take on this machine, with onnxruntime on the CPU.

    Ctrl-C keeps what is measured; the same command again measures what is missing.
    """
    from rich.console import Console

    from capsim.cli.measuring import ConsoleObserver
    from capsim.profiler.request import Request, prepare
    from capsim.profiler.session import take

    prepared = prepare(
        Request(
            architecture=architecture,
            model=model,
            batch_sizes=batch_sizes,
            samples=samples,
            threads=threads,
            cores=cores,
            sequence_length=sequence_length,
            precision=precision,
            hardware_name=hardware_name,
            output=output,
            seed=seed,
        )
    )
    with ConsoleObserver() as observer:
        measurement = take(prepared.runtime, prepared.plan, prepared.subject, prepared.file, observer)
    if measurement.samples.rows:
        Console().print(_table(measurement, str(prepared.file)))
    if measurement.interrupted:
        Console(stderr=True).print("Stopped early; the same command measures what is missing.")
        raise typer.Exit(_INTERRUPTED)


def _table(measurement: Measurement, title: str) -> Table:
    from rich.table import Table

    from capsim.profiler.session import summary

    table = Table("batch size", "samples", "mean ms", "p50 ms", "p99 ms", title=title)
    for row in summary(measurement):
        values = (row.mean_ms, row.p50_ms, row.p99_ms)
        table.add_row(str(row.batch_size), str(row.samples), *(f"{value:.4g}" for value in values))
    return table
