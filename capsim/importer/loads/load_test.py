"""What a load test has measured, in whichever format: told by its content, or by the user."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from types import ModuleType

from capsim.documents.kinds import MEASUREMENTS, kind_of
from capsim.errors import CodedWarning, Fault, InputError, did_you_mean
from capsim.importer.imported import COMMAND_LINE
from capsim.importer.loads.formats import FORMATS
from capsim.importer.loads.head import Head, read_head
from capsim.importer.loads.measured import MOST_FAULTS, OPTIONS, Given, Measurements, point_faults

NOTHING = Given()
TABLE = "table"
OWN = "capsim"
LONGEST_NAME = 200


def read_load_test(path: Path, form: str | None = None, given: Given = NOTHING) -> Measurements:
    """The load points in a file that a load generator or a server has written.

    Args:
        path: the file.
        form: its format, the name of a module of `capsim.importer.loads.formats`; told by the content if not given.
        given: what the file does not say.

    Raises:
        InputError: no such file, a format that is not known, an option that means nothing in this format, or
            everything that is wrong with the values.
    """
    name = _named(form) if form else _told(path, read_head(path), given)
    reader = FORMATS[name]
    _check_used(name, reader, given)
    measurements: Measurements = reader.read(path, given)
    faults = [fault for point in measurements.points for fault in point_faults(point)]
    if faults:
        raise InputError(str(path), faults[:MOST_FAULTS])
    return replace(measurements, source=path.name, format=name.replace("_", "-"))


def joined(files: Sequence[Measurements]) -> Measurements:
    """Several files of one campaign as one: the points of all, in the order of the files."""
    first = files[0]
    if len(files) == 1:
        return first
    warnings = [warning for file in files for warning in file.warnings]
    kinds = {(file.latency_holds, file.at_server) for file in files}
    if len(kinds) > 1:
        said = "the files differ in what their latency holds; no prediction fits both"
        warnings.append(CodedWarning("mixed_measurements", said))
    loops, gaps = {file.loop for file in files}, {file.gaps for file in files}
    return Measurements(
        source=_named_together([file.source for file in files]),
        format=", ".join(dict.fromkeys(file.format for file in files)),
        tool=", ".join(dict.fromkeys(file.tool for file in files)),
        points=[point for file in files for point in file.points],
        latency_holds="; or ".join(dict.fromkeys(file.latency_holds for file in files)),
        loop=first.loop if len(loops) == 1 else "given",
        gaps=first.gaps if len(gaps) == 1 else None,
        at_server=any(file.at_server for file in files),
        notes=[f"{file.source}: {note}" for file in files for note in file.notes],
        warnings=warnings,
    )


def _named_together(names: Sequence[str]) -> str:
    """The names of several files, the first alone where they are long."""
    together = ", ".join(names)
    return together if len(together) <= LONGEST_NAME else f"{names[0]} and {len(names) - 1} more files"


def _named(form: str) -> str:
    name = form.replace("-", "_")
    if name not in FORMATS:
        known = [each.replace("_", "-") for each in FORMATS]
        said = f"unknown format '{form}'{did_you_mean(form, known)}; choose one of {', '.join(known)}"
        raise InputError(COMMAND_LINE, [Fault("--format", said)])
    return name


def _told(path: Path, head: Head, given: Given) -> str:
    """The format that the beginning of the file shows."""
    if given.column:
        return TABLE
    names = [name for name, reader in FORMATS.items() if not head.binary and reader.sniff(head)]
    if len(names) == 1:
        return names[0]
    if names:
        said = f"may be {' or '.join(name.replace('_', '-') for name in names)}; say which with --format"
        raise InputError(str(path), [Fault("", said)])
    if head.binary:
        said = "is binary; vegeta's results become text with `vegeta encode --to csv`"
        raise InputError(str(path), [Fault("", said)])
    if head.whole and (kind := kind_of(head.text, MEASUREMENTS)):
        raise InputError(str(path), [Fault("", f"is {kind}")])
    tabular = head.has_columns("timestamp_s") or (head.lines and any(mark in head.lines[0] for mark in ",;\t"))
    if tabular and not head.record:
        return OWN  # a table of whatever form: its faults say which columns are needed
    if "http_req_duration" in head.text:
        said = "is what k6 prints for people; write its numbers with --summary-export=FILE, or --out csv=FILE"
        raise InputError(str(path), [Fault("", said)])
    tools = ", ".join(dict.fromkeys(reader.TOOL for reader in FORMATS.values()))
    said = f"is of no known format ({tools}); --column names the columns of another table, --format forces one"
    raise InputError(str(path), [Fault("", said)])


def _check_used(name: str, reader: ModuleType, given: Given) -> None:
    """Refuse options that would go unheard."""
    used: frozenset[str] = reader.USES
    faults = []
    for field in fields(given):
        if field.name not in OPTIONS or getattr(given, field.name) == field.default or field.name in used:
            continue
        takes = ", ".join(OPTIONS[each] for each in OPTIONS if each in used) or "no such option"
        said = f"means nothing for the format {name.replace('_', '-')}, which takes {takes}"
        faults.append(Fault(OPTIONS[field.name], said))
    if faults:
        raise InputError(COMMAND_LINE, faults)
