"""How the model of a server is spread over devices."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from capsim.parameters import Whole, parameters

MOST = 64


@parameters
class Parallel:
    """The devices of a server: each layer of the model is cut into parts, or its layers are cut into stages."""

    tensor: Annotated[Whole, Field(ge=1, le=MOST)] = 1
    """Devices that work on each layer together; the profile must have been measured on as many."""
    pipeline: Annotated[Whole, Field(ge=1, le=MOST)] = 1
    """Stages of equal length; a batch may enter when the first is free, and passes them in order."""

    @property
    def devices(self) -> int:
        """Of one server."""
        return self.tensor * self.pipeline
