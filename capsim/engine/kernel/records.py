"""The records of the model, each declared once, and the accessors of its tables.

Places in tables stand for objects; `NOTHING` is no place.
"""

from __future__ import annotations

from dataclasses import dataclass

from capsim.engine import blueprint
from capsim.engine.kernel.layout import (
    Key,
    Number,
    Rule,
    Whole16,
    Whole32,
    Whole64,
    column,
    float_column,
    float_rows,
    rows,
    table,
)

IDLE, OFF_DEVICE, ON_DEVICE, IN_TURN = 0, 1, 2, 3
"""An instance: without a batch; with one whose end is known or that spends its overhead; with one timed anew; with one
that waits for its turn on the device, and `ends_ns` says which that is."""

FIFO, PRIORITY, EDF = blueprint.FIFO, blueprint.PRIORITY, blueprint.EDF

STATION, DELAY, LINK, CHOICE, SPLIT, JOIN, CACHE = range(7)
"""What a node is."""

CONSTANT, PROFILED, DRAWN = 0, 1, 2
"""Where the draws of a pool's service come from: none needed, uniforms, variates of mean 1 from outside."""


@dataclass(slots=True)
class Model:
    """The present, and what does not belong to a single pool, station or server.

    `plain` says that there is one class of requests of one unit each, sent once along a line of stations; `mixed` that
    units differ; `arriving` is the row of `arrivals` that comes now. A request is sent in up to so many `attempts`, in
    up to so many `branches`, the `widest` split has so many.
    """

    now_ns: Whole64 = 0
    plain: Whole64 = 0
    mixed: Whole64 = 0
    arriving: Whole64 = 0
    stop_ns: Whole64 = 0
    horizon_ns: Whole64 = 0
    last_sent_arrives_ns: Whole64 = 0
    up_ns: Whole64 = 0
    down_ns: Whole64 = 0
    unanswered: Whole64 = 0
    sent: Whole64 = 0
    touched_count: Whole64 = 0
    lagging: Whole64 = 0
    changes_count: Whole64 = 0
    pools_count: Whole64 = 0
    servers_count: Whole64 = 0
    nodes_count: Whole64 = 0
    stations_count: Whole64 = 0
    ahead_lines: Whole64 = 0
    before_lines: Whole64 = 0
    after_lines: Whole64 = 0
    sifted_line: Whole64 = 0
    turn_line: Whole64 = 0
    attempts: Whole64 = 0
    branches: Whole64 = 0
    widest: Whole64 = 0
    alarms_set: Whole64 = 0
    tally_start_ns: Whole64 = 0
    tally_width_ns: Whole64 = 0
    tally_sizes: Whole64 = 0
    slice: Whole64 = 0
    slice_from_ns: Whole64 = 0
    slice_to_ns: Whole64 = 0


@dataclass(slots=True)
class Class:
    """Requests of one kind; `sent` numbers them, `units` is 0 where they are drawn, `level` ranks priorities."""

    units: Whole64 = 0
    units_key: Key = 0
    keys: Whole64 = 0
    keys_key: Key = 0
    sent: Whole64 = 0
    level: Whole64 = 0
    deadline_ns: Whole64 = 0
    up_ns: Whole64 = 0
    down_ns: Whole64 = 0
    request_bytes: Whole64 = 0
    response_bytes: Whole64 = 0
    first_node: Whole64 = 0
    retry_delay_ns: Whole64 = 0
    sender: Whole64 = 0


@dataclass(slots=True)
class Arrival:
    """What is recorded of a request that comes; 0 units, key or bytes `NOTHING` where its class says or draws them."""

    of_class: Whole64 = 0
    units: Whole64 = 0
    key: Whole64 = 0
    request_bytes: Whole64 = 0
    up_ns: Whole64 = 0


@dataclass(slots=True)
class Pool:
    """Identical servers; `inside` is how many tokens were let in and have not left.

    `alone` says that a server has one instance whose batches nothing slows; where it is a pipeline `stages` says of how
    many stages, the first of which copies where that is `copies_ahead`.
    """

    instances: Whole64 = 0
    alone: Whole32 = 0
    interact: Whole32 = 0
    stages: Whole32 = 0
    copies_ahead: Whole32 = 0
    before_ns: Whole64 = 0
    after_ns: Whole64 = 0
    decide: Rule = 0
    learn: Rule = 0
    every_event: Whole32 = 0
    newest: Whole32 = 0
    merged_most: Whole64 = 0
    merged_after_ns: Whole64 = 0
    admit: Rule = 0
    admits_at: Whole64 = 0
    inside: Whole64 = 0
    draws: Whole64 = 0
    curve: Whole64 = 0
    sizes: Whole64 = 0


