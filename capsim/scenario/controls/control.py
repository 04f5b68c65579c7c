"""A setting with its range, and settings put together."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from capsim.documents import Document
from capsim.errors import InputError
from capsim.scenario.overrides import override
from capsim.units import TIME

LOAD, OBJECTIVE, RUN = "load", "objective", "run"
"""Groups of controls besides the pools'."""
NS_PER_MS, LONGEST_MS = 1_000_000, 3.6e6
Value = float | int | str | None


@dataclass(frozen=True)
class Control:
    """A setting with its range.

    Attributes:
        path: as `--set` names it.
        label: what it is, with its unit.
        group: `load`, `objective`, `run`, `route`, `clients`, `pool NAME` or `class NAME`.
        value: where it stands.
        text: the value as `--set` takes it.
        choices: the values to choose from; none for a range.
        low: of a range.
        high: of a range.
        step: of a range.
        wide: the range is too wide to slide along.
        farthest: how far a value can be typed beside the range; none where the range holds all.
        named: what a value is called.
        about: what it does, in a sentence.
    """

    path: str
    label: str
    group: str
    value: Value
    text: Callable[[Any], str]
    choices: tuple[Value, ...] = ()
    low: float = 0
    high: float = 0
    step: float = 1
    wide: bool = False
    farthest: float | None = None
    named: Callable[[Any], str] = str
    about: str = ""


def whole(path: str, label: str, group: str, value: int, most: int, farthest: int, about: str) -> Control:
    """A count from 1 on; the range holds the value."""
    return Control(path, label, group, value, str, low=1, high=max(most, value), farthest=farthest, about=about)


def milliseconds(path: str, label: str, group: str, value_ns: int | None, about: str, usual_ns: int = 0) -> Control:
    """A time to type; the range holds the value."""
    own = (value_ns or usual_ns) / NS_PER_MS
    return Control(
        path,
        label,
        group,
        None if value_ns is None else value_ns / NS_PER_MS,
        lambda ms: TIME.format(round(ms * NS_PER_MS)),
        low=min(0.001, own),
        high=max(LONGEST_MS, own),
        step=nice(max(own, 0.001) / 20),
        wide=True,
        about=about,
    )


def percentage(
    path: str, label: str, group: str, value: float | None, about: str, most: float = 1.0, *, wide: bool = False
) -> Control:
    """A share to slide along or, where it may be empty, to type."""
    percent = None if value is None else float(plain(value * 100))
    high = float(plain(most * 100))
    return Control(path, label, group, percent, _percent, low=0, high=high, step=0.1, wide=wide, about=about)


def _percent(value: float) -> str:
    return f"{plain(value)} %"


def rising(values: Collection[int]) -> tuple[Value, ...]:
    """Choices in their order."""
    return tuple(sorted(values))


def plain(value: float) -> str:
    """A number without what floating point adds."""
    return f"{value:.10g}"


def flow(value: Any) -> str:
    """YAML on one line, as `--set` takes it."""
    return str(yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=math.inf)).strip()


def nice(step: float) -> float:
    """The largest of 1, 2 and 5 times a power of ten that is at most `step`."""
    power = 10.0 ** math.floor(math.log10(step))
    factor = max(factor for factor in (1, 2, 5) if factor * power <= step * (1 + 1e-9))
    return float(f"{factor * power:.3g}")


def put(settings: Sequence[str], path: str, text: str | None, given: str | None = None) -> tuple[str, ...]:
    """The settings with one more: it replaces those at its path and below, and goes into one that holds its path.

    Args:
        settings: `PATH=VALUE` each, in their order.
        path: what is set.
        text: the value; None takes the setting away.
        given: what the scenario has without settings; a setting of just that is left out where no other holds it.
    """
    kept = tuple(setting for setting in settings if not _within(path_of(setting), path))
    holding = next((setting for setting in kept if _within(path, path_of(setting))), None)
    if text is None or (text == given and holding is None):
        return kept
    if holding is None:
        return (*kept, f"{path}={text}")
    try:
        whole_value = _with_part(holding, path, text)
    except InputError:
        # Left side by side, so that whoever applies them tells what is wrong.
        return (*kept, f"{path}={text}")
    return tuple(whole_value if setting is holding else setting for setting in kept)


def _with_part(setting: str, path: str, text: str) -> str:
    """A setting whose value holds a path, with another value there."""
    outer, _, value = setting.partition("=")
    below = path.removeprefix(outer.strip())
    document = override(Document("value", {}), [f"value={value}"])
    return f"{outer}={flow(override(document, [f'value{below}={text}']).data['value'])}"


def path_of(setting: str) -> str:
    """The path of `PATH=VALUE`."""
    return setting.partition("=")[0].strip()


def _within(path: str, other: str) -> bool:
    return path == other or path.startswith((f"{other}.", f"{other}["))
