"""The explorer listens on loopback, sends nothing anywhere, and says what is missing."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.request import urlopen

import pytest
from explorer import ROOT
from serving import free_port, serving

from capsim.errors import MissingExtraError
from capsim.ui import server


def flags() -> dict[str, str]:
    words = server.command(server.LOOPBACK, 8765, browser=False)
    return dict(word.removeprefix("--").split("=", 1) for word in words if word.startswith("--"))


def test_app_py_is_configured_as_the_command_is() -> None:
    with (ROOT / ".streamlit" / "config.toml").open("rb") as stream:
        read = tomllib.load(stream)
    told: dict[str, str] = {}

    def flatten(section: dict[str, object], path: str) -> None:
        for name, value in section.items():
            if isinstance(value, dict):
                flatten(value, f"{path}{name}.")
            elif isinstance(value, list):
                told[f"{path}{name}"] = ",".join(value)
            else:
                told[f"{path}{name}"] = str(value).lower() if isinstance(value, bool) else str(value)

    flatten(read, "")
    assert told == server.OPTIONS | {"server.address": server.LOOPBACK}


def test_the_command_is_for_this_machine_alone_and_silent() -> None:
    assert flags()["server.address"] == "127.0.0.1"
    assert flags()["browser.gatherUsageStats"] == "false"
    assert flags()["server.headless"] == "true"
    assert not any(word.startswith("--server.port") for word in server.command("0.0.0.0", None, browser=True))  # noqa: S104


def test_app_py_has_three_lines() -> None:
    assert len((ROOT / "app.py").read_text().splitlines()) == 3


@pytest.mark.parametrize("how", ["explore", "app.py"])
def test_it_listens_on_loopback_and_ends_when_told(how: str, tmp_path: Path) -> None:
    port = free_port()
    words = [sys.executable, "-m", "capsim", "explore", "--no-browser", "--port", str(port)]
    if how == "app.py":
        options = ["--server.headless=true", f"--server.port={port}"]
        words = [sys.executable, "-m", "streamlit", "run", "app.py", *options]
    with serving(words, port, ROOT if how == "app.py" else tmp_path) as process:
        with urlopen(f"http://127.0.0.1:{port}/") as page:
            assert page.status == 200
        with socket.socket() as probe:
            # Another address of this machine, on which it would answer if it listened everywhere.
            assert probe.connect_ex(("127.0.0.2", port)) != 0
        process.terminate()
        process.wait(60)
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "find_spec", lambda package: None if package == "streamlit" else object())
    with pytest.raises(MissingExtraError, match=r"streamlit is not installed; .* 'capsim\[ui\]'"):
        server.serve(None, server.LOOPBACK, None, browser=False)


def test_a_scenario_with_faults_is_refused_before_anything_is_served(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("name: 3\n")
    words = [sys.executable, "-m", "capsim", "explore", "bad.yaml", "--no-browser"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert "bad.yaml has" in done.stderr


def test_importing_the_commands_does_not_import_streamlit() -> None:
    code = "import capsim.cli, capsim.ui.server, json, sys; print(json.dumps(sorted(sys.modules)))"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert not {"streamlit", "altair", "pandas"} & set(json.loads(done.stdout))