@dataclass(slots=True)
class Node:
    """Where a token can be, and what kind of place that is. `next` is the node behind it.

    A station of many has a balancer: `tree` is that of the stations' loads, where one is kept, `load` the row of loads
    that it sees; where those are `lag_ns` old, changes from `unseen` on are not in it. Others take `takes_ns`; `of` is
    the number of a split's first branch, of a join's split, of a cache, or of the link whose line messages share. The
    balancer believes that so many stations are `live`, and learns of others `health_lag_ns` late.
    """

    kind: Whole32 = 0
    wait_for: Whole32 = 0
    choose: Rule = 0
    uniforms: Whole32 = 0
    drawn_by: Whole32 = 0
    load: Whole64 = 0
    lag_ns: Whole64 = 0
    unseen: Whole64 = 0
    key: Key = 0
    tree: Whole64 = 0
    next: Whole64 = 0
    takes_ns: Whole64 = 0
    per_byte: Number = 0.0
    of: Whole64 = 0
    answers: Whole64 = 0
    hit: Whole64 = 0
    health_lag_ns: Whole64 = 0
    live: Whole64 = 0


@dataclass(slots=True)
class Change:
    """So much more load on a station from an instant on, kept until every balancer has seen it."""

    at_ns: Whole64 = 0
    station: Whole64 = 0
    load: Whole64 = 0


@dataclass(slots=True)
class Station:
    """A line, its forming rule, and the servers that it feeds.

    `trees` are the rows of `trees` that hold its load; `servers_base` is the tree of its servers' batches. Where
    requests do not go in the order in which they come, they also stand in `levels` lines from `ranked_line` on.
    """

    idle: Whole32 = 0
    touched: Whole16 = 0
    watchful: Whole16 = 0
    pool: Whole32 = 0
    formed: Whole32 = 0
    load_unit: Whole64 = 0
    trees: Whole32 = 0
    trees_end: Whole32 = 0
    first_server: Whole32 = 0
    servers: Whole32 = 0
    wakes_ns: Whole64 = 0
    expires_ns: Whole64 = 0
    timeout_ns: Whole64 = 0
    capacity: Whole64 = 0
    servers_base: Whole64 = 0
    servers_size: Whole64 = 0
    discipline: Whole32 = 0
    levels: Whole32 = 0
    down: Whole64 = 0
    ranked_line: Whole64 = 0


@dataclass(slots=True)
class Line:
    """Tokens one behind the other; a front end is free again at `free_ns`. `units` is kept where they differ."""

    first: Whole32 = 0
    last: Whole32 = 0
    count: Whole32 = 0
    units: Whole32 = 0
    free_ns: Whole64 = 0


@dataclass(slots=True)
class Server:
    """Instances on a device; the next server of the same device is `beside` it.

    `drawn_from` is the batch from which on its draws are at hand. It is `shut` while no batch can begin: a pipeline
    that nobody can enter, or a server that is `down`; `turns` counts how often it has failed or come back. The stages
    of a pipeline stand in `stage_free` from `first_stage` on.
    """

    pool: Whole32 = 0
    station: Whole32 = 0
    first_instance: Whole32 = 0
    running: Whole32 = 0
    formed: Whole64 = 0
    drawn_from: Whole64 = 0
    key: Key = 0
    device: Whole32 = 0
    beside: Whole32 = 0
    first_stage: Whole32 = 0
    shut: Whole32 = 0
    down: Whole32 = 0
    turns: Whole32 = 0


@dataclass(slots=True)
class Device:
    """What the batches of its servers share; how many are on it, and until when their work is counted.

    Where they take turns, so many have come to it.
    """

    first_server: Whole32 = 0
    batches: Whole32 = 0
    timed_ns: Whole64 = 0
    takes_turns: Whole64 = 0
    came: Whole64 = 0


@dataclass(slots=True)
class Instance:
    """An execution slot on a server; its batch begins with the token `first`."""

    state: Whole64 = 0
    number: Whole64 = 0
    started_ns: Whole64 = 0
    ends_ns: Whole64 = 0
    remaining_ns: Whole64 = 0
    first: Whole64 = 0
    count: Whole32 = 0
    units: Whole32 = 0
    batch: Whole64 = 0


