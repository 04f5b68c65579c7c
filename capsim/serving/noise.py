"""Serving that varies more than the profile: a lognormal factor of mean 1 on the work of the device.

A profile is measured on a quiet machine, one batch after another; under load, batches of the same size take more
different times. The factor is folded into the quantile functions beforehand, so that engines know nothing of it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from capsim.distributions import unit_quantile
from capsim.parameters import Number, parameters

FACTORS = 200
COARSE = 5
"""Every how many cells of a quantile function are multiplied with every factor."""

Floats = NDArray[np.float64]


@parameters
class Noise:
    """Variation beyond the profile."""

    cv: Annotated[Number, Field(ge=0, le=3)]
    """Coefficient of variation (standard deviation over mean) of the factor."""


def noisy(curve: Floats, cv: float) -> Floats:
    """The quantile function of the product of what `curve` describes and an independent factor (same grid)."""
    return curve if cv == 0 else _product(np.ascontiguousarray(curve, dtype=np.float64).tobytes(), cv)


@lru_cache(maxsize=512)
def _product(curve: bytes, cv: float) -> Floats:
    """See `noisy`; kept, because a run asks again for each replication."""
    values = np.frombuffer(curve)
    factors = unit_quantile("lognormal", cv, (np.arange(FACTORS) + 0.5) / FACTORS)
    cells = (values[:-1] + values[1:]) / 2
    coarse = cells[: len(cells) // COARSE * COARSE].reshape(-1, COARSE).mean(axis=1)
    product = np.sort(np.outer(coarse, factors), axis=None)
    places = np.linspace(0, len(product) - 1, len(values))
    product = np.interp(places, np.arange(len(product)), product)
    # Scaled so that noise changes no mean: capacity stays what the profile says.
    product *= cells.mean() / ((product[:-1] + product[1:]) / 2).mean()
    product.flags.writeable = False
    return np.asarray(product)
