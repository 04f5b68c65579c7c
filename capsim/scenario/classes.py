"""Who sends requests: one kind of them, or several classes that differ in what they carry, want and do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationInfo, field_validator, model_validator

from capsim.parameters import Section, Whole
from capsim.scenario.names import Name
from capsim.scenario.objective import Objective
from capsim.scenario.route import Route
from capsim.serving.senders import Clients
from capsim.units import PositiveDuration, Size
from capsim.workload import ArrivalProcess, Arrivals, ItemCounts, ItemsPerRequest, Keys, item_counts
from capsim.workload.mixture import Mixture

ONLY = "default"
"""What results call the one class of a scenario that names none."""


class RequestClass(Section):
    """Requests of one kind."""

    name: Name
    """What results and overrides call it."""
    arrivals: Arrivals
    """When its requests are sent."""
    items_per_request: ItemsPerRequest | None = None
    """Items that a request carries; the workload's unless given."""
    keys: Keys | None = None
    """What its requests ask for; the workload's unless given."""
    priority: Annotated[Whole, Field(ge=-1000, le=1000)] = 0
    """Where a queue goes by priority: the lower goes first."""
    deadline: PositiveDuration | None = None
    """How long after being sent an answer is of use: for `edf`, and for goodput."""
    request_size: Size | None = None
    """Size of a request; the network's unless given."""
    response_size: Size | None = None
    """Size of an answer; the network's unless given."""
    route: Route | None = None
    """The nodes that a request passes; the scenario's unless given."""
    objective: Objective | None = None
    """What latency is good enough for this class."""
    clients: Clients | None = None
    """What its senders do about late answers; the scenario's unless given."""

    @field_validator("arrivals")
    @classmethod
    def _own_rows(cls, arrivals: Any, info: ValidationInfo) -> Any:
        """Of a trace that says whose each request is, the requests of this class."""
        name = info.data.get("name")
        return arrivals if arrivals.file is None or name is None else arrivals.of_class(name)

    @property
    def items_recorded(self) -> bool:
        """Whether the trace that is replayed says how many items each request carries."""
        return self.arrivals.file is not None and self.arrivals.file.items is not None

    @property
    def keys_recorded(self) -> bool:
        """Whether the trace says what each request asks for."""
        return self.arrivals.file is not None and self.arrivals.file.keys is not None

    @property
    def items(self) -> ItemCounts:
        """How many items a request carries, and how often."""
        if self.items_recorded:
            return _counted(self.arrivals.file.items)
        return item_counts(1 if self.items_per_request is None else self.items_per_request)


def _counted(recorded: NDArray[np.int64]) -> ItemCounts:
    """Which numbers stand in a recording, and how often."""
    values, times = np.unique(recorded, return_counts=True)
    sums = np.cumsum(times) / len(recorded)
    return ItemCounts(tuple(values.tolist()), (*sums[:-1].tolist(), 1.0))


_ArrivalsOrNone: Any = Arrivals | None


class Workload(Section):
    """Who sends requests, and when: either `arrivals` or `classes`."""

    arrivals: _ArrivalsOrNone = None
    """When requests are sent, all of one kind."""
    classes: Annotated[list[RequestClass], Field(min_length=1, max_length=100)] | None = None
    """Or several kinds of requests."""
    items_per_request: ItemsPerRequest = 1
    """Items that a request carries; it is never split."""
    keys: Keys | None = None
    """What requests ask for: for caches and for balancers that go by keys."""

    @model_validator(mode="after")
    def _either(self) -> Workload:
        if (self.arrivals is None) == (self.classes is None):
            raise ValueError("needs either arrivals or classes")
        return self

    @property
    def combined(self) -> ArrivalProcess:
        """When requests of all kinds are sent, as one process."""
        if self.classes is None:
            only: ArrivalProcess = self.arrivals
            return only
        return Mixture(tuple(each.arrivals for each in self.classes))

    def with_arrivals(self, changed: Callable[[Any], Any]) -> Workload:
        """The same with other arrivals in place of those of each class."""
        if self.classes is None:
            return self.model_copy(update={"arrivals": changed(self.arrivals)})
        others = [each.model_copy(update={"arrivals": changed(each.arrivals)}) for each in self.classes]
        return self.model_copy(update={"classes": others})

    def scaled(self, factor: float) -> Workload:
        """The same with `factor` times the load, of each class alike."""
        return self.with_arrivals(lambda given: given.scaled(factor))
