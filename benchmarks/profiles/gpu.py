"""Measure every GPU profile in one go, unattended, within a time.

    python benchmarks/profiles/gpu.py --minutes 24

Needs an NVIDIA GPU, `pip install 'capsim[architectures]'` and a PyTorch with CUDA. The time is shared out evenly:
what a profile leaves goes to the next ones. The same command again measures what is missing. Without a GPU the
whole course can be tried small:

    python benchmarks/profiles/gpu.py --device cpu --architectures mlp-fraud --precisions fp32 --minutes 0.5
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from capsim.errors import CapsimError
from capsim.profiler.measure import Observer
from capsim.profiler.prepare import prepare
from capsim.profiler.request import Request
from capsim.profiler.session import summary, take

ARCHITECTURES = ("resnet50", "bert-base", "vit-b-16", "gpt2-prefill")
PRECISIONS = ("fp16", "fp32", "tf32")
BATCH_SIZES = "1,2,4,8,16,32,64,128"
INSTANCES = "1,2,4"
LEAST_SECONDS = 1.0


class Printed:
    """Prints notes; nobody watches a bar."""

    def note(self, text: str) -> None:
        """A line."""
        print(f"  {text}", flush=True)

    def left(self, done_s: float, left_s: float) -> None:
        """Nothing: the log would be full of it."""


def collect(requests: Sequence[Request], minutes: float, observer: Observer) -> dict[str, str]:
    """Measure each request within its share of the time left.

    Args:
        requests: what to measure, the most wanted first.
        minutes: for all of them together, loading and warm-up included.
        observer: is told how it goes.

    Returns:
        For each of them, in words, what became of it.
    """
    until = time.monotonic() + 60 * minutes
    told = {}
    for at, request in enumerate(requests):
        name = request.output.stem if request.output else request.command()
        share_s = (until - time.monotonic()) / (len(requests) - at)
        if share_s < LEAST_SECONDS:
            told[name] = "no time left"
            continue
        print(f"{name}, {share_s:.0f} s", flush=True)
        try:
            told[name] = _measured(request, share_s, observer)
        except CapsimError as error:
            told[name] = f"failed: {error}"
    return told


def _measured(request: Request, share_s: float, observer: Observer) -> str:
    (prepared,) = prepare(replace(request, time_limit=f"{share_s:.1f} s"))
    measurement = take(prepared.runtime, prepared.plan, prepared.subject, prepared.file, observer)
    if measurement.interrupted:
        raise KeyboardInterrupt
    ended = "the time was up" if measurement.out_of_time else "complete"
    rows = [row for row in summary(measurement) if row.cell.instances == 1]
    shown = [f"{row.cell.batch_size}: {row.p50.value:.3g}" for row in rows]
    return f"{ended}, {len(measurement.samples.rows)} samples; p50 (ms) of {', '.join(shown)}; {prepared.file}"


def requests_of(options: argparse.Namespace) -> list[Request]:
    """What is measured, every architecture at the first precision before any at the second."""
    return [
        Request(
            architecture=architecture,
            runtime="torch",
            device=options.device,
            precision=precision,
            batch_sizes=options.batch_sizes,
            instances=options.instances,
            samples=options.samples,
            most_samples=5 * options.samples,
            output=options.output / f"{architecture}-{precision}-torch.yaml",
        )
        for precision, architecture in itertools.product(options.precisions, options.architectures)
    ]


def main(words: Sequence[str] | None = None) -> int:
    """Measure, and print what became of each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=24)
    parser.add_argument("--output", type=Path, default=Path("profiles/gpu"))
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--architectures", nargs="+", default=ARCHITECTURES)
    parser.add_argument("--precisions", nargs="+", default=PRECISIONS)
    parser.add_argument("--batch-sizes", default=BATCH_SIZES)
    parser.add_argument("--instances", default=INSTANCES)
    parser.add_argument("--samples", type=int, default=200)
    options = parser.parse_args(words)
    told = collect(requests_of(options), options.minutes, Printed())
    for name, words_of_it in told.items():
        print(f"{name}: {words_of_it}")
    return 0 if all("samples" in each for each in told.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
