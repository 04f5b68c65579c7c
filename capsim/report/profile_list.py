"""The table of latency profiles: for a terminal, and for the pages."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from capsim.profile.catalogue import Catalogue
from capsim.profile.model import LatencyProfile
from capsim.report.profile import headline


def catalogue_table(found: Catalogue) -> Table:
    """A line for each profile, and what it was measured on below its name."""
    table = Table("profile", "batch sizes", "samples", "tail", "measured", box=None, pad_edge=False, header_style="dim")
    table.columns[0].overflow = "fold"
    for column in table.columns[1:]:
        column.no_wrap = True
    for profile in found.profiles:
        name = Text.assemble(profile.file, "\n", (headline(profile), "dim"))
        table.add_row(name, sizes_of(profile), samples_of(profile), tail_of(profile), date_of(profile))
    return table


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
