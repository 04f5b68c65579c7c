"""`capsim profile import`: a command for each source, made of its options."""

from __future__ import annotations

import dataclasses
import inspect
import shlex
import sys
from collections.abc import Callable, Mapping, MutableMapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_type_hints

import typer
from typer.core import TyperGroup

from capsim.cli.usage import taken_for_another
from capsim.errors import Fault, InputError

if TYPE_CHECKING:
    from capsim.importer import Written


class Sources(TyperGroup):
    """A command for each source, made when one is asked for: sources import what other commands do not need."""

    @property
    def commands(self) -> MutableMapping[str, Any]:
        """By name."""
        return _commands()

    @commands.setter
    def commands(self, value: MutableMapping[str, Any]) -> None:
        """There are no others."""


app = typer.Typer(
    cls=Sources,
    no_args_is_help=True,
)


@app.callback()
def sources() -> None:
    """Make a latency profile of what another tool has measured. A command for each tool."""


Parameters = list[inspect.Parameter]
TOLD: dict[str, tuple[Any, str]] = {
    "model": (str | None, "The model, where the source does not say it."),
    "hardware": (Literal["cpu", "gpu", "edge"] | None, "What it ran on: cpu, gpu or edge."),
    "hardware_name": (str | None, "The device in words: 'NVIDIA L4'."),
    "runtime": (str | None, "The software that ran it, with its version."),
    "precision": (str | None, "fp32, fp16, int8 …"),
}
WRITTEN: dict[str, tuple[Any, str, Any]] = {
    "output": (Path | None, "The profile; named after hardware and model if not given.", None),
    "force": (bool, "Replace a profile that is there.", False),
}


def _option(name: str, kind: Any, words: str, default: Any) -> inspect.Parameter:
    flag = f"--{name.replace('_', '-')}"
    annotation = Annotated[kind, typer.Option(flag, help=words)]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _own(source: ModuleType) -> Parameters:
    """The options of a source: a field each, its docstring the help."""
    from pydantic import TypeAdapter

    hints = get_type_hints(source.Options)
    told = TypeAdapter(source.Options).json_schema().get("properties", {})
    theirs = []
    for field in dataclasses.fields(source.Options):
        several = field.default == ()
        kind = list[str] if several else hints[field.name]
        needed = field.default is dataclasses.MISSING
        default = inspect.Parameter.empty if needed else [] if several else field.default
        words = " ".join(told[field.name]["description"].split())
        theirs.append(_option(field.name, kind, words, default))
    return theirs


def _files(source: ModuleType) -> Parameters:
    annotation = Annotated[list[Path], typer.Argument(help=source.FILES)]
    return [inspect.Parameter("files", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=annotation)]


def _command(name: str, source: ModuleType) -> Callable[..., None]:
    files = _files(source) if source.FILES else []
    own = _own(source)
    # A source without files knows what it made itself.
    told = [_option(field, kind, words, None) for field, (kind, words) in TOLD.items()] if files else []
    written = [_option(field, kind, words, default) for field, (kind, words, default) in WRITTEN.items()]

    def command(**given: Any) -> None:
        from capsim.importer import Told, write

        paths: list[Path] = given.get("files", [])
        _check_files(paths)
        options = {each.name: _plain(given[each.name]) for each in own}
        facts = {each.name: given[each.name] for each in told}
        chosen = {each.name: given[each.name] for each in (*own, *told) if given[each.name] != each.default}
        imported = source.read(paths, source.Options(**options)).by_name(paths)
        origin = {
            "imported_from": source.TOOL,
            **({"files": [path.name for path in paths]} if paths else {}),
            "command": _words(name, paths, chosen),
        }
        _show(write(imported, Told(**facts), origin, given["output"], force=given["force"], inputs=paths))

    parameters = [*files, *own, *told, *written]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # inspect reads it, types do not know it
    command.__annotations__ = {each.name: each.annotation for each in parameters}
    command.__doc__ = source.__doc__
    return command


def _check_files(paths: list[Path]) -> None:
    """See that no further value of an option was taken for a file.

    Raises:
        InputError: there is no such file, and it stands behind an option and its value.
    """
    words = sys.argv[1:]
    hints = {path: taken_for_another(str(path), words) for path in paths if not path.exists()}
    faults = [Fault(str(path), f"no such file{hint}") for path, hint in hints.items() if hint]
    if faults:
        raise InputError("the command line", faults)


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _words(name: str, files: list[Path], options: Mapping[str, Any]) -> str:
    """The command that was given; files by name only, since paths are of this machine."""
    words = ["capsim", "profile", "import", name, *(path.name for path in files)]
    for field, value in options.items():
        for told in map(str, value if isinstance(value, list) else [value]):
            words += [f"--{field.replace('_', '-')}", Path(told).name if Path(told).is_absolute() else told]
    return shlex.join(words)


def _show(written: Written) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    profile = written.profile
    table = Table("batch size", "samples", "p50 ms", "p99 ms", title=str(written.file))
    for size in profile.batch_sizes:
        known = profile.tail_known
        quantiles = [f"{profile.quantile_ns(size, level) / 1e6:.4g}" for level in (0.5, 0.99)]
        count = profile.counts[1, size]
        table.add_row(str(size), str(count) if count else "", quantiles[0], quantiles[1] if known else "")
    Console().print(table)
    told = Console(stderr=True)
    if written.unknown:
        flags = ", ".join(f"--{name}" for name in written.unknown)
        told.print(Text(f"Not known of this measurement, and left empty: {flags}"))
    for warning in written.warnings:
        if warning.code != "provenance_incomplete":
            told.print(Text.assemble(("warning ", "yellow"), (warning.code, "bold"), f"  {warning.message}"))


@cache
def _commands() -> dict[str, Any]:
    from capsim.importer.sources import SOURCES

    made = typer.Typer()
    made.callback()(sources)
    for name, source in SOURCES.items():
        dashed = name.replace("_", "-")
        made.command(dashed)(_command(dashed, source))
    return dict(typer.main.get_group(made).commands)
