"""What the general form asks for while it runs."""

from __future__ import annotations

import numpy as np

from capsim.engine.compiled.records import WANTS_BATCHES, WANTS_REFUSALS, WANTS_REQUESTS, WANTS_TOKENS, WANTS_VISITS
from capsim.engine.compiled.supply import Supply

GROWING = {
    WANTS_REQUESTS: "requests",
    WANTS_VISITS: "visits",
    WANTS_BATCHES: "batches",
    WANTS_REFUSALS: "refusals",
}


class Feed(Supply):
    """Keeps a model supplied with chunks and room."""

    def supply(self, wants: int) -> None:
        """See `Supply`."""
        super().supply(wants)
        if wants & WANTS_VISITS:
            self._see_to_memory(len(self.model["visits"]))
        for want, name in GROWING.items():
            if wants & want:
                self.model.lengthen(name)
        if wants & WANTS_TOKENS:
            self._grow_tokens()
        self.model.now["wants"] = 0

    def _grow_tokens(self) -> None:
        """The new places are free, before those that still are."""
        model, count = self.model, len(self.model["tokens"])
        model.lengthen("tokens")
        model.lengthen("passing")
        model.lengthen("refusals")
        model["tokens"]["next"][count:] = np.append(np.arange(count + 1, 2 * count), model.now["free"])
        model.now["free"] = count
