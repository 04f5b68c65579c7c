"""Outages: a server fails and loses its batches, balancers learn of it, it is back."""

from __future__ import annotations

from capsim.engine.kernel.layout import NOTHING, word
from capsim.engine.kernel.order import BATCH_ENDS, LEARNS, SERVER_TURNS
from capsim.engine.kernel.records import (
    IDLE,
    ON_DEVICE,
    Model,
    device_at,
    instance_at,
    line_at,
    live_at,
    live_shares_at,
    node_at,
    outages_at,
    pool_at,
    server_at,
    shares_at,
    stage_free_of,
    station_at,
    stations_at,
    token_at,
    unreached_at,
)
from capsim.engine.kernel.words import ring_at, set_alarm
from capsim.engine.ledger import Outcome
from capsim.engine.model.caches import pass_to
from capsim.engine.model.copies import lose
from capsim.engine.model.ends import is_called_off
from capsim.engine.model.loads import add_load
from capsim.engine.model.probes import note_batch_ended
from capsim.engine.model.queues import drop_out
from capsim.engine.model.servers import next_in_turn, run_batches, set_next_ends, work_until_now
from capsim.engine.model.waiting import touch
from capsim.units import NEVER

FAILED = int(Outcome.failed)


@word
def lose_batch(m: Model, v: int, i: int) -> None:
    """The batch of an instance of a server is lost, and its requests with it."""
    server, instance = server_at(m, v), instance_at(m, i)
    if instance.state == ON_DEVICE:
        device_at(m, server.device).batches -= 1
    instance.state = IDLE
    run_batches(m, v, -1)
    note_batch_ended(m, v, i)
    t = instance.first
    for _ in range(instance.count):
        following = token_at(m, t).next
        add_load(m, server.station, -1)
        if not is_called_off(m, t):
            lose(m, t, FAILED)
        t = following


@word
def fail(m: Model, v: int) -> None:
    """A server is down."""
    server = server_at(m, v)
    pool, station = pool_at(m, server.pool), station_at(m, server.station)
    idle = 1 - server.shut if pool.stages else 0
    server.down = server.shut = 1
    if pool.interact:
        work_until_now(m, server.device)
    for i in range(server.first_instance, server.first_instance + pool.instances):
        if instance_at(m, i).state != IDLE:
            lose_batch(m, v, i)
        elif pool.stages == 0:
            idle += 1
    station.idle -= idle
    run_batches(m, v, 0)
    ring_at(m, BATCH_ENDS, v, NEVER)
    if pool.interact:
        if device_at(m, server.device).takes_turns:
            next_in_turn(m, server.device)
        set_next_ends(m, server.device)


@word
def come_back(m: Model, v: int) -> None:
    """A server is up again, with nothing to do."""
    server = server_at(m, v)
    pool, station = pool_at(m, server.pool), station_at(m, server.station)
    server.down = server.shut = 0
    station.idle += 1 if pool.stages else pool.instances
    for stage in range(pool.stages):
        stage_free_of(m)[server.first_stage + stage] = m.now_ns
    run_batches(m, v, 0)
    touch(m, server.station)


@word
def tell_balancers(m: Model, s: int, reached: int) -> None:
    """Balancers will learn that a station has no server any more, or has one again."""
    for n in range(m.nodes_count):
        for place in range(len(stations_at(m, n))):
            if stations_at(m, n)[place] == s:
                order = n * m.stations_count + s
                set_alarm(m, LEARNS, order, order, reached, m.now_ns + node_at(m, n).health_lag_ns)


@word
def server_turns(m: Model, v: int) -> None:
    """A server fails, or is back."""
    server, outages = server_at(m, v), outages_at(m, v)
    s = server.station
    station = station_at(m, s)
    if server.down:
        come_back(m, v)
        station.down -= 1
        if station.down == station.servers - 1:
            tell_balancers(m, s, 1)
    else:
        fail(m, v)
        station.down += 1
        if station.down == station.servers:
            tell_balancers(m, s, 0)
    server.turns += 1
    if server.turns < len(outages):
        set_alarm(m, SERVER_TURNS, v, v, 0, outages[server.turns])


@word
def review(m: Model, n: int) -> None:
    """The stations of a node that its balancer believes to have servers, and their cumulative shares."""
    node, stations, live = node_at(m, n), stations_at(m, n), live_at(m, n)
    shares, live_shares, unreached = shares_at(m, n), live_shares_at(m, n), unreached_at(m, n)
    count, before, total = 0, 0.0, 0.0
    for place in range(len(stations)):
        if not unreached[place]:
            live[count] = stations[place]
            total += shares[place] - before
            live_shares[count] = total
            count += 1
        before = shares[place]
    node.live = count
    for place in range(count):
        live_shares[place] = live_shares[place] / total if total > 0.0 else (place + 1) / count


@word
def balance_anew(m: Model, n: int, s: int) -> None:
    """Those who wait at a station for which a node has found others come to the node again, first come first."""
    t = line_at(m, s).first if line_at(m, s).count > 0 else NOTHING
    while t != NOTHING:
        token = token_at(m, t)
        following = token.next
        if token.node == n:
            token.waited_ns += m.now_ns - token.since_ns
            drop_out(m, t, s)
            add_load(m, s, -1)
            pass_to(m, t, n)
        t = following


@word
def learns(m: Model, order: int, reached: int) -> None:
    """A balancer learns that a station has no server any more, or has one again."""
    n, s = order // m.stations_count, order % m.stations_count
    stations, unreached = stations_at(m, n), unreached_at(m, n)
    for place in range(len(stations)):
        if stations[place] == s:
            unreached[place] = 1 - reached
    review(m, n)
    if not reached and node_at(m, n).live > 0:
        balance_anew(m, n, s)
