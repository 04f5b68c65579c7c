"""What `validate` and `calibrate` ask about a file of measurements."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_type_hints

import typer

if TYPE_CHECKING:
    from capsim.importer.loads.measured import Measurements
    from capsim.scenario import Scenario

_MEASURED = typer.Option(
    metavar="FILE",
    help="What was measured: CSV with a row per load point (clients or rate_per_s, then throughput_per_s, mean_ms, "
    "p50_ms, p90_ms, p95_ms, p99_ms as far as measured), a request log (sent_s, latency_ms), or what a load generator "
    "or a server writes. Repeatable.",
)
MeasuredFiles = Annotated[list[Path], _MEASURED]


@dataclasses.dataclass(frozen=True)
class Asked:
    """What a file of measurements may not say; each field an option."""

    form: Annotated[
        str | None,
        typer.Option("--format", metavar="NAME", help="The format of the file; told by its content unless given."),
    ] = None
    only: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Which configuration, endpoint or path in the file to take; * stands for any letters.",
        ),
    ] = None
    clients: Annotated[
        str | None,
        typer.Option(
            metavar="N[,N…]",
            help="How many clients waited for their answers, where the file is silent; of several files each its own.",
        ),
    ] = None
    rate: Annotated[
        str | None,
        typer.Option(
            metavar="PER_S[,PER_S…]",
            help="At how many requests/s requests were sent, where the file is silent; of several files each its own.",
        ),
    ] = None
    column: Annotated[
        list[str],
        typer.Option(
            metavar="NAME=COLUMN",
            help="Which column of a table of another tool holds clients, rate_per_s, throughput_per_s, mean, p50, p90, "
            "p95, p99; or, of a row per request, sent, ended, latency, outcome. Repeatable.",
        ),
    ] = dataclasses.field(default_factory=list)
    unit: Annotated[
        Literal["s", "ms", "us", "ns"] | None,
        typer.Option(help="The unit of the latencies, where the file is silent."),
    ] = None
    log_format: Annotated[
        str | None,
        typer.Option(metavar="FORMAT", help="The log_format of nginx that an access log was written with."),
    ] = None

    def read(self, paths: Sequence[Path], scenario: Scenario) -> Measurements:
        """What the files say, with what the options add to it.

        Raises:
            InputError: see `read_load_test`.
        """
        from capsim.importer.loads.load_test import joined, read_load_test
        from capsim.importer.loads.measured import Given

        clients = _each(self.clients, len(paths), "--clients", most=1e6)
        rates = _each(self.rate, len(paths), "--rate", most=1e9)
        files = []
        for path, count, rate in zip(paths, clients, rates, strict=True):
            given = Given(
                only=self.only,
                clients=None if count is None else int(count),
                rate_per_s=rate,
                column=tuple(self.column),
                unit=self.unit,
                log_format=self.log_format,
                items_per_request=scenario.items_per_unit,
            )
            files.append(read_load_test(path, self.form, given))
        return joined(files)


def _each(text: str | None, files: int, option: str, *, most: float) -> list[float | None]:
    """A number for each file, or one for all."""
    if text is None:
        return [None] * files
    words = [word.strip() for word in text.split(",")]
    whole = option == "--clients"
    numbers: list[float | None] = []
    for word in words:
        try:
            value = float(word)
        except ValueError:
            value = math.nan
        if not 0 < value <= most or (whole and value != int(value)):
            expected = "a whole number from 1" if whole else "requests/s above 0"
            raise typer.BadParameter(f"expected {expected}, got '{word}'", param_hint=option)
        numbers.append(value)
    if len(numbers) not in {1, files}:
        raise typer.BadParameter(f"expected one number, or one for each of the {files} files", param_hint=option)
    return numbers * files if len(numbers) == 1 else numbers


def asks(command: Callable[..., None]) -> Callable[..., None]:
    """A command with an option for each field of `Asked` in place of its parameter `asked`."""
    hints = get_type_hints(Asked, include_extras=True)
    options = [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=[] if field.default is dataclasses.MISSING else field.default,
            annotation=hints[field.name],
        )
        for field in dataclasses.fields(Asked)
    ]
    signature = inspect.signature(command, eval_str=True)
    others = [
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for parameter in signature.parameters.values()
        if parameter.name != "asked"
    ]

    @functools.wraps(command)
    def spread(**given: Any) -> None:
        asked = Asked(**{option.name: given.pop(option.name) for option in options})
        command(asked=asked, **given)

    parameters = [*others, *options]
    spread.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # inspect reads it, types do not know it
    spread.__annotations__ = {each.name: each.annotation for each in parameters}
    return spread
