"""By which names browsers may reach the pages: else a page of another site could, whose name leads to this machine."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Collection

HOSTS = "CAPSIM_HOSTS"
"""The environment variable that holds further names, with commas between them."""


def may_reach(host: str | None, address: str, further: Collection[str] = ()) -> bool:
    """Whether a browser that asked for this host, as `NAME:PORT`, may see the pages.

    Names that lead to this machine alone may; where the pages are served on other addresses, so may those, this
    machine's name and every address in digits, which nobody's name can be mistaken for; else what was told.

    Args:
        host: the header `Host`; a program that sends none is no browser.
        address: what the pages are served on.
        further: names that were told.
    """
    if not host:
        return True
    name, own = _name(host), _name(address)
    if name == "localhost" or _is_loopback(name) or name in map(_name, further):
        return True
    if own == "localhost" or _is_loopback(own):
        return False
    return name in {own, socket.gethostname().lower()} or _digits(name) is not None


def told_hosts() -> list[str]:
    """The further names of the environment."""
    return [name.strip() for name in os.environ.get(HOSTS, "").split(",") if name.strip()]


def _name(host: str) -> str:
    """A host without its port, in lower case."""
    host = host.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return (host.partition(":")[0] if host.count(":") == 1 else host).rstrip(".")


def _digits(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


def _is_loopback(name: str) -> bool:
    digits = _digits(name)
    return digits is not None and digits.is_loopback
