"""The explorer in a real browser: what a user sees, and what the browser is made to do."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from commanded import capsim
from serving import free_port, serving

playwright = pytest.importorskip("playwright.sync_api", reason="a browser test needs playwright")

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine"),
    pytest.mark.xdist_group("one server and one browser"),
]
QUICK = "set=run.horizon%3D10+s&set=run.replications%3D3"
PICTURE = '[data-testid="stVegaLiteChart"] :is(svg, canvas)'
METRIC = '[data-testid="stMetric"]'
PATIENCE_MS = 120_000


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    words = [sys.executable, "-m", "capsim", "explore", "--no-browser", "--port", str(port)]
    with serving(words, port, tmp_path_factory.mktemp("served")):
        yield f"http://127.0.0.1:{port}/"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    options = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=options)
        yield opened
        opened.close()


class Watch:
    """What a page complains of, and whom it asks."""

    def __init__(self, page: Page) -> None:
        self.complaints: list[str] = []
        self.hosts: set[str | None] = set()
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda asked: self.hosts.add(urlsplit(asked.url).hostname))


def opened(browser: Browser, address: str, width: int = 1400) -> tuple[Page, Watch]:
    """The page with everything on it."""
    page = browser.new_context(viewport={"width": width, "height": 1000}).new_page()
    watch = Watch(page)
    page.goto(address)
    settled(page)
    return page, watch


def settled(page: Page) -> None:
    """Wait until the curve is drawn, which comes last."""
    page.wait_for_selector(METRIC, timeout=PATIENCE_MS)
    page.wait_for_function(f"document.querySelectorAll(`{PICTURE}`).length >= 4", timeout=PATIENCE_MS)
    page.wait_for_selector('[data-testid="stStatusWidget"]', state="detached", timeout=PATIENCE_MS)


def numbers(page: Page) -> list[str]:
    return page.locator(METRIC).all_inner_texts()


def test_a_slider_moves_the_numbers_and_the_address_which_reproduces_them(browser: Browser, address: str) -> None:
    page, watch = opened(browser, f"{address}?{QUICK}")
    before = numbers(page)
    assert "against 250 ms" in page.locator('[data-testid="stAlert"]').first.inner_text()
    slider = page.get_by_role("slider", name="Servers")
    slider.focus()
    slider.press("ArrowRight")
    page.wait_for_url("**pools.cpu.servers*", timeout=PATIENCE_MS)
    # The command stands below the numbers, and is drawn after them.
    page.locator("code").filter(has_text="pools.cpu.servers=11").wait_for(timeout=PATIENCE_MS)
    moved = numbers(page)
    assert moved != before
    again, watch_again = opened(browser, page.url)
    assert numbers(again) == moved
    assert watch.complaints + watch_again.complaints == []
    assert watch.hosts | watch_again.hosts <= {"127.0.0.1", None, ""}


def test_the_downloaded_answer_is_that_of_the_shown_command(browser: Browser, address: str, tmp_path: Path) -> None:
    page, _ = opened(browser, f"{address}?{QUICK}&set=pools.cpu.servers%3D9")
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Answer (JSON)").click()
    downloading.value.save_as(tmp_path / "answer.json")
    _, *words = shlex.split(page.locator("code").filter(has_text="capsim run").first.inner_text())
    printed = capsim(tmp_path, *words, "--json").stdout
    here, there = json.loads((tmp_path / "answer.json").read_text()), json.loads(printed)
    for answer in (here, there):
        del answer["provenance"]["engine_s"], answer["provenance"]["wall_s"]
    assert here == there
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Scenario with these settings").click()
    downloading.value.save_as(tmp_path / "there.yaml")
    assert json.loads(capsim(tmp_path, "run", "there.yaml", "--json").stdout)["latency_s"] == there["latency_s"]


def test_a_file_that_is_no_scenario_is_told_in_the_page(browser: Browser, address: str, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("name: x\npools: 3\n")
    page = browser.new_page()
    watch = Watch(page)
    page.goto(f"{address}?scenario=upload%3A")
    page.locator('input[type="file"]').first.set_input_files(tmp_path / "bad.yaml", timeout=PATIENCE_MS)
    told = page.get_by_text("bad.yaml has")
    told.wait_for(timeout=PATIENCE_MS)
    assert "expected a list" in page.locator("code").first.inner_text()
    assert watch.complaints == []


def test_it_fits_a_phone(browser: Browser, address: str) -> None:
    page, watch = opened(browser, f"{address}?{QUICK}", width=390)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(f"matchMedia('(prefers-color-scheme: {scheme})').matches")
        settled(page)
        assert page.evaluate("document.scrollingElement.scrollWidth <= window.innerWidth")
    assert watch.complaints == []
