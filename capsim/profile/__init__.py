"""Latency measured per batch size on real hardware."""

from capsim.profile.load import read_profile
from capsim.profile.model import CELLS, Hardware, LatencyProfile

__all__ = ["CELLS", "Hardware", "LatencyProfile", "read_profile"]
