"""Profiles made of given samples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from capsim.profile import Recording, read_recording

Floats = NDArray[np.float64]

HEAD = {
    "model": "resnet50",
    "hardware": {"kind": "gpu", "name": "L4"},
    "runtime": "onnxruntime 1.20",
    "precision": "fp16",
    "measured": {"at": "2026-01-01", "command": "by hand", "threads": 1},
}


def weather(chance: np.random.Generator, count: int, memory: float) -> Floats:
    """Standard normal values of which each resembles the one before (autoregressive, `memory` from 0 to 1)."""
    shocks = chance.standard_normal(count + 200) * np.sqrt(1 - memory**2)
    return np.asarray(lfilter([1], [1, -memory], shocks))[200:]


def write_profile(folder: Path, name: str, series_ms: dict[int, Floats], **changes: Any) -> Path:
    """A profile with these samples, batch sizes taking turns."""
    import yaml

    rows = [(place, size, value) for size, values in series_ms.items() for place, value in enumerate(values)]
    text = "".join(f"{size},{value:.9g}\n" for _, size, value in sorted(rows))
    (folder / f"{name}.csv").write_text(f"batch_size,latency_ms\n{text}")
    file = folder / f"{name}.yaml"
    file.write_text(yaml.safe_dump({**HEAD, **changes, "samples": f"{name}.csv"}))
    return file


def recording(folder: Path, series_ms: dict[int, Floats], name: str = "gpu", **changes: Any) -> Recording:
    """The same, read."""
    return read_recording(write_profile(folder, name, series_ms, **changes))
