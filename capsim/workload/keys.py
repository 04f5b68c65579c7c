"""What requests ask for, where some of it is asked for more often than the rest."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from capsim.parameters import Number, Whole, parameters

MOST_KEYS = 10_000_000
"""They take 8 bytes each."""


@parameters
class Keys:
    """Keys of which the i-th most popular is asked for in proportion to i to the power of -zipf."""

    zipf: Annotated[Number, Field(ge=0, le=10)]
    """The exponent: 0 asks for all keys alike, and more prefers the popular ones."""
    count: Annotated[Whole, Field(ge=1, le=MOST_KEYS)]
    """How many keys there are."""

    @cached_property
    def shares(self) -> NDArray[np.float64]:
        """For each key, from the most popular on, the share of requests for it or a more popular one; the last is 1.

        Zipf's law with a free exponent (Breslau, Cao, Fan, Phillips and Shenker, "Web caching and Zipf-like
        distributions: evidence and implications", INFOCOM 1999).
        """
        sums = np.cumsum(np.arange(1, self.count + 1, dtype=np.float64) ** -self.zipf)
        sums /= sums[-1]
        sums.setflags(write=False)
        return sums