@dataclass(slots=True)
class Token:
    """A request on its way.

    `root` is its number, `order` that by which tokens go that come to a node at one instant; `since_ns` is since when
    it waits, in a front end when it leaves that; `waited_ns` and `served_ns` are sums along its path; `row` is that of
    its request, or of the slice of the tally in which it was sent, `visit` that of its last visit; `together` is how
    many are in the batch formed ahead that begins with it.
    """

    root: Whole64 = 0
    order: Whole64 = 0
    sent_ns: Whole64 = 0
    since_ns: Whole64 = 0
    waited_ns: Whole64 = 0
    served_ns: Whole64 = 0
    visit: Whole64 = 0
    next: Whole32 = 0
    before: Whole32 = 0
    client: Whole32 = 0
    node: Whole32 = 0
    together: Whole32 = 0
    row: Whole32 = 0
    units: Whole32 = 0
    of_class: Whole32 = 0


@dataclass(slots=True)
class Standing:
    """Where a token stands in a ranked line."""

    next: Whole32 = 0
    before: Whole32 = 0


class_at, arrival_at = table("classes", Class), table("arrivals", Arrival)
pool_at, node_at, station_at = table("pools", Pool), table("nodes", Node), table("stations", Station)
server_at, instance_at = table("servers", Server), table("instances", Instance)
device_at = table("devices", Device)
line_at, token_at, standing_at = table("lines", Line), table("tokens", Token), table("standings", Standing)
change_at = table("changes", Change)

# Rows by pool: settings of its batching rule, how its batches slow each other, service by batch size.
settings_at, slowdown_at = rows("settings"), rows("slowdown")
overhead_ns_at, lower_at = rows("overhead_ns"), rows("lower")
mean_ns_at, weight_at = float_rows("mean_ns"), float_rows("weight")
# By measured batch size, of all pools one after the other.
curve_ns_at = float_rows("curves_ns")
# Settings of the admission rule by pool, and what it keeps: by pool, then by station.
admission_at, admission_memory_at = rows("admission"), rows("admission_memory")
# By station and by node: what its rule keeps between calls.
station_memory_at, node_memory_at = rows("station_memory"), rows("node_memory")
# By node: settings of its balancer, its stations and their cumulative shares.
balancing_at = rows("balancing")
stations_at, shares_at = rows("stations_of_node"), float_rows("shares_of_node")
# By server: when it fails, when it is back, and so on.
outages_at = rows("outages")
# By node: the stations that are believed to have servers with their cumulative shares, and which others are not.
live_at, live_shares_at, unreached_at = rows("live_stations"), float_rows("live_shares"), rows("unreached")
# By node: where ways begin that a choice or a split has, and which one a class takes.
starts_at, ways_at = rows("starts_of_node"), rows("ways_of_class")
# By node: the quantile function of a delay, cumulative shares of the keys that a cache draws.
delay_shares_at, delay_ns_at = float_rows("delay_shares"), float_rows("delay_ns")
cache_shares_at = float_rows("cache_shares")
# By class: how many units its requests can have, with cumulative shares, and cumulative shares of its keys.
unit_values_at, unit_shares_at, key_shares_at = rows("unit_values"), float_rows("unit_shares"), float_rows("key_shares")
# The class of each client of a closed loop.
client_class_of = column("client_class")
# The load of every station: as it is, then as each balancer sees it that sees it late.
load_at = rows("load")

# Winner trees, see `tree`: events (in machine code), clients, loads of nodes, servers of stations.
keys_of, winners_of = column("keys"), column("winners")
# When each stage of the pipelines is free again.
stage_free_of = column("stage_free")
# Where the load of a station stands in them: base, size, leaf, three cells each.
trees_of = column("trees")
# Stations that decide when the instant is over (a heap), and in that order.
touched_of, deciding_of = column("touched"), column("deciding")
# Where there are no rows, the fields of a `Tally`.
tally_requests_of, tally_pools_of = float_column("tally_requests"), float_column("tally_pools")
tally_latency_of, tally_waiting_of = column("tally_latency", "i4"), column("tally_waiting", "i4")
tally_batches_of = column("tally_batches", "i4")

PARTS = (
    *(outages_at, live_at, live_shares_at, unreached_at),
    *(starts_at, ways_at, delay_shares_at, delay_ns_at, cache_shares_at),
    *(class_at, arrival_at, unit_values_at, unit_shares_at, key_shares_at, client_class_of),
    *(
        pool_at,
        node_at,
        station_at,
        server_at,
        instance_at,
        device_at,
        line_at,
        token_at,
        standing_at,
        change_at,
    ),
    *(settings_at, slowdown_at, overhead_ns_at, lower_at, mean_ns_at, weight_at, curve_ns_at),
    *(admission_at, admission_memory_at),
    *(station_memory_at, node_memory_at, balancing_at, stations_at, shares_at, load_at),
    *(keys_of, winners_of, trees_of, touched_of, deciding_of, stage_free_of),
    *(tally_requests_of, tally_pools_of, tally_latency_of, tally_waiting_of, tally_batches_of),
)
