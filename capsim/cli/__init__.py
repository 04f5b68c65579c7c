"""The command line: parse, call, render."""

from __future__ import annotations

import signal
import sys
import threading
from typing import Annotated, Any

import typer

from capsim.cli import (
    calibrate,
    check,
    compare,
    cost,
    explore,
    forecast,
    init,
    plan,
    prices,
    profile,
    report,
    run,
    schema,
    sweep,
    validate,
)
from capsim.cli.streams import OutputError, take_over
from capsim.cli.usage import explain
from capsim.errors import CapsimError, Fault, InputError

OK, NO, BAD_INPUT, INTERNAL, INTERRUPTED, UNREAD, TERMINATED = 0, 1, 2, 3, 130, 141, 143

app = typer.Typer(
    name="capsim",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Predict p99 latency, throughput and cost of an AI serving system before you buy it.",
    epilog="Exit codes: 0 answered, 1 the answer is no, 2 bad input or no room for the answer, 3 an internal fault, "
    "130 interrupted, 141 nobody reads the answer any more.",
)
app.command()(run.run)
app.command()(check.check)
app.command()(plan.plan)
app.command()(cost.cost)
app.command()(forecast.forecast)
app.command()(report.report)
app.command()(compare.compare)
app.command()(sweep.sweep)
app.command()(validate.validate)
app.command()(calibrate.calibrate)
app.command()(explore.explore)
app.command()(schema.schema)
app.command()(init.init)
app.add_typer(profile.app, name="profile")
app.add_typer(prices.app, name="prices")


def main() -> None:
    """Run the command line and exit with its code."""
    take_over()
    _end_tidily()
    try:
        _call()
    except OutputError as error:
        if error.unread:
            sys.exit(UNREAD)
        typer.echo(error, err=True)
        sys.exit(BAD_INPUT)
    except CapsimError as error:
        typer.echo(error, err=True)
        _tell_as_json(error)
        sys.exit(BAD_INPUT)
    except KeyboardInterrupt:
        typer.echo("Interrupted.", err=True)
        sys.exit(INTERRUPTED)
    except MemoryError:
        typer.echo("There is not enough memory for this; shorten it, or give it more.", err=True)
        sys.exit(BAD_INPUT)
    except OSError as error:
        typer.echo(": ".join(str(part) for part in (error.filename, error.strerror or error) if part), err=True)
        sys.exit(BAD_INPUT)
    except Exception as error:  # noqa: BLE001 - the last resort tells internal faults from wrong input
        _tell_internal(error)
        sys.exit(INTERNAL)


def _call() -> None:
    """The command, until its answer is out.

    Raises:
        CapsimError: what the command raises.
        SystemExit: with the code of the command, or that of bad input where the words of the command line are wrong.
    """
    try:
        code = app(standalone_mode=False)
    except Exception as error:
        # The class of usage errors has moved between releases of typer; what it can do has not.
        usage: Any = error
        if not hasattr(error, "format_message"):
            raise
        explain(usage, sys.argv[1:])
        usage.show()
        _tell_as_json(InputError("the command line", [Fault("", usage.format_message())]))
        sys.exit(BAD_INPUT)
    sys.stdout.flush()
    sys.exit(code or OK)


def _tell_as_json(error: CapsimError) -> None:
    """The faults on standard output where an answer in JSON was asked for; the words are on standard error."""
    import json

    if "--json" in sys.argv[1:]:
        typer.echo(json.dumps(error.to_dict(), indent=2, allow_nan=False))


def _tell_version(wanted: bool) -> None:
    if wanted:
        from capsim._version import VERSION

        typer.echo(f"capsim {VERSION}")
        raise typer.Exit


@app.callback()
def start(
    version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Print the version of capsim.")
    ] = False,
) -> None:
    """Predict p99 latency, throughput and cost of an AI serving system before you buy it."""


def _end_tidily() -> None:
    """Let a request to end, as of a scheduler, remove what is unfinished and end the processes that were started."""
    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))


def _tell_internal(error: Exception) -> None:
    import platform
    import traceback

    from capsim._version import VERSION

    traceback.print_exception(error, file=sys.stderr)
    typer.echo(
        f"\nThis is a fault of capsim, not of your input. Please report it with the lines above, the scenario and: "
        f"capsim {VERSION}, Python {platform.python_version()}, {platform.system()} {platform.machine()}.",
        err=True,
    )
