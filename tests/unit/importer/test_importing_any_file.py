"""Whatever a file holds, a source reads it or says what is wrong."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from imports import SAMPLES

from capsim.errors import InputError
from capsim.importer import Imported
from capsim.importer.sources import SOURCES

OPTIONS = {
    "jax": {"span": "predict"},
    "nsys": {"span": "infer b{batch_size}"},
    "perf_analyzer": {"batch_sizes": "1"},
    "pytorch": {"span": "forward_b{batch_size}"},
}
READERS = sorted(name for name, source in SOURCES.items() if source.FILES)


def outcome(source: str, file: Path) -> bool:
    """Whether it is read; anything but a fault of the input goes through."""
    module = SOURCES[source]
    with suppress(InputError):
        return isinstance(module.read([file], module.Options(**OPTIONS.get(source, {}))), Imported)
    return False


@pytest.mark.parametrize("source", READERS)
def test_any_file_is_read_or_refused(source: str, tmp_path: Path) -> None:
    read = []
    for sample in sorted(SAMPLES.iterdir()):
        whole = sample.read_bytes()
        third = len(whole) // 3
        for part in (whole, whole[:third], whole[third:], whole.replace(b":", b",").replace(b"1", b"-")):
            (tmp_path / sample.name).write_bytes(part)
            read.append(outcome(source, tmp_path / sample.name))
    assert any(read) == (source not in {"table", "model_analyzer"})
    assert not all(read)
