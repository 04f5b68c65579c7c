"""The scenario as users write it; `capsim schema` prints what stands here."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo, model_validator
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from capsim.errors import Fault, InputError
from capsim.parameters import Flag, Section, Whole, choice
from capsim.prices.costs import Costs
from capsim.prices.price import Price
from capsim.profile import LatencyProfile, read_profile
from capsim.profile.model import HardwareKind
from capsim.scenario.classes import ONLY, RequestClass, Workload
from capsim.scenario.evidence import Calibration, Validation
from capsim.scenario.names import Name
from capsim.scenario.objective import Objective
from capsim.scenario.planning import Planning
from capsim.scenario.route import Route, Step, nodes_in
from capsim.scenario.rules import pool_faults
from capsim.serving.admission import Admission
from capsim.serving.batching import BATCHING, Batching
from capsim.serving.faults import Faults, Zones
from capsim.serving.jitter import Jitter, together
from capsim.serving.noise import Noise
from capsim.serving.parallel import Parallel
from capsim.serving.parts import FrontEnd, Network, Overhead, Queue, Service
from capsim.serving.senders import Clients
from capsim.serving.sharing import Sharing
from capsim.shipped import locate
from capsim.units import Duration, PositiveDuration, Share


class _ProfileFile:
    """Validates a file name into its profile; relative names start at the scenario's folder."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(
            self.load, serialization=core_schema.plain_serializer_function_ser_schema(lambda profile: profile.file)
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "examples": ["../profiles/NAME.yaml", "samples.csv", "shipped:NAME"]}

    @staticmethod
    def load(value: object, info: ValidationInfo) -> LatencyProfile:
        if isinstance(value, LatencyProfile):
            return value
        if not isinstance(value, str):
            raise ValueError(f"expected the name of a profile, got {value!r}")  # noqa: TRY004 - pydantic reports ValueError
        around = info.context or {}
        closed, files = around.get("closed", False), around.get("files", {})
        try:
            if value not in files:
                file = locate(value, "profiles", around.get("folder", Path()), closed=closed)
                files[value] = read_profile(file, value, closed=closed)
        except InputError as error:
            faults = [Fault(f.path, f.message, f.line, error.source) for f in error.faults]
            raise PydanticCustomError("file", "the file has faults", {"faults": faults}) from None
        profile: LatencyProfile = files[value]
        return profile


