"""What a source says, before the user adds what it does not know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from capsim.errors import CodedWarning, Fault, InputError
from capsim.profile import Hardware
from capsim.profile.load import QuantileRow

Key = tuple[int, int]
"""Instances that ran at once, and items in a batch."""
COMMAND_LINE = "the command line"


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What a source says; either samples or quantiles.

    Attributes:
        samples: latencies of single batches (ms), in the order of the source.
        quantiles: quantiles by batch size.
        measured: provenance: what the latencies hold and what they leave out, and how they were taken.
        model: the model, where the source tells it; the others likewise.
        hardware: what it ran on.
        runtime: the software that ran it.
        precision: fp32, fp16 …
        warnings: what is doubtful about the source.
    """

    samples: Mapping[Key, Sequence[float]] = field(default_factory=dict)
    quantiles: Sequence[QuantileRow] = ()
    measured: Mapping[str, object] = field(default_factory=dict)
    model: str | None = None
    hardware: Hardware | None = None
    runtime: str | None = None
    precision: str | None = None
    warnings: Sequence[CodedWarning] = ()

    def by_name(self, files: Sequence[Path]) -> Imported:
        """The same, whose warnings call the files by name: where they lie is of this machine."""
        warnings = list(self.warnings)
        for file in files:
            warnings = [replace(each, message=each.message.replace(str(file), file.name)) for each in warnings]
        return replace(self, warnings=warnings)


def row_of(
    batch_size: int, quantiles_ms: Mapping[str, float], samples: int | None = None, instances: int = 1
) -> QuantileRow:
    """Quantiles by their names (`p50_ms` …), and `mean_ms` and `std_ms`, as a row of a profile.

    Raises:
        ValueError: they decrease, or do not allow the mean.
    """
    values: dict[str, Any] = dict(quantiles_ms)
    return QuantileRow(batch_size=batch_size, samples=samples, instances=instances, **values)


def batch_sizes_of(text: str | None, files: Sequence[Path]) -> dict[Path, int]:
    """The batch size of each file, as `--batch-sizes 1,4,8` gives them in the order of the files.

    Raises:
        InputError: not one whole number for each file.
    """
    sizes = batch_sizes(text or "")
    if len(sizes) != len(files):
        said = f"expected the batch size of each of the {len(files)} files, in their order, got {text or 'nothing'}"
        raise InputError(COMMAND_LINE, [Fault("--batch-sizes", said)])
    return dict(zip(files, sizes, strict=True))


def batch_sizes(text: str) -> list[int]:
    """The numbers of `1,4,8`.

    Raises:
        InputError: something else than whole numbers from 1, or one of them twice.
    """
    words = [word.strip() for word in text.split(",") if word.strip()]
    wrong = [word for word in words if not (word.isascii() and word.isdigit() and 0 < int(word[:12]) <= 1e9)]
    faults = [Fault("--batch-sizes", f"expected whole numbers from 1, got '{word}'") for word in wrong]
    twice = sorted({word for word in words if words.count(word) > 1})
    faults += [Fault("--batch-sizes", f"{word} is given twice") for word in twice]
    if faults:
        raise InputError(COMMAND_LINE, faults)
    return [int(word) for word in words]
