"""What only the user may know of a load test, asked for where the file is silent."""

from __future__ import annotations

from capsim.errors import Fault, InputError
from capsim.importer.imported import COMMAND_LINE
from capsim.importer.loads.measured import Given


def told_load(given: Given, source: str, why: str) -> tuple[str, float]:
    """The load that the user says a file was measured under.

    Raises:
        InputError: neither a number of clients nor a rate, or both.
    """
    check_one_load(given)
    if given.clients is not None:
        return "clients", float(given.clients)
    if given.rate_per_s is not None:
        return "rate_per_s", given.rate_per_s
    said = f"{why}; say --clients N of a closed loop, or --rate of an open one"
    raise InputError(source, [Fault("--clients", said)])


def check_one_load(given: Given) -> None:
    """Refuse a load that is both closed and open.

    Raises:
        InputError: clients and a rate are given.
    """
    if given.clients is not None and given.rate_per_s is not None:
        raise InputError(COMMAND_LINE, [Fault("--clients", "a load is either of clients or of a rate")])
