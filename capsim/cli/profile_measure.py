"""`capsim profile measure`: a latency profile taken on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from capsim.cli import measure_options as option

if TYPE_CHECKING:
    from rich.table import Table

    from capsim.profile.quantiles import Quantile
    from capsim.profiler.measure import Measurement
    from capsim.profiler.request import Request

_INTERRUPTED = 130
_PIPED_WIDTH = 120


def measure(
    architecture: option.Architecture = None,
    model: option.Model = None,
    function: option.Function = None,
    inputs: option.Inputs = [],  # noqa: B006 - typer copies it
    precision: option.Precision = None,
    width: option.Width = 1.0,
    sequence_length: option.SequenceLength = None,
    batch_sizes: option.BatchSizes = "1,2,4,8,16,32",
    instances: option.Instances = "1",
    runtime: option.Runtime = None,
    device: option.Device = "cpu",
    threads: option.Threads = 1,
    cores: option.Cores = None,
    samples: option.Samples = 200,
    most_samples: option.MostSamples = 1000,
    tolerance: option.Tolerance = "5 %",
    time_limit: option.TimeLimit = None,
    seed: option.Seed = 1,
    hardware_kind: option.HardwareKind = None,
    hardware_name: option.HardwareName = None,
    output: option.Output = None,
    force: option.Force = False,
) -> None:
    """Measure how long batches take on this machine: an architecture, a model file, or any function.

    Ctrl-C keeps what is measured; the same command again measures what is missing.
    """
    from capsim.profiler.request import Request

    _take(
        Request(
            architecture=architecture,
            model=model,
            function=function,
            inputs=tuple(inputs),
            precision=precision,
            width=width,
            sequence_length=sequence_length,
            batch_sizes=batch_sizes,
            instances=instances,
            runtime=runtime,
            device=device,
            threads=threads,
            cores=cores,
            samples=samples,
            most_samples=most_samples,
            tolerance=tolerance,
            time_limit=time_limit,
            seed=seed,
            hardware_kind=hardware_kind,
            hardware_name=hardware_name,
            output=output,
            force=force,
        )
    )


def _take(request: Request) -> None:
    from rich.console import Console

    from capsim.cli.measuring import ConsoleObserver
    from capsim.profiler.prepare import prepare
    from capsim.profiler.session import take

    told = Console(stderr=True)
    for prepared in prepare(request):
        with ConsoleObserver() as observer:
            measurement = take(
                prepared.runtime, prepared.plan, prepared.subject, prepared.file, observer, anew=request.force
            )
        if measurement.samples.rows:
            # A file or a pipe has no width of its own to cut headings for.
            shown = Console(width=None if Console().is_terminal else _PIPED_WIDTH)
            shown.print(_table(measurement, str(prepared.file)))
        if measurement.out_of_time:
            told.print("The time is up; the same command measures what is missing.")
        if measurement.interrupted:
            told.print("Stopped early; the same command measures what is missing.")
            raise typer.Exit(_INTERRUPTED)


def _table(measurement: Measurement, title: str) -> Table:
    from rich.table import Table

    from capsim.profiler.session import summary

    rows = summary(measurement)
    several = any(row.cell.instances > 1 for row in rows)
    heads = ["batch size", *(["instances"] if several else []), "samples", "mean ms", "p50 ms", "95 % interval"]
    table = Table(*heads, "p99 ms", "95 % interval", title=title)
    for row in rows:
        cell = [str(row.cell.batch_size), *([str(row.cell.instances)] if several else [])]
        table.add_row(*cell, str(row.samples), f"{row.mean_ms:.4g}", *_words(row.p50), *_words(row.p99))
    return table


def _words(estimate: Quantile) -> tuple[str, str]:
    ends = (f"{end:.4g}" if 0 < end < float("inf") else "?" for end in (estimate.low, estimate.high))
    return f"{estimate.value:.4g}", f"[{', '.join(ends)}]".replace("[", r"\[")
