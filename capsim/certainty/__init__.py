"""What an answer does not know beyond chance: samples of profiles, fitted settings, scatter of measurements."""

from capsim.certainty.known import model_errors

__all__ = ["model_errors"]
