"""Workbooks with live formulas, each written with its value, so that readers that don't calculate show it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from capsim.errors import Fault, InputError, MissingExtraError

USD, SHARE, PLAIN, USD_EXACT = "#,##0.00", "0.0%", "General", "#,##0.00####"
WIDEST = 70


def check_workbooks() -> None:
    """Refuse before the work is done where workbooks cannot be written.

    Raises:
        MissingExtraError: XlsxWriter is not installed.
    """
    try:
        import xlsxwriter  # noqa: F401 - asked for, not used
    except ModuleNotFoundError:
        raise MissingExtraError("XlsxWriter", "xlsx") from None


class Sheet:
    """A sheet that is filled from the top, and remembers how wide its columns have to be."""

    def __init__(self, book: Any, name: str, widths: Sequence[int]) -> None:
        """An empty sheet of a workbook of XlsxWriter."""
        self._sheet, self._book, self.name, self.row = book.add_worksheet(name), book, name, 0
        for column, width in enumerate(widths):
            self._sheet.set_column(column, column, min(width, WIDEST))
        self._formats: dict[tuple[str, bool], Any] = {}

    def heading(self, *cells: str) -> int:
        """A row of bold words; gives its number, counted from 0."""
        for column, text in enumerate(cells):
            self._sheet.write_string(self.row, column, text, self._format(PLAIN, bold=True))
        return self._next()

    def line(self, *cells: Any, shown: Sequence[str] = (), bold: bool = False) -> int:
        """A row: words, numbers, or (formula, value); `shown` has the format of each column."""
        for column, cell in enumerate(cells):
            self._write(self.row, column, cell, shown[column] if column < len(shown) else PLAIN, bold=bold)
        return self._next()

    def skip(self) -> None:
        """An empty row."""
        self.row += 1

    def cell(self, row: int, column: int) -> str:
        """The address of a cell as other sheets write it."""
        from xlsxwriter.utility import xl_rowcol_to_cell

        return f"'{self.name}'!{xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)}"

    def name_cell(self, name: str, row: int, column: int) -> None:
        """Give a cell a name for the whole workbook."""
        self._book.define_name(name, f"={self.cell(row, column)}")

    def chart(self, chart: Any, at: str) -> None:
        """Put a chart."""
        self._sheet.insert_chart(at, chart)

    def freeze(self, rows: int) -> None:
        """Let the first rows stand still."""
        self._sheet.freeze_panes(rows, 0)

    def _write(self, row: int, column: int, cell: Any, shown: str, *, bold: bool) -> None:
        style = self._format(shown, bold=bold)
        if isinstance(cell, tuple):
            formula, value = cell
            self._sheet.write_formula(row, column, f"={formula}", style, value if math.isfinite(value) else 0)
        elif cell is None:
            # An empty cell counts as 0 in a formula, where an empty text is an error.
            self._sheet.write_blank(row, column, None, style)
        elif isinstance(cell, str):
            self._sheet.write_string(row, column, cell, style)
        else:
            self._sheet.write_number(row, column, cell, style)

    def _format(self, shown: str, *, bold: bool) -> Any:
        key = (shown, bold)
        if key not in self._formats:
            self._formats[key] = self._book.add_format({"num_format": shown, "bold": bold, "text_wrap": False})
        return self._formats[key]

    def _next(self) -> int:
        self.row += 1
        return self.row - 1


def opened(path: Path) -> Any:
    """A new workbook in a file; texts are never read as formulas or links."""
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    return xlsxwriter.Workbook(str(path), options)


def closed(book: Any, path: Path, option: str) -> None:
    """Write a workbook out.

    Raises:
        InputError: the file system refused.
    """
    from xlsxwriter.exceptions import XlsxWriterException

    try:
        book.close()
    except XlsxWriterException as error:
        raise InputError(str(path), [Fault(option, f"cannot be written: {error}")]) from None
