"""Progress bars on standard error; nothing where that is not a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def counted(what: str, total: int, effort: float) -> Iterator[Callable[[float], None]]:
    """A bar of `total` things; call with the effort that each took, by which the time left is reckoned."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[told]}"), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        task = bars.add_task(what, total=effort, told=f"0/{total}")
        done = 0

        def tell(spent: float) -> None:
            nonlocal done
            done += 1
            bars.update(task, advance=spent, told=f"{done}/{total}")

        yield tell


@contextmanager
def shared(what: str) -> Iterator[Callable[[float], None]]:
    """A bar of one thing; call with the share of it that is done."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        task = bars.add_task(what, total=1.0)
        yield lambda share: bars.update(task, completed=share)
