"""A batch holds whole requests up to the maximum, which begin and end together where there is an idle instance."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from runs import Visit, run
from strategies import documents
from systems import Engine

from capsim.serving.sharing import SCALE


@given(documents() | documents(loads=["trace"], policies=["dynamic"], single=True))
def test_a_batch_holds_whole_requests_up_to_the_maximum(engine: Engine, document: dict[str, Any]) -> None:
    seen = run(engine, document)
    items = seen.blueprint.items_per_request
    most = [
        pool["batching"].get("max_batch_size", pool["batching"].get("batch_size", items)) for pool in document["pools"]
    ]
    for queue, line in seen.lines():
        for visit in line:
            assert visit.batch < 0 or 0 < visit.items <= most[queue.pool]
            assert visit.batch < 0 or visit.items % items == 0


@given(documents())
def test_the_requests_of_a_batch_begin_and_end_together(engine: Engine, document: dict[str, Any]) -> None:
    batches: dict[tuple[int, int], list[Visit]] = {}
    for visit in run(engine, document).visits():
        if visit.batch >= 0:
            batches.setdefault((visit.server, visit.batch), []).append(visit)
    for members in batches.values():
        assert len({(v.started_ns, v.finished_ns, v.items) for v in members}) == 1


@given(documents())
def test_no_server_runs_more_batches_than_it_has_instances(engine: Engine, document: dict[str, Any]) -> None:
    seen = run(engine, document)
    for queue in seen.blueprint.queues:
        instances = seen.blueprint.pools[queue.pool].instances
        for server in range(queue.first_server, queue.first_server + queue.servers):
            alone = type(queue)(queue.pool, server, 1, None, None, 1)
            batches = seen.running(alone)
            assert all(sum(start <= now < end for start, end in batches) <= instances for now, _ in batches)


@settings(max_examples=100)
@given(documents(loads=["trace"], distributions=["constant"], overlaps=[0.0, 0.5], single=True))
def test_a_batch_takes_its_work_at_least_and_at_most_as_much_longer_as_all_instances_share(
    engine: Engine, document: dict[str, Any]
) -> None:
    """Each new timing rounds by less than 2 ns, and there is one at most for each batch of the server."""
    seen = run(engine, document)
    batches = seen.ledger.batches
    for pool in seen.blueprint.pools:
        for server in range(pool.first_server, pool.first_server + pool.servers):
            here = (batches["server"] == server) & (batches["finished_ns"] >= 0)
            roundings = 4 * int((batches["server"] == server).sum())
            took_ns = (batches["finished_ns"] - batches["started_ns"])[here]
            for took, requests in zip(took_ns.tolist(), batches["requests"][here].tolist(), strict=True):
                overhead, work = int(pool.service.overhead_ns[requests - 1]), int(pool.service.mean_ns[requests - 1])
                assert overhead + work <= took <= overhead + work * pool.slowdown[-1] // SCALE + roundings
