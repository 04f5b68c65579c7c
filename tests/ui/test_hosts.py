"""By which names the explorer may be reached, and what faults tell of this machine."""

from __future__ import annotations

import os
import socket
from typing import NoReturn

import pytest

from capsim import shipped
from capsim.ui import hosts, server, words
from capsim.ui.hosts import may_reach


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8501", "LOCALHOST.:1", "127.0.0.1:8501", "127.3.2.1", "[::1]:8501", "::1", None, ""],
)
@pytest.mark.parametrize("address", ["127.0.0.1", "localhost", "::1", "0.0.0.0", "192.168.1.7"])  # noqa: S104
def test_this_machine_may(host: str | None, address: str) -> None:
    assert may_reach(host, address)


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8501", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.7:8501"]
)
@pytest.mark.parametrize("address", ["127.0.0.1", "localhost", "::1"])
def test_others_may_not_where_the_pages_are_for_this_machine(host: str, address: str) -> None:
    assert not may_reach(host, address)


def test_where_the_pages_are_for_others_too_names_that_nobody_told_may_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "Plan-Box")
    for address in ("0.0.0.0", ""):  # noqa: S104
        assert may_reach("10.0.0.7:8501", address)
        assert may_reach("[fe80::1]:8501", address)
        assert may_reach("plan-box:8501", address)
        assert not may_reach("evil.example:8501", address)
    assert may_reach("plans.example", "plans.example")


def test_names_that_were_told_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(hosts.HOSTS, "plans.example, other.example:443")
    told = hosts.told_hosts()
    assert may_reach("plans.example:80", "127.0.0.1", told)
    assert may_reach("other.example", "127.0.0.1", told)
    assert not may_reach("third.example", "127.0.0.1", told)


def test_the_command_hands_names_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def started(_file: str, _words: list[str], environment: dict[str, str]) -> NoReturn:
        raise RuntimeError(environment[hosts.HOSTS])

    monkeypatch.setattr(os, "execve", started)
    with pytest.raises(RuntimeError, match=r"a\.example,b\.example"):
        server.serve(None, server.LOOPBACK, None, browser=False, allowed=["a.example", "b.example"])


def test_faults_name_shipped_files_without_their_folders() -> None:
    place = shipped.folder("profiles") / "cpu" / "x.yaml"
    assert words._without_folders(f"s.yaml has 1 problem\n  {place}: no") == "s.yaml has 1 problem\n  cpu/x.yaml: no"
