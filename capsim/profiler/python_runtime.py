"""Any Python function that takes a batch size and runs a batch to its end."""

from __future__ import annotations

import importlib
import platform
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from capsim.errors import Fault, InputError, MeasurementError, did_you_mean
from capsim.profiler.runtime import OutOfMemoryError, Run, brief


class PythonRuntime:
    """A function of the user; what it runs, and where, is its own affair.

    Attributes:
        name: `python`.
        version: of Python.
        precision: as given.
    """

    name = "python"

    def __init__(self, function: Callable[[int], object], precision: str) -> None:
        """Measure a function of a batch size."""
        self.version = platform.python_version()
        self.precision = precision
        self._function = function

    def conditions(self) -> Mapping[str, object]:
        """Which function it was."""
        return {"callable": f"{self._function.__module__}:{self._function.__qualname__}"}

    def prepare(self, batch_size: int, instance: int = 0) -> Run:  # noqa: ARG002 - instances call the same function
        """The function for one batch size; it builds its own inputs."""

        def run() -> None:
            try:
                self._function(batch_size)
            except MemoryError as error:
                raise OutOfMemoryError("out of memory") from error
            except Exception as error:
                raise MeasurementError(f"{type(error).__name__}: {brief(error)}") from error

        return run


def function(named: str) -> Callable[[int], object]:
    """The function that `module:function` names; its module is looked for in the current directory too.

    Importing the module runs it, which is what the user asked for.

    Raises:
        InputError: there is none.
    """
    module_name, colon, name = named.partition(":")
    if not (colon and module_name and name):
        raise _fault(f"expected module:function, got '{named}'")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        module = importlib.import_module(module_name)
    except Exception as error:
        raise _fault(f"cannot import {module_name}: {type(error).__name__}: {brief(error)}") from error
    member = getattr(module, name, None)
    if member is None:
        raise _fault(f"{module_name} has no {name}{did_you_mean(name, vars(module))}")
    if not callable(member):
        raise _fault(f"{named} is no function but a {type(member).__name__}")
    return member  # type: ignore[no-any-return]  # what it takes shows when it is called


def _fault(message: str) -> InputError:
    return InputError("the command line", [Fault("--callable", message)])
