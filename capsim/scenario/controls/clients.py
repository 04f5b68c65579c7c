"""What clients do about late answers: how long they wait, how often they try again, when they send a copy."""

from __future__ import annotations

from collections.abc import Iterator

from capsim.scenario.controls.control import Control, milliseconds, percentage, whole
from capsim.scenario.schema import Scenario
from capsim.serving.senders import MOST_RETRIES, Clients

MOST_TO_SLIDE = 5


def clients_controls(now: Scenario) -> Iterator[Control]:
    """The controls of clients, of all requests or of a class, as far as they are given."""
    if now.clients is not None:
        yield from _of(now.clients, "clients", "clients", "")
    for each in now.workload.classes or []:
        if each.clients is not None:
            yield from _of(
                each.clients, f"workload.classes.{each.name}.clients", f"class {each.name}", f", {each.name}"
            )


def _of(clients: Clients, at: str, group: str, of: str) -> Iterator[Control]:
    if clients.timeout is not None:
        said = "How long they wait for the answer of an attempt."
        yield milliseconds(f"{at}.timeout", f"Patience{of} (ms)", group, clients.timeout, said)
    if clients.retry is not None:
        said, most = "How often a lost request is sent again, at most.", clients.retry.most
        yield whole(f"{at}.retry.most", f"Retries{of}", group, most, MOST_TO_SLIDE, MOST_RETRIES, said)
        said, budget = "Retries per request first sent, at most; unbounded where empty.", clients.retry.budget
        yield percentage(f"{at}.retry.budget", f"Retry budget{of} (%)", group, budget, said, wide=True)
    if clients.hedge is not None and isinstance(clients.hedge.after, int):
        said = "A copy is sent after this time."
        yield milliseconds(f"{at}.hedge.after", f"Hedge after{of} (ms)", group, clients.hedge.after, said)
