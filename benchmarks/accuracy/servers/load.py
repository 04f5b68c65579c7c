"""A load generator: open loops at intended send times, closed loops, and rounds of simultaneous requests.

Load generators in wide use send at a constant rate or draw their own arrivals; a prediction has to see the very
arrivals that the server saw. Latency counts from the intended instant, so that a server that falls behind cannot hide
it (coordinated omission). One thread does all, on a core for itself.
"""

from __future__ import annotations

import gc
import heapq
import json
import random
import select
import socket
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEAD_S = 0.02
LONG_NS = 10**12
SILENCE_S = 20.0
"""A server that answers nothing for so long is given up."""

Microseconds = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Log:
    """What was sent, in the order of the answers (closed loop) or of sending.

    Attributes:
        sent_us: when each request was to be sent, from the start of the run.
        latency_us: from then until its answer had arrived.
        late_us: how much later than intended it was sent.
    """

    sent_us: Microseconds
    latency_us: Microseconds
    late_us: Microseconds


def infer_request(host: str, model: str, inputs: Sequence[int], *, binary: bool = True) -> bytes:
    """An inference request of one item in the KServe protocol, version 2, with binary tensors or in JSON alone."""
    values = np.random.default_rng(0).standard_normal((1, *inputs)).astype(np.float32)
    tensor = {"name": "input", "shape": [1, *inputs], "datatype": "FP32"}
    path = f"/v2/models/{model}/infer"
    if not binary:
        body = json.dumps({"inputs": [tensor | {"data": values.ravel().tolist()}]}).encode()
        return http_request(host, path, body, "Content-Type: application/json")
    head = json.dumps(
        {
            "inputs": [tensor | {"parameters": {"binary_data_size": values.nbytes}}],
            "outputs": [{"name": "output", "parameters": {"binary_data": True}}],
        }
    ).encode()
    return http_request(host, path, head + values.tobytes(), f"Inference-Header-Content-Length: {len(head)}")


def http_request(host: str, path: str, body: bytes, *head: str) -> bytes:
    """A POST with these lines in its head."""
    lines = (f"POST {path} HTTP/1.1", f"Host: {host}", *head, f"Content-Length: {len(body)}", "", "")
    return "\r\n".join(lines).encode() + body


class Connection:
    """One kept-alive HTTP connection with at most one request under way."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        self.number = 0

    def send(self, request: bytes, number: int) -> None:
        """Send a request that is known by its number."""
        self.number = number
        self.socket.sendall(request)

    def answered(self) -> bool:
        """Take what has arrived; whether the answer is complete.

        Raises:
            RuntimeError: it is no success.
        """
        self.received += self.socket.recv(65536)
        head, separator, body = self.received.partition(b"\r\n\r\n")
        if not separator:
            return False
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"the server answered {self.received[:300]!r}")
        place = head.lower().index(b"content-length:") + len(b"content-length:")
        if len(body) < int(head[place:].split(b"\r\n", 1)[0]):
            return False
        self.received = b""
        return True


class Connections:
    """Connections to one server, and which of them have been answered."""

    def __init__(self, address: tuple[str, int], count: int) -> None:
        self.address = address
        self.by_number: dict[int, Connection] = {}
        self.free: deque[Connection] = deque()
        self.heard_s = time.monotonic()
        for _ in range(count):
            self.open()

    def open(self) -> None:
        """One more."""
        connection = Connection(self.address)
        self.by_number[connection.socket.fileno()] = connection
        self.free.append(connection)

    def send(self, request: bytes, number: int) -> None:
        """Send over the connection that has been free for longest; silence counts from the first that waits."""
        if not self.free:
            self.open()
        if len(self.free) == len(self.by_number):
            self.heard_s = time.monotonic()
        self.free.popleft().send(request, number)

    def answers(self, until_ns: int) -> Iterator[int]:
        """The numbers of the requests answered since it was asked last; waits for one, or for an instant of the clock.

        Raises:
            RuntimeError: nothing was heard for too long.
        """
        wait_s = min(max(until_ns - time.perf_counter_ns(), 0) / 1e9, SILENCE_S)
        # Its timeouts are exact to the microsecond, those of epoll to the millisecond.
        heard, _, _ = select.select(self.by_number, [], [], wait_s)
        if heard:
            self.heard_s = time.monotonic()
        elif len(self.free) < len(self.by_number) and time.monotonic() - self.heard_s > SILENCE_S:
            raise RuntimeError(f"the server was silent for {SILENCE_S:g} s")
        for number in heard:
            connection = self.by_number[number]
            if connection.answered():
                self.free.append(connection)
                yield connection.number

    def close(self) -> None:
        """Close all."""
        for connection in self.by_number.values():
            connection.socket.close()


@contextmanager
def _connections(address: tuple[str, int], count: int) -> Iterator[Connections]:
    found = Connections(address, count)
    gc.collect()
    gc.disable()
    try:
        yield found
    finally:
        gc.enable()
        found.close()


def open_loop(address: tuple[str, int], request: bytes, times_s: NDArray[np.float64], connections: int = 64) -> Log:
    """Send at the given instants, whatever the server does."""
    clock = time.perf_counter_ns
    count = len(times_s)
    sent, answered = np.zeros(count, np.int64), np.zeros(count, np.int64)
    with _connections(address, connections) as server:
        start = clock() + round(LEAD_S * 1e9)
        due = (start + np.rint(times_s * 1e9).astype(np.int64)).tolist()
        following, left = 0, count
        while left:
            while following < count and due[following] <= clock():
                sent[following] = clock()
                server.send(request, following)
                following += 1
            for number in server.answers(due[following] if following < count else clock() + LONG_NS):
                answered[number] = clock()
                left -= 1
    intended = np.array(due)
    return Log((intended - start) // 1000, (answered - intended) // 1000, (sent - intended) // 1000)


def closed_loop(
    address: tuple[str, int],
    request: bytes,
    clients: int,
    seconds: float,
    *,
    pause_s: float = 0.0,
    together: bool = False,
) -> Log:
    """Clients that send again when they, or (`together`) all of them, have been answered.

    Before that they pause for a uniform time of at most `pause_s`.
    """
    clock = time.perf_counter_ns
    pauses = random.Random(0)  # noqa: S311 - not a secret
    sent_at: list[int] = []
    order: list[tuple[int, int]] = []
    with _connections(address, clients) as server:
        start = clock()
        stop = start + round(seconds * 1e9)
        due = [start] * clients
        while due or len(order) < len(sent_at):
            while due and due[0] <= clock():
                heapq.heappop(due)
                sent_at.append(clock())
                server.send(request, len(sent_at) - 1)
            for number in server.answers(due[0] if due else clock() + LONG_NS):
                order.append((number, clock()))
                if not together and clock() < stop:
                    heapq.heappush(due, clock() + round(pauses.uniform(0, pause_s) * 1e9))
            if together and not due and len(order) == len(sent_at) and clock() < stop:
                due = [clock() + round(pauses.uniform(0, pause_s) * 1e9)] * clients
    numbers, answered = np.array(order).T
    sent = np.array(sent_at)[numbers]
    return Log((sent - start) // 1000, (answered - sent) // 1000, np.zeros(len(sent), np.int64))
