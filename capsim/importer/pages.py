"""The table of a Markdown page that is meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from capsim.documents import read_text
from capsim.documents.markdown import MarkdownTable, markdown_tables
from capsim.errors import Fault, InputError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd

ENDINGS = frozenset({".md", ".markdown"})
MOST_BYTES = 16 * 1024**2
MOST_TOLD = 5


def page_table(file: Path, section: str | None, wanted: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """The one table below a heading that has the columns wanted; row i of it stands on line i + 2.

    Args:
        file: the page.
        section: the heading or a part of it; None: any.
        wanted: the columns that the table must have, by what they hold.

    Raises:
        InputError: no such file, heading or table, several of them, or a row of more cells than columns.
    """
    import pandas as pd

    tables = list(markdown_tables(read_text(file, MOST_BYTES)))
    below = _below(tables, section)
    if section is not None and not below:
        hint = did_you_mean(section, {table.section for table in tables})
        raise InputError(str(file), [Fault("--section", f"no table stands below a heading '{section}'{hint}")])
    needed = {column for columns in wanted.values() for column in columns}
    fitting = [table for table in below if needed <= set(table.columns)] or below
    if len(fitting) != 1:
        said = f"{len(fitting)} tables may be meant{_told(fitting)}" if fitting else "has no table"
        raise InputError(str(file), [Fault("--section", f"{said}; name the heading, and columns with --column")])
    (table,) = fitting
    twice = [name for name in table.columns if table.columns.count(name) > 1]
    if twice:
        raise InputError(str(file), [Fault(twice[0], "is the name of several columns", table.line)])
    wide = [line for line, cells in table.rows.items() if len(cells) > len(table.columns)]
    if wide:
        raise InputError(str(file), [Fault("", f"has more cells than the {len(table.columns)} columns", wide[0])])
    return pd.DataFrame(
        list(table.rows.values()), columns=table.columns, index=[line - 2 for line in table.rows], dtype=str
    )


def _below(tables: Sequence[MarkdownTable], section: str | None) -> list[MarkdownTable]:
    """Those below the heading; if none is called so, those below headings that hold the words."""
    if section is None:
        return list(tables)
    exact = [table for table in tables if table.section.lower() == section.lower()]
    return exact or [table for table in tables if section.lower() in table.section.lower()]


def _told(tables: Iterable[MarkdownTable]) -> str:
    places = [f"line {table.line} ({table.section or 'no heading'})" for table in tables]
    more = f" and {len(places) - MOST_TOLD} more" if len(places) > MOST_TOLD else ""
    return f", on {', '.join(places[:MOST_TOLD])}{more}"
