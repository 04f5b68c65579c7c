"""Samples of what other tools write, and what is imported of them.

`mlperf_v05_*` are of https://github.com/mlcommons/inference_results_v0.5 (closed/Alibaba, ResNet, MultiStream, TEST01).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from capsim.errors import InputError
from capsim.importer import Imported
from capsim.importer.sources import SOURCES

SAMPLES = Path(__file__).parent / "samples"


def imported(source: str, *files: str | Path, **options: Any) -> Imported:
    """What a source says of samples, or of other files."""
    module = SOURCES[source]
    found = module.read([SAMPLES / file for file in files], module.Options(**options))
    assert isinstance(found, Imported)
    return found


def faults(source: str, *files: str | Path, **options: Any) -> list[tuple[int | None, str, str]]:
    """What is wrong with them: line, path and message."""
    with pytest.raises(InputError) as caught:
        imported(source, *files, **options)
    return [(fault.line, fault.path, fault.message) for fault in caught.value.faults]


def codes(found: Imported) -> list[str]:
    """What is doubtful."""
    return [doubt.code for doubt in found.warnings]


def rows(found: Imported) -> dict[int, dict[str, float]]:
    """Quantiles by batch size."""
    return {
        row.batch_size: {
            name: value
            for name in ("min_ms", "p50_ms", "p90_ms", "p95_ms", "p99_ms", "p999_ms", "max_ms")
            if (value := getattr(row, name)) is not None
        }
        for row in found.quantiles
    }


def changed(folder: Path, sample: str, *changes: tuple[str, str]) -> Path:
    """A sample with words replaced."""
    text = (SAMPLES / sample).read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (folder / sample).write_text(text, encoding="utf-8")
    return folder / sample


def table(folder: Path, lines: Sequence[str]) -> Path:
    """A CSV file."""
    (folder / "table.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / "table.csv"
