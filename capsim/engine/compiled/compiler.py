"""The compiler: Numba, kept from being imported where all code is on disk.

Parts are compiled with those that call them, for given values of the constants of `features`; Numba then leaves
out what is behind a false one before it looks at it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import CellType, FunctionType
from typing import Any, TypeVar, cast

import llvmlite.binding as llvm
import numba
from numba.core import compiler as pipeline
from numba.core.errors import NumbaError
from numba.core.registry import cpu_target

from capsim.engine.compiled.features import Constant
from capsim.engine.compiled.machine import NotCompiledError

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, eq=False)
class Part:
    """A function, and how it is compiled into those that call it."""

    function: Any
    signature: Any
    inline: bool


def part(signature: Any, inline: bool = False) -> Callable[[F], F]:
    """Compile a function as a part of those that call it; `inline` puts it into them."""

    def decorate(function: F) -> F:
        return cast("F", Part(function, signature, inline))

    return decorate


class _Parts:
    """Functions for given values of constants."""

    def __init__(self, constants: Mapping[str, Any]) -> None:
        self._constants = constants
        self._compiled: dict[Part, Any] = {}

    def bound(self, function: Any) -> Any:
        """The function with the constants and with compiled parts in the place of those that it names."""
        named = set(function.__code__.co_names)
        scope = {
            name: self._resolved(value) if name in named else value for name, value in function.__globals__.items()
        }
        cells = tuple(CellType(self._resolved(cell.cell_contents)) for cell in function.__closure__ or ())
        copy = FunctionType(function.__code__, scope, function.__name__, function.__defaults__, cells)
        copy.__module__, copy.__qualname__ = function.__module__, function.__qualname__
        return copy

    def _resolved(self, value: Any) -> Any:
        if isinstance(value, Constant):
            return self._constants[value.name]
        if not isinstance(value, Part):
            return value
        if value not in self._compiled:
            compiled: Any = numba.njit(forceinline=value.inline, no_cpython_wrapper=True, no_cfunc_wrapper=True)(
                self.bound(value.function)
            )
            resolve = compiled.get_call_template
            # Numba would compile it anew for every literal that it is called with; it has its one signature.
            compiled.get_call_template = lambda _args, _kws: resolve(value.signature.args, {})
            self._compiled[value] = compiled
        return self._compiled[value]


def compiled(function: Any, signature: Any, constants: Mapping[str, Any]) -> tuple[str, bytes]:
    """Symbol and object code of a function, with all its parts.

    Raises:
        NotCompiledError: Numba can't, or the code would need something outside.
    """
    if numba.config.DISABLE_JIT:
        raise NotCompiledError("NUMBA_DISABLE_JIT is set")
    flags = pipeline.Flags()
    flags.no_cpython_wrapper = flags.no_cfunc_wrapper = flags.nrt = True
    typing, target = cpu_target.typing_context, cpu_target.target_context
    typing.refresh()
    target.refresh()
    bound = _Parts(constants).bound(getattr(function, "function", function))
    try:
        found = pipeline.compile_extra(typing, target, bound, signature.args, signature.return_type, flags, {})
    except NumbaError as error:
        raise NotCompiledError(str(error).strip().splitlines()[0]) from error
    module = found.library._final_module
    for name in (each.name for each in (*module.functions, *module.global_variables) if each.is_declaration):
        if not name.startswith("llvm.") and not llvm.address_of_symbol(name):
            raise NotCompiledError(f"its code needs {name}")
    return found.fndesc.llvm_func_name, found.library._get_compiled_object()
