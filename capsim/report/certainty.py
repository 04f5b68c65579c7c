"""How sure an answer is, in words that every door uses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LIKE_ENOUGH = 0.005
"""Probabilities that differ by less are told once."""


def likely(probability: float | None) -> str:
    """A probability without a false certainty."""
    if probability is None:
        return "unknown"
    if probability > 0.999:
        return "above 99.9 %"
    if probability < 0.001:
        return "below 0.1 %"
    return f"{probability:.1%}".replace("%", " %")


def headed(words: str, assumes: object) -> str:
    """The verdict's first words: one that rests on assumptions says so."""
    return f"{words} if the assumptions hold" if assumes and words != "unknown" else words


def probability_in_words(probability: float | None, simulated: float | None) -> str:
    """The probability with everything that is known to be uncertain, and from simulation alone where that differs."""
    if probability is None or simulated is None:
        return "too little was simulated to know"
    if abs(probability - simulated) < LIKE_ENOUGH:
        return f"with probability {likely(probability)}"
    known = "with what the profile and the calibration don't know"
    return f"with probability {likely(probability)} {known}, {likely(simulated)} from simulation alone"


def judged_in_a_cell(objective: Mapping[str, Any]) -> str:
    """The verdict for a cell of a table."""
    words = headed(objective["words"], objective["assumes"]).replace("if the assumptions hold", "if")
    return words if objective["probability"] is None else f"{words}, {likely(objective['probability'])}"