class Pool(Section):
    """Identical servers."""

    name: Name
    """What the route and overrides call it."""
    hardware: HardwareKind | None = None
    """cpu, gpu or edge; the profile's unless given."""
    servers: Annotated[Whole, Field(ge=1, le=100_000)]
    """How many servers."""
    instances: Annotated[Whole, Field(ge=1, le=1024)] = 1
    """Execution slots on each server, sharing its device."""
    profile: Annotated[LatencyProfile, _ProfileFile()] | None = None
    """Latency measured per batch size: a profile, or a bare CSV of samples."""
    service: Service | None = None
    """Or service times from a distribution."""
    noise: Noise | None = None
    """How much more serving varies than the profile says."""
    jitter: Jitter | None = None
    """Variation assumed of a profile that has none; every answer then says so."""
    extrapolate: Flag = False
    """Go on linearly beyond the measured batch sizes; every answer then says so."""
    batching: Batching = Field(default_factory=lambda: _no_batching())
    """How batches form."""
    admission: Admission | None = None
    """Which requests are let in; all unless given."""
    queue: Queue = Queue()
    """Where requests wait."""
    faults: Faults | None = None
    """When its servers are down; never unless given."""
    zone: Name | None = None
    """The zone that its servers stand in."""
    zones: Annotated[list[Name], Field(min_length=1, max_length=100)] | None = None
    """Or several, to which they are dealt out in turn."""
    overhead: Overhead = Overhead()
    """What serving adds to the profile."""
    front_end: FrontEnd = FrontEnd()
    """The serial stage of each server."""
    device: Name | None = None
    """What its servers stand on: pools that name the same one share it, each server with those in its position."""
    parallel: Parallel = Parallel()
    """Over how many devices the model of a server is spread."""
    sharing: Sharing | None = None
    """How instances share the device; what the profile measured, else fully, unless given."""
    price: Price | None = None
    """What a server costs: an offer by name, dollars by the hour, or a server of one's own."""

    @model_validator(mode="after")
    def _consistent(self) -> Pool:
        faults = pool_faults(self)
        if faults:
            raise PydanticCustomError("faults", "contradictory settings", {"faults": faults})
        return self

    @property
    def zone_names(self) -> list[str]:
        """The zones to which its servers are dealt out in turn."""
        return self.zones or ([] if self.zone is None else [self.zone])

    @property
    def capacity(self) -> int | None:
        """Most requests that wait in a queue: as given, or as its batching policy bounds them."""
        bounded = BATCHING[self.batching.policy].RULE.most_waiting
        bounds = (self.queue.capacity, bounded(self.batching) if bounded else None)
        return min((bound for bound in bounds if bound is not None), default=None)

    @property
    def abreast(self) -> int:
        """Batches that a server runs at a time."""
        return 1 if self.takes_turns else self.instances

    @property
    def takes_turns(self) -> bool:
        """Whether one batch at a time is on the device."""
        return self.sharing is not None and self.sharing.turns

    @property
    def kind(self) -> HardwareKind | None:
        """What hardware it is called, or was measured on."""
        measured = None if self.profile is None else self.profile.hardware
        return self.hardware or (measured.kind if measured is not None else None)

    @property
    def stages(self) -> int:
        """The stages of a server that is a pipeline, one for copying ahead among them; 0 where it is none."""
        stages = self.parallel.pipeline + self.overhead.overlapped
        return stages if stages > 1 else 0

    @property
    def variation(self) -> float:
        """Coefficient of variation of the factor on the profile: what was fitted and what is assumed."""
        return together(*(part.cv for part in (self.noise, self.jitter) if part is not None))

    @property
    def overlap(self) -> float:
        """How far instances do not feel each other: as given, as measured, else not at all."""
        if self.sharing is not None:
            return self.sharing.overlap
        measured = self.profile.measured_overlap() if self.profile else None
        return 0.0 if measured is None else measured


def _no_batching() -> Any:
    from capsim.serving.batching.none import Parameters

    return Parameters(policy="none")


def _auto_or_time(value: Any) -> str | None:
    return "auto" if value == "auto" else "time"


WarmUp: Any = choice({"auto": Literal["auto"], "time": Duration}, _auto_or_time)


class Run(Section):
    """How long and how often to simulate."""

    horizon: PositiveDuration = 60_000_000_000
    """Requests are sent until then."""
    warmup: WarmUp = "auto"
    """What to leave out at the start; found by MSER-5 with auto."""
    replications: Annotated[Whole, Field(ge=1, le=10_000)] | None = None
    """Independent repetitions; 5 unless given."""
    precision: Share | None = None
    """Instead of replications: repeat until the interval of p99 is this narrow (half its width over p99)."""
    max_replications: Annotated[Whole, Field(ge=5, le=10_000)] = 400
    """Most repetitions with precision."""
    seed: Annotated[Whole, Field(ge=0, le=2**63 - 1)] = 0
    """Same seed, same answer."""
    drain: Duration | None = None
    """How long after the horizon requests are followed before they count as in flight; the horizon unless given."""

    @property
    def least_replications(self) -> int:
        """How many repetitions are made at least."""
        return self.replications or 5

    @property
    def stop_ns(self) -> int:
        """When the simulation ends at the latest (ns)."""
        return self.horizon + (self.horizon if self.drain is None else self.drain)


