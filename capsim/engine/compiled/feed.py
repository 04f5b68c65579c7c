"""What the general form asks for while it runs."""

from __future__ import annotations

import numpy as np

from capsim.engine.compiled.records import (
    WANTS_ALARMS,
    WANTS_BATCHES,
    WANTS_CALLS,
    WANTS_CHANGES,
    WANTS_ENDINGS,
    WANTS_LOOK_UPS,
    WANTS_REFUSALS,
    WANTS_REQUESTS,
    WANTS_SENDINGS,
    WANTS_TOKENS,
    WANTS_TRIES,
    WANTS_VISITS,
)
from capsim.engine.compiled.supply import Supply

GROWING = {
    WANTS_REQUESTS: "requests",
    WANTS_VISITS: "visits",
    WANTS_BATCHES: "batches",
    WANTS_REFUSALS: "refusals",
    WANTS_LOOK_UPS: "look_ups",
    WANTS_ALARMS: "alarms",
    WANTS_SENDINGS: "sendings",
}


CHAINED = {
    WANTS_CALLS: ("calls", "free_call"),
    WANTS_TRIES: ("tries", "free_try"),
    WANTS_ENDINGS: ("endings", "free_ending"),
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
        if wants & WANTS_REQUESTS:
            self.model.lengthen("details")
        for want, (name, first) in CHAINED.items():
            if wants & want:
                self._more_places(name, first)
        if wants & WANTS_TOKENS:
            self._grow_tokens()
        if wants & WANTS_CHANGES:
            self._forget_changes()
        self.model.now["wants"] = 0

    def _more_places(self, name: str, first: str) -> None:
        """The new places are free, before those that still are."""
        model, count = self.model, len(self.model[name])
        model.lengthen(name)
        model[name]["next"][count:] = np.append(np.arange(count + 1, 2 * count), model.now[first])
        model.now[first] = count

    def _grow_tokens(self) -> None:
        """There is room for more tokens, and for what there may be of each."""
        self._more_places("tokens", "free")
        for name in ("copies", "standings", "passing", "alarms", "refusals", "changes"):
            self.model.lengthen(name)

    def _forget_changes(self) -> None:
        """Let every balancer see what it can by now; there is room for what is left, and for an instant's."""
        model, now, count = self.model, self.model.now, int(self.model.now["changes_count"])
        changes, nodes = model["changes"][:count], model["nodes"]
        load = model["load"].reshape(-1, len(model["stations"]))
        late = np.flatnonzero(nodes["lag_ns"])
        for n in late:
            until = np.searchsorted(changes["at_ns"], now["now_ns"] - nodes["lag_ns"][n], "right")
            new = changes[nodes["unseen"][n] : until]
            np.add.at(load[nodes["load"][n]], new["station"], new["load"])
            nodes["unseen"][n] = max(until, nodes["unseen"][n])
        first = int(nodes["unseen"][late].min())
        changes[: count - first] = changes[first:].copy()
        nodes["unseen"][late] -= first
        now["changes_count"] = count - first
        while count - first + 2 * len(model["tokens"]) > len(model["changes"]) // 2:
            model.lengthen("changes")
