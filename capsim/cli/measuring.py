"""What `capsim profile measure` shows while it measures."""

from __future__ import annotations

import time
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn

from capsim.cli.asking import span

_SECONDS_BETWEEN_DRAWINGS = 0.5


class ConsoleObserver:
    """A bar with the time left, and notes, on standard error."""

    def __init__(self) -> None:
        """Nothing is shown before the context is entered."""
        # A thread that redraws would run on the measured core, so that this class draws between samples.
        self._progress = Progress(
            TextColumn("measuring"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.description}"),
            console=Console(stderr=True),
            auto_refresh=False,
        )
        self._bar: TaskID | None = None
        self._drawn = 0.0

    def __enter__(self) -> Self:
        """Take the terminal."""
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Give the terminal back."""
        self._progress.stop()

    def note(self, text: str) -> None:
        """A line above the bar."""
        self._progress.console.print(text, highlight=False)

    def left(self, done_s: float, left_s: float) -> None:
        """Move the bar, a few times in a second at most: drawing cools the caches of quick models."""
        now = time.monotonic()
        if left_s > 0 and now - self._drawn < _SECONDS_BETWEEN_DRAWINGS:
            return
        self._drawn = now
        if self._bar is None:
            self._bar = self._progress.add_task("")
        words = f"at most {span(left_s)} left" if left_s > 0 else ""
        self._progress.update(self._bar, completed=done_s, total=done_s + left_s, description=words, refresh=True)