class Scenario(Section):
    """A serving system under load, and the question asked of it."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    """What the answer is headed with."""
    workload: Workload
    """The load."""
    pools: Annotated[list[Pool], Field(min_length=1, max_length=1000)]
    """The servers."""
    route: Route | None = None
    """The nodes that a request passes; may be left out with a single pool."""
    zones: Zones | None = None
    """When whole zones are down; never unless given."""
    network: Network = Network()
    """Between clients and the first step, and back from the last."""
    clients: Clients | None = None
    """What senders do about late answers; they wait for ever unless given."""
    objective: Objective | None = None
    """What latency is good enough."""
    run: Run = Run()
    """The simulation itself."""
    prices: Annotated[str, Field(min_length=1, max_length=1000)] | None = None
    """A price book, whose offers win over those of the catalogue; prices.yaml or prices.csv beside it unless given."""
    costs: Costs = Costs()
    """What is paid for besides the servers, and what they could be replaced by."""
    plan: Planning | None = None
    """What to choose from, and what the choice has to hold."""
    calibration: Calibration | None = None
    """How the settings above were fitted to measurements; written by capsim calibrate."""
    validation: Validation | None = None
    """How well measurements were predicted; written by capsim validate."""

    @property
    def turns_away(self) -> bool:
        """Whether what is offered is not what comes in, as a pool has an admission rule."""
        return any(pool.admission is not None for pool in self.pools)

    @property
    def classes(self) -> list[RequestClass]:
        """Every kind of requests with all that it takes over; `default` is the one of a scenario without classes."""
        workload = self.workload
        only = RequestClass.model_construct(name=ONLY, arrivals=workload.arrivals)
        return [self._completed(each) for each in workload.classes or [only]]

    def _completed(self, given: RequestClass) -> RequestClass:
        network, workload = self.network, self.workload
        inherited = {
            "items_per_request": workload.items_per_request,
            "keys": workload.keys,
            "request_size": network.request_size,
            "response_size": network.response_size,
            "route": self._shared_route,
            "clients": self.clients,
        }
        own = {name: value for name in inherited if (value := getattr(given, name)) is not None}
        return given.model_copy(update={**inherited, **own})

    @property
    def routes(self) -> list[list[Any]]:
        """The different routes: the scenario's where a class takes it, and those of classes of their own."""
        given = [each.route for each in self.workload.classes or []] or [None]
        own = [route for route in given if route is not None]
        return own if len(own) == len(given) else [self._shared_route, *own]

    @property
    def _shared_route(self) -> list[Any]:
        """The route of classes that have none of their own, or the one step to the single pool."""
        return self.route or [Step(pools=[self.pools[0].name])]

    @property
    def steps(self) -> list[Step]:
        """All visits that the routes hold, in the order in which they are written."""
        return [node for route in self.routes for node in nodes_in(route) if isinstance(node, Step)]

    @property
    def items_per_unit(self) -> int:
        """Items that batches count by: those of each request where all carry as many, else one."""
        carried = {value for each in self.classes for value in each.items.values}
        recorded = any(each.items_recorded for each in self.classes)
        return 1 if recorded or len(carried) > 1 else carried.pop()

    @property
    def mixed(self) -> bool:
        """Whether requests carry different numbers of items."""
        carried = {value for each in self.classes for value in each.items.values}
        return carried != {self.items_per_unit}

    @property
    def sends_again(self) -> bool:
        """Whether some requests may be sent more than once."""
        return any(each.clients is not None and each.clients.most_attempts > 1 for each in self.classes)

    def targets_ns(self) -> dict[str, int]:
        """Everything that is asked of latencies (ns): `p99` of all requests, `CLASS.p99` of those of a class."""
        targets = {} if self.objective is None else self.objective.targets_ns()
        for each in self.classes:
            own = {} if each.objective is None else each.objective.targets_ns()
            targets |= {f"{each.name}.{name}": target for name, target in own.items()}
        return targets

    @property
    def steady(self) -> bool:
        """Whether the load and the servers are the same all the time, but for chance."""
        outages = [
            *(self.zones.at if self.zones else ()),
            *(outage for pool in self.pools if pool.faults for outage in pool.faults.at),
        ]
        return self.workload.combined.steady and not outages

    def pool(self, name: str) -> Pool:
        """The pool of this name."""
        return next(pool for pool in self.pools if pool.name == name)

    def pools_of(self, step: Step) -> list[Pool]:
        """The pools that a step of the route leads to, in its order."""
        named = {pool.name: pool for pool in self.pools}
        return [named[name] for name in step.pools]

    def to_document(self) -> dict[str, Any]:
        """The scenario as it could stand in a file, without what is at its default."""
        return self.model_dump(mode="json", exclude_defaults=True, by_alias=True)
