"""Workbooks recalculated by LibreOffice, as somebody who opens one and changes a cell would see them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import openpyxl
import pytest

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""
"""LibreOffice takes the values in the file for true unless its profile says otherwise."""


def changed_and_recalculated(workbook: Path, changes: dict[str, float]) -> dict[str, Any]:
    """The values of all named cells after some of them were changed; skips where LibreOffice is not installed."""
    if OFFICE is None:
        pytest.skip("LibreOffice is not installed, which recalculates workbooks")
    folder = workbook.parent
    book = openpyxl.load_workbook(workbook)
    for name, value in changes.items():
        sheet, cell = place(book, name)
        book[sheet][cell] = value
    book.save(folder / "changed.xlsx")
    profile = folder / "office"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(ALWAYS)
    there = ["--convert-to", "xlsx", "--outdir", str(folder / "out"), str(folder / "changed.xlsx")]
    command = [OFFICE, f"-env:UserInstallation={profile.as_uri()}", "--headless", *there]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return named_values(folder / "out" / "changed.xlsx")


def named_values(workbook: Path) -> dict[str, Any]:
    """The values of all named cells as the file has them."""
    book = openpyxl.load_workbook(workbook, data_only=True)
    places = {name: place(book, name) for name in book.defined_names}
    return {name: book[sheet][cell].value for name, (sheet, cell) in places.items()}


def place(book: Any, name: str) -> tuple[str, str]:
    """The sheet and the cell of a name."""
    [(sheet, cell)] = book.defined_names[name].destinations
    return sheet, cell.replace("$", "")
