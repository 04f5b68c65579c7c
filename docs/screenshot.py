"""Take the picture of the explorer in the README: `python docs/screenshot.py [CHROMIUM]`."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import sync_playwright

PORT = 8599
ADDRESS = f"http://127.0.0.1:{PORT}/"
PICTURE = Path(__file__).parent / "images" / "explore.png"
PATIENCE_MS = 120_000


def main() -> None:
    """Start the explorer, wait until everything is drawn, and keep the picture."""
    words = [sys.executable, "-m", "capsim", "explore", "--no-browser", "--port", str(PORT)]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL) as server:  # noqa: S603 - our own command
        try:
            _wait()
            _take(sys.argv[1] if len(sys.argv) > 1 else shutil.which("chromium"))
        finally:
            server.terminate()


def _wait() -> None:
    for _ in range(600):
        try:
            with urlopen(f"{ADDRESS}_stcore/health"):  # noqa: S310 - of this machine
                return
        except (URLError, ConnectionError):
            time.sleep(0.1)


def _take(chromium: str | None) -> None:
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1400, "height": 1130})
        page.goto(ADDRESS)
        page.wait_for_selector('[data-testid="stVegaLiteChart"] >> nth=3', timeout=PATIENCE_MS)
        page.get_by_text("The objective is met up to").wait_for(timeout=PATIENCE_MS)
        page.wait_for_timeout(1000)
        PICTURE.parent.mkdir(exist_ok=True)
        page.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    main()
