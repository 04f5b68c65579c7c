"""What a scenario says of itself: how it was calibrated, and where it was validated. Data; the engines skip it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from capsim.parameters import Number, PositiveInt, Section, Whole

LONGEST_TEXT = 500
Text = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
Errors = dict[str, Annotated[Number, Field(ge=0)]]


class FittedParameter(Section):
    """A setting of the scenario that was fitted to measurements."""

    path: Text
    """Where it stands, as `--set` names it."""
    value: Annotated[Number, Field(ge=0)]
    """Its value: ns for a time, else a plain number."""
    standard_error: Annotated[Number, Field(ge=0)] | None = None
    """How far it may be off (one standard deviation, same unit)."""


class Calibration(Section):
    """How the scenario was fitted; written by `capsim calibrate`."""

    points: Annotated[Whole, Field(ge=0)]
    """How many load points it was fitted to."""
    loads: Annotated[list[Text], Field(max_length=10_000)]
    """Which ones."""
    measured: Text | None = None
    """The file of measurements, where there was one."""
    measured_with: Text | None = None
    """What wrote that file, how requests were sent, and what their latency holds."""
    like: Annotated[list[Text], Field(max_length=1000)] = Field(default_factory=list)
    """Calibrated scenarios that its settings were taken from, or drawn towards."""
    version: Text
    """The version of capsim that fitted it."""
    fitted: Annotated[list[FittedParameter], Field(max_length=100)]
    """What was fitted; whatever is not here was left as it was."""
    correlation: Annotated[list[list[Number]], Field(max_length=100)] = Field(default_factory=list)
    """Correlation of the errors of what was fitted, in the same order."""
    window_s: Annotated[Number, Field(gt=0)] | None = None
    """Measurement window of the load generator, where its numbers show that it leaves out requests that cross its
    ends (Little's law fails by mean latency over window)."""
    error: Errors = Field(default_factory=dict)
    """Median error at the points fitted, by metric, as a fraction."""
    scatter: Errors = Field(default_factory=dict)
    """How far a measurement may lie from its prediction, by metric: standard deviation of the log ratio."""

    @property
    def level(self) -> str:
        """What an answer rests on, in words."""
        others = f"{len(self.like)} scenario{'' if len(self.like) == 1 else 's'} like it"
        if self.like and not self.points:
            return f"settings of {others}"
        points = f"{self.points} point{'' if self.points == 1 else 's'}"
        return f"calibrated on {points}" + (f" and {others}" if self.like else "")


class Validation(Section):
    """Where the scenario was compared with measurements; written by `capsim validate --output`."""

    points: PositiveInt
    """How many load points it was compared with."""
    unseen: Annotated[Whole, Field(ge=0)]
    """How many of them it was not calibrated on."""
    loads: Annotated[list[Text], Field(max_length=10_000)]
    """The lowest and the highest."""
    measured: Text
    """The file of measurements."""
    version: Text
    """The version of capsim that compared."""
    error: Errors
    """Median error by metric, as a fraction."""
    scatter: Errors = Field(default_factory=dict)
    """How far measurements lay from their predictions, by metric: root mean square of the log ratio. Files of earlier
    releases have none; it then follows from the median error."""
