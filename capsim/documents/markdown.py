"""Tables of a Markdown page, as GitHub writes them (GFM 0.29, section 4.10), with the line that each row stands on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

HEADING = re.compile(r" {0,3}#{1,6}[ \t]+(.*?)[ \t#]*")
DIVIDER = re.compile(r"\s*\|?(\s*:?-+:?\s*\|)*\s*:?-+:?\s*\|?\s*")
FENCE = re.compile(r" {0,3}(```|~~~)")
OTHER = re.compile(r"\s*$| {0,3}[<>]")
"""What ends a table: an empty line, HTML, a quotation."""
BAR = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True)
class MarkdownTable:
    """A table of a page.

    Attributes:
        section: the heading that it stands below; empty where there is none.
        line: of its header, from 1.
        columns: the names in its header.
        rows: the cells of each row, as many as there are columns or more, by line.
    """

    section: str
    line: int
    columns: list[str]
    rows: dict[int, list[str]] = field(default_factory=dict)


def markdown_tables(text: str) -> Iterator[MarkdownTable]:
    """The tables of a page in their order; what stands in a fence of code is none."""
    lines = ["", *text.splitlines()]
    section, fenced, table = "", False, None
    for number, line in enumerate(lines):
        fenced ^= bool(FENCE.match(line))
        heading = HEADING.fullmatch(line)
        if table is not None and (fenced or heading or OTHER.match(line)):
            yield table
            table = None
        if heading and not fenced:
            section = heading[1]
        elif table is not None and number > table.line + 1:
            cells = _cells(line)
            table.rows[number] = cells + [""] * (len(table.columns) - len(cells))
        elif table is None and not fenced and _heads(line, lines[number + 1 : number + 2]):
            table = MarkdownTable(section, number, _cells(line))
    if table is not None:
        yield table


def _heads(line: str, following: Sequence[str]) -> bool:
    """Whether a line is the header of a table: what follows divides as many cells."""
    divided = [below for below in following if BAR.search(line) and BAR.search(below) and DIVIDER.fullmatch(below)]
    return any(len(_cells(below)) == len(_cells(line)) for below in divided)


def _cells(line: str) -> list[str]:
    parts = BAR.split(line.strip())
    parts = parts[1:] if not parts[0].strip() else parts
    parts = parts[:-1] if parts and not parts[-1].strip() else parts
    return [part.strip().replace("\\|", "|") for part in parts]
