"""Latency measured per batch size on real hardware."""

from capsim.profile.curve import CELLS
from capsim.profile.load import Recording, read_profile, read_recording
from capsim.profile.model import Hardware, LatencyProfile

__all__ = ["CELLS", "Hardware", "LatencyProfile", "Recording", "read_profile", "read_recording"]
