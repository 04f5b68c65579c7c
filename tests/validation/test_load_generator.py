"""The load generator that measures real servers, against one that takes 20 ms for each request, one at a time."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks" / "accuracy" / "servers"))

from load import closed_loop, infer_request, open_loop

SERVICE_S = 0.02
REQUEST = infer_request("127.0.0.1", "model", (4,))


class Serial(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    turn = threading.Lock()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        with self.turn:
            time.sleep(SERVICE_S)
        self.send_response(404 if "missing" in self.path else 200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, int]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Serial)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield ("127.0.0.1", server.server_address[1])
    server.shutdown()
    server.server_close()
    thread.join()


def test_open_loops_do_not_wait_for_a_slow_server(address: tuple[str, int]) -> None:
    log = open_loop(address, REQUEST, np.linspace(0, 0.045, 10), connections=2)
    assert log.sent_us.tolist() == [5000 * i for i in range(10)]
    # The last is sent after 45 ms and answered when ten services have passed.
    assert log.latency_us[-1] >= (10 * SERVICE_S - 0.045) * 1e6 - 1000
    assert (log.late_us >= 0).all()


def test_clients_of_a_closed_loop_have_one_request_each(address: tuple[str, int]) -> None:
    log = closed_loop(address, REQUEST, clients=3, seconds=0.3)
    finished = log.sent_us + log.latency_us
    instants = np.concatenate([log.sent_us, finished])
    steps = np.repeat([1, -1], len(log.sent_us))[np.lexsort((np.repeat([1, 0], len(log.sent_us)), instants))]
    assert steps.cumsum().max() == 3
    assert log.latency_us[3:].min() >= SERVICE_S * 1e6


def test_rounds_begin_when_all_have_been_answered(address: tuple[str, int]) -> None:
    log = closed_loop(address, REQUEST, clients=3, seconds=0.2, together=True)
    rounds = log.sent_us.reshape(-1, 3)
    finished = rounds + log.latency_us.reshape(-1, 3)
    assert (rounds[1:].min(axis=1) >= finished[:-1].max(axis=1)).all()


def test_an_error_of_the_server_is_told(address: tuple[str, int]) -> None:
    with pytest.raises(RuntimeError, match="404"):
        open_loop(address, infer_request("127.0.0.1", "missing", (4,)), np.array([0.0]), connections=1)
