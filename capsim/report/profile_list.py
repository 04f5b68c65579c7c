"""The list of latency profiles: for a terminal, and for the pages."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.text import Text

from capsim.profile.model import LatencyProfile

GAP = 2
MODEL, UNKNOWN = "model", "–"


def catalogue_lines(profiles: Sequence[LatencyProfile], width: int | None) -> Iterator[Text]:
    """The profiles by hardware, a line each that begins with the whole name; two where a line is longer than `width`.

    Args:
        profiles: at least one.
        width: letters in a line; None: as many as it takes.
    """
    profiles = sorted(profiles, key=_hardware)
    rows = [_cells(profile) for profile in profiles]
    heads = [head for head in rows[0] if head != MODEL or not all(map(_named, profiles))]
    widths = [max(map(cell_len, (head, *(row[head] for row in rows)))) + GAP for head in heads]
    two = width is not None and sum(widths) - GAP > width
    if not two:
        yield Text(_padded(heads, widths), style="dim")
    together = zip(profiles, rows, strict=True)
    for hardware, group in itertools.groupby(together, lambda each: _hardware(each[0])):
        yield Text(f"\n{hardware}", style="bold")
        for profile, row in group:
            yield Text(profile.file if two else _padded([row[head] for head in heads], widths))
            if two:
                told = [*(f"{head} {row[head]}" for head in heads[1:-1]), row[heads[-1]]]
                yield Text(f"  {', '.join(told)}", style="dim")


def _named(profile: LatencyProfile) -> bool:
    """Whether the file's name says the model."""
    return profile.model is not None and profile.model.lower() in profile.file.lower()


def _cells(profile: LatencyProfile) -> dict[str, str]:
    """What a line tells, by its head."""
    return {
        "profile": profile.file,
        MODEL: ", ".join(filter(None, (profile.model, profile.precision, profile.runtime))) or UNKNOWN,
        "batch sizes": sizes_of(profile),
        "samples": samples_of(profile),
        "tail": tail_of(profile),
        "measured": date_of(profile),
    }


def _padded(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "".join(cell + " " * (width - cell_len(cell)) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _hardware(profile: LatencyProfile) -> str:
    """What it was measured on, in words."""
    return f"{profile.hardware.name} ({profile.hardware.kind})" if profile.hardware else "on hardware that is not told"


def samples_of(profile: LatencyProfile) -> str:
    """How many samples each batch size has at least."""
    return f"≥ {profile.samples:,}" if profile.samples else "none"


def tail_of(profile: LatencyProfile) -> str:
    """How well the slowest batches are known: their p99 may be open at some batch sizes, or nothing measured."""
    if not profile.tail_known:
        return "unknown"
    return "open above" if any(not worth.ends for worth in profile.worth.values()) else "known"


def date_of(profile: LatencyProfile) -> str:
    """When it was measured, or else imported."""
    told = profile.measured
    return str(told.get("at") or (f"imported {told['imported']}" if "imported" in told else "–"))


def sizes_of(profile: LatencyProfile) -> str:
    """The range of batch sizes and how many there are."""
    sizes = profile.batch_sizes
    return str(sizes[0]) if len(sizes) == 1 else f"{sizes[0]}–{sizes[-1]} ({len(sizes)})"
