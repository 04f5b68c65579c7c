"""What `capsim profile measure` shows while it measures."""

from __future__ import annotations

import time
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

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
            TimeRemainingColumn(),
            console=Console(stderr=True),
            auto_refresh=False,
        )
        self._task: TaskID | None = None
        self._waiting = 0.0
        self._drawn = 0.0

    def __enter__(self) -> Self:
        """Take the terminal."""
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Draw what is left, and give the terminal back."""
        if self._task is not None:
            self._progress.update(self._task, advance=self._waiting)
        self._progress.stop()

    def note(self, text: str) -> None:
        """A line above the bar."""
        self._progress.console.print(text, highlight=False)

    def planned(self, seconds: float) -> None:
        """Start the bar."""
        self._task = self._progress.add_task("measuring", total=seconds)

    def advanced(self, seconds: float) -> None:
        """Move the bar, a few times in a second at most: drawing cools the caches of quick models."""
        self._waiting += seconds
        now = time.monotonic()
        if self._task is not None and now - self._drawn > _SECONDS_BETWEEN_DRAWINGS:
            self._progress.update(self._task, advance=self._waiting, refresh=True)
            self._waiting, self._drawn = 0.0, now
