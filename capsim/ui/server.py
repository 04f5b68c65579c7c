"""How Streamlit is started: bound to this machine alone, and silent towards its makers."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from capsim.errors import Fault, InputError, MissingExtraError
from capsim.ui.hosts import HOSTS

GIVEN = "CAPSIM_EXPLORE"
"""The environment variable that names the scenario the explorer was started with."""
LOOPBACK = "127.0.0.1"
ROUTER = Path(__file__).with_name("router.py")
OPTIONS = {
    "server.maxUploadSize": "32",
    "browser.gatherUsageStats": "false",
    "client.toolbarMode": "viewer",
    "runner.magicEnabled": "false",
    "theme.baseFontSize": "14",
    "theme.headingFontSizes": "2rem,1.3rem",
    "theme.light.primaryColor": "#2f7fc1",
    # Captions are shown at 60 % of it, which keeps 4.5:1 on white.
    "theme.light.textColor": "#0e1117",
    "theme.dark.primaryColor": "#2f7fc1",
}


def command(host: str, port: int | None, *, browser: bool) -> list[str]:
    """The command that serves the pages; without a port, on the first that is free from 8501 on."""
    options = {
        "server.address": host,
        "server.headless": "false" if browser else "true",
        "server.showEmailPrompt": "false",
        "server.fileWatcherType": "none",
        **OPTIONS,
        **({} if port is None else {"server.port": str(port)}),
    }
    flags = [f"--{name}={value}" for name, value in options.items()]
    return [sys.executable, "-m", "streamlit", "run", str(ROUTER), *flags]


def check_free(host: str, port: int) -> None:
    """See that nobody listens on a port yet.

    Raises:
        InputError: somebody does, or the address is none of this machine's.
    """
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        with socket.socket(addresses[0][0], socket.SOCK_STREAM) as trial:
            if os.name == "posix":
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(addresses[0][4])
    except OSError as error:
        said = "is in use; choose another, or leave it out for the first free one"
        taken = error.errno == errno.EADDRINUSE
        option, value = ("--port", str(port)) if taken else ("--host", host)
        words = said if taken else f"cannot be listened on: {error.strerror or error}"
        raise InputError(f"{option} {value}", [Fault(option, words)]) from None


def serve(scenario: str | None, host: str, port: int | None, *, browser: bool, allowed: Sequence[str] = ()) -> int:
    """Serve the pages until they are stopped; gives the exit code of Streamlit, where it returns.

    Args:
        scenario: the one to open.
        host: the address to listen on.
        port: the port; the first free one if not given.
        browser: open the page.
        allowed: further names by which browsers may reach it.

    Raises:
        MissingExtraError: Streamlit or Altair is not installed.
    """
    for package in ("streamlit", "altair"):
        if find_spec(package) is None:
            raise MissingExtraError(package, "ui")
    words = command(host, port, browser=browser)
    environment = os.environ | ({GIVEN: scenario} if scenario else {}) | ({HOSTS: ",".join(allowed)} if allowed else {})
    if os.name == "posix":
        # In place of this process, so that every signal reaches Streamlit.
        sys.stdout.flush()
        os.execve(words[0], words, environment)  # noqa: S606 - our own command
    return subprocess.run(words, env=environment, check=False).returncode  # noqa: S603 - our own command
