"""The GPU that is measured on, as PyTorch sees it."""

from __future__ import annotations

import contextlib


def name() -> str:
    """What the first GPU calls itself."""
    import torch

    return str(torch.cuda.get_device_name(0))


def clock_mhz() -> list[int]:
    """The clock of its multiprocessors now; empty where nothing tells it."""
    import torch

    # Asked through NVIDIA's management library, which may be missing or refuse.
    with contextlib.suppress(Exception):
        return [int(torch.cuda.clock_rate())]
    return []
